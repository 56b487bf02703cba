"""Data that reward models are trained on: pairs of replies, and solutions whose steps are labelled."""

from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from configs.section import Section
from configs.sources import RowFile

Form = Literal["prm800k", "math_shepherd", "math_aps", "prmbench", "mr_gsm8k", "bigbench_mistake"]


class RewardTable(Section):
    """A table that somebody else made."""

    path: str | None = None
    """A .jsonl, .jsonl.gz, .json or .parquet file, or a Hugging Face dataset: `hf://owner/name` or a local folder."""
    split: str = "train"
    subset: str | None = None
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
    chosen: str = "chosen"
    """The better reply as a text, its reasoning in `<think>` tags if it has one."""
    rejected: str = "rejected"
    """The worse one."""


class PairSource(RewardTable):
    """Replies to compare: the run's own judged traces (`from: traces`), or a table with a better and a worse reply in
    each row."""

    model_config = ConfigDict(serialize_by_alias=True)

    origin: Literal["traces"] | None = Field(default=None, alias="from")
    """`traces`: accepted against rejected traces of one problem. Undecided ones, those drawn with the answer shown and
    those that hold a benchmark's problem are left out."""
    columns: PairColumns = PairColumns()
    max_per_problem: int = Field(default=4, ge=1)
    """Most pairs of one problem, or with `labels: single` most accepted and most rejected traces. With `from: traces`.
    """

    @model_validator(mode="after")
    def has_one_origin(self) -> "PairSource":
        if (self.origin is None) == (self.path is None):
            raise ValueError("give either from: traces (the run's own judged traces) or path (a table)")
        return self

    @classmethod
    def traces(cls) -> "PairSource":
        return cls.model_validate({"from": "traces"})


class StepSource(RewardTable):
    """Solutions whose steps are labelled, in one of the published forms."""

    path: str
    form: Form
    """How the table tells its labels (student/data/step_labels)."""
