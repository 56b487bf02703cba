"""The scorer that leads the searches of a stage that samples."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from configs.schema import Config
from configs.scorers import EquationsScorer, ModelScorer, OutcomeScorer, ProcessScorer, Scorer, StepJudge
from configs.search import Search
from filters.scorers import scoring
from filters.scorers.registry import SCORERS
from filters.scorers.scoring import Scoring, TraceText, over_steps
from flows.stages.score_traces import ScoreTraces, scorer_identity
from flows.weights import Weights, weights_of_scorer
from records.step_scorer import Prefix, StepScorer
from teacher.search.tree import VERSION

UNDECIDED = 0.5
"""The worth of a prefix that a scorer read without deciding any step, such as one without an equation: below what is
known to be right, above what is known to be wrong."""


@dataclass(frozen=True)
class SearchScorer:
    """A scorer of the config, for a search. Made by `leader_of`; read by the stages that search."""

    scorer: EquationsScorer | OutcomeScorer | ProcessScorer
    weights: Weights | None
    """None for a scorer without a model."""
    aggregate: str
    """What stands for the steps of a prefix."""

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("torch", "transformers", "filters.scorers.models") if self.weights else ()

    def identity(self) -> dict[str, Any]:
        """Return what shapes a search by this scorer, besides the search's own settings."""
        versions = {"search_version": VERSION, "scoring_version": ScoreTraces.version}
        identity = scorer_identity(self.scorer, self.weights) | versions
        identity.pop("engine", None)  # it runs in transformers, beside the engine that draws
        return identity

    @contextmanager
    def start(self) -> Iterator[StepScorer]:
        """Yield the function that scores prefixes. The model is loaded when it is first asked, which is after the
        engine has started: the engine takes its share of a GPU's memory, and the scorer needs room beside it. Errors,
        from the function: InputError for a model that is none of the scorer's kind."""
        location = self.weights.location if self.weights else ""
        scorer: Any = cache(partial(SCORERS[self.scorer.kind], self.scorer, location, None))
        yield partial(values, scorer, self.aggregate)


def values(start: Any, aggregate: str, prefixes: Sequence[Prefix]) -> list[float | None]:
    """Score prefixes (`records.step_scorer.StepScorer`). `start` returns the scorer."""
    scorer: scoring.Scorer = start()
    texts = [TraceText(one.prompt, one.reasoning, one.answer, one.closed) for one in prefixes]
    return [value_of(one, aggregate) for one in scorer(texts, lambda _traces, _tokens: None)]


def value_of(scoring: Scoring, aggregate: str) -> float | None:
    if scoring.left_out:
        return None
    value = scoring.outcome if aggregate == "outcome" else over_steps(scoring.steps)[aggregate]
    return UNDECIDED if value is None else value


def plan_search(config: Config) -> SearchScorer | None:
    """Return the scorer of sampling's search; None if it does not search."""
    search = config.sampling.search if config.sampling else None
    return leader_of(search, config.scorers, {}) if search else None


def leader_of(search: Search, scorers: Mapping[str, Scorer], trained: Mapping[str, Weights]) -> SearchScorer:
    """Return the scorer of a search; `trained` holds the weights of the run's training stages that are planned."""
    scorer = scorers[search.scorer]
    assert not isinstance(scorer, StepJudge), "validated by Config"
    weights = weights_of_scorer(scorer, trained) if isinstance(scorer, ModelScorer) else None
    return SearchScorer(scorer, weights, search.aggregate or scorer.aggregate)
