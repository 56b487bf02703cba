"""Searches over the steps of a trace: at each step several continuations are drawn, and a scorer says which to keep."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from configs.aggregate import Aggregate, ScorerName
from configs.section import Section

MOST = 1024
"""Upper bound on what one search draws at a time."""
Stop = Annotated[str, StringConstraints(min_length=1)]


class ScoredSearch(Section):
    """What all kinds have in common."""

    scorer: ScorerName
    """One of the config's `scorers`. It ranks what was drawn, and accepts nothing by itself."""
    aggregate: Aggregate | None = None
    """What stands for several steps: `last`, `min`, `product`, `mean`; `null` is the scorer's own."""


class BestOfN(ScoredSearch):
    """Draws whole traces and keeps the one that the scorer likes best."""

    kind: Literal["best_of_n"]
    width: int = Field(default=16, ge=1, le=MOST)
    """Traces drawn, of which one is kept."""

    @property
    def completions(self) -> int:
        """About how many whole traces a search may cost in tokens."""
        return self.width

    @property
    def size(self) -> int:
        """The number by which searches of one kind are told apart first."""
        return self.width


class StepSearch(ScoredSearch):
    """What the kinds that continue step by step have in common."""

    expand: int = Field(default=4, ge=1, le=MOST)
    """Continuations drawn of each kept prefix."""
    depth: int = Field(default=40, ge=1, le=1000)
    """Most steps of a trace; the last is drawn to the end."""
    step_tokens: int = Field(default=256, ge=1)
    """Most tokens drawn for one step. A longer one is cut after its last whole sentence or line."""
    stop: list[Stop] = Field(default=["\n\n"], min_length=1, max_length=8)
    """The texts at which a step ends: a blank line, as models write between steps."""


class Beam(StepSearch):
    """Beam search: of `width` continuations the best `width` / `expand` go on, wherever they come from
    (arXiv 2408.03314; search-and-learn)."""

    kind: Literal["beam"]
    width: int = Field(default=16, ge=1, le=MOST)
    """Continuations drawn at each step, over all prefixes."""

    @model_validator(mode="after")
    def width_is_shared_evenly(self) -> "Beam":
        if self.width % self.expand:
            fitting = max(1, round(self.width / self.expand)) * self.expand
            raise ValueError(
                f"width={self.width} is no multiple of expand={self.expand}: width / expand prefixes go on; set "
                f"width={fitting}"
            )
        return self

    @property
    def kept(self) -> int:
        """Prefixes that go on after each step."""
        return self.width // self.expand

    @property
    def completions(self) -> int:
        return self.width

    @property
    def size(self) -> int:
        return self.width


class Dvts(Beam):
    """Diverse verifier tree search: `width` / `expand` independent subtrees, in each of which the best of `expand`
    continuations goes on (search-and-learn)."""

    kind: Literal["dvts"]  # type: ignore[assignment]


class Mcts(StepSearch):
    """Monte Carlo tree search: each simulation expands the prefix that UCT chooses, and draws the best new one to the
    end (arXiv 2305.14992, 2408.06195)."""

    kind: Literal["mcts"]
    simulations: int = Field(default=8, ge=1, le=MOST)
    """Prefixes expanded, one after the other."""
    exploration: float = Field(default=1.0, ge=0, le=100)
    """Weight of what was seldom visited against what was good so far; scores lie between 0 and 1."""

    @property
    def completions(self) -> int:
        return 2 * self.simulations

    @property
    def size(self) -> int:
        return self.simulations


Search = Annotated[BestOfN | Beam | Dvts | Mcts, Field(discriminator="kind")]


def search_names(searches: Sequence[Search]) -> list[str]:
    """Return a name for each search, such as `beam 8`: its kind and size, and the settings in which those of one kind
    and size differ, as in `beam 8, expand=2`. The scorer is told elsewhere."""
    names = [f"{one.kind} {one.size}" for one in searches]
    alike = {name: [one for one, other in zip(searches, names, strict=True) if other == name] for name in names}
    return [", ".join([name, *differing(one, alike[name])]) for one, name in zip(searches, names, strict=True)]


def differing(search: Search, others: Sequence[Search]) -> list[str]:
    told = [name for name in type(search).model_fields if name not in ScoredSearch.model_fields]
    values = {name: getattr(search, name) for name in told}
    return [f"{name}={value}" for name, value in values.items() if any(getattr(o, name) != value for o in others)]
