"""Data that reward models are trained on: pairs of replies, and solutions whose steps are labelled."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from configs.data_mix import Origin
from configs.sample_of import SampleOf
from configs.sampling import MOST
from configs.section import Section
from configs.sources import RowFile

Form = Literal["prm800k", "math_shepherd", "math_aps", "prmbench", "mr_gsm8k", "bigbench_mistake"]


class RewardTable(Section):
    """A table that somebody else made."""

    path: str | None = None
    """A .jsonl, .jsonl.gz, .json or .parquet file, or a Hugging Face dataset: `hf://owner/name` or a local folder."""
    split: str = "train"
    """Split of a Hugging Face dataset; a single file has none."""
    subset: str | None = None
    """Configuration name of a Hugging Face dataset."""
    files: list[str] = []
    """Files of a Hugging Face dataset to read instead of a split."""
    revision: str | None = None
    """Commit or tag of a Hugging Face dataset; pin it for runs that must be repeatable."""
    limit: int | None = Field(default=None, ge=1)
    """Read at most this many rows."""

    def table(self) -> RowFile:
        """Return the table as the problem sources read one. It must have a path."""
        assert self.path is not None
        shared = ("path", "split", "subset", "files", "revision", "limit")
        return RowFile(**{name: getattr(self, name) for name in shared})


class PairColumns(Section):
    """The names of a table's columns."""

    prompt: str = "prompt"
    """The problem."""
    chosen: str = "chosen"
    """The better reply as a text, its reasoning in `<think>` tags if it has one."""
    rejected: str = "rejected"
    """The worse one."""


def sampled_of(origin: str | SampleOf | None) -> SampleOf | None:
    """Return the sampling that makes judged traces; None for the run's own. Errors: ValueError if it selects some."""
    if not isinstance(origin, SampleOf):
        return None
    if origin.selection is not None:
        raise ValueError("selection: a reward model learns from all judged traces, rejected ones included; remove it")
    return origin


class PairSource(RewardTable):
    """Replies to compare: the run's own judged traces (`from: traces`), those of an earlier stage's model (`from:
    {sample: …}`), or a table with a better and a worse reply in each row."""

    model_config = ConfigDict(serialize_by_alias=True)

    origin: Origin | None = Field(default=None, alias="from")
    """`traces`: accepted against rejected traces of one problem. Undecided ones, those drawn with the answer shown and
    those that hold a benchmark's problem are left out. A mapping samples an earlier stage's model for them: the one
    whose samples shall be ranked makes the mistakes that the reward model has to tell."""
    columns: PairColumns = PairColumns()
    max_per_problem: int = Field(default=4, ge=1)
    """Most pairs of one problem, or with `labels: single` most accepted and most rejected traces. With `from: traces`.
    """

    @model_validator(mode="after")
    def has_one_origin(self) -> "PairSource":
        if (self.origin is None) == (self.path is None):
            raise ValueError("give either from: traces (the run's own judged traces, or a stage to sample) or path")
        sampled_of(self.origin)
        return self

    @property
    def sampled(self) -> SampleOf | None:
        """The sampling that makes its traces; None for the run's own, and for a table."""
        return sampled_of(self.origin)

    @classmethod
    def traces(cls) -> "PairSource":
        return cls.model_validate({"from": "traces"})


class StepSource(RewardTable):
    """Solutions whose steps are labelled, in one of the published forms."""

    path: str
    """A .jsonl, .jsonl.gz, .json or .parquet file, or a Hugging Face dataset: `hf://owner/name` or a local folder."""
    form: Form
    """How the table tells its labels (student/data/step_labels)."""


class RolloutSource(Section):
    """Step labels that the run makes itself: from the end of each step of its judged traces a model continues several
    times, and the share of these rollouts that reaches the reference is the step's label (Math-Shepherd, arXiv
    2312.08935)."""

    model_config = ConfigDict(serialize_by_alias=True)

    origin: Literal["rollouts"] = Field(alias="from")
    model: str = "teacher"
    """Who continues: `teacher`, if its texts can be continued, or the name of an earlier stage."""
    traces: Origin = "traces"
    """Whose steps are labelled: the run's own judged traces, or with a mapping those that an earlier stage's model
    samples."""
    search: Literal["all", "binary"] = "all"
    """`all` continues from every step. `binary` looks for the first step of a wrong trace after which no rollout
    reaches the reference by halving (arXiv 2406.06592): steps before it are labelled 1, it 0, and later ones not at
    all. A right trace then costs nothing: all its steps are labelled 1."""
    n: int = Field(default=8, ge=1, le=MOST)
    """Rollouts from each step."""
    temperature: float = Field(default=0.8, ge=0)
    """Temperature of the rollouts."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Share of the probability that their tokens are drawn from; 1 turns it off."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Longest trace in tokens, its given beginning included. `null`: `sampling.max_tokens`."""
    limit: int = Field(default=1000, ge=1)
    """Label at most this many traces, drawn with the stage's seed."""
    max_per_problem: int = Field(default=2, ge=1)
    """Most right and most wrong traces of one problem."""

    @property
    def sampled(self) -> SampleOf | None:
        """The sampling that makes its traces; None for the run's own."""
        return sampled_of(self.traces)

    @model_validator(mode="after")
    def rollouts_can_differ(self) -> "RolloutSource":
        sampled_of(self.traces)
        if self.n > 1 and self.temperature == 0:
            raise ValueError(f"n={self.n} at temperature 0 draws the same rollout {self.n} times; raise one or lower n")
        return self


def kind_of_labels(given: Any) -> str:
    """Return the form of step data, by which the right section is checked."""
    made_here = "from" in given if isinstance(given, dict) else isinstance(given, RolloutSource)
    return "rollouts" if made_here else "table"


StepData = Annotated[
    Annotated[StepSource, Tag("table")] | Annotated[RolloutSource, Tag("rollouts")], Discriminator(kind_of_labels)
]
