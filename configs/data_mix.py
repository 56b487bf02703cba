"""Datasets that a training stage mixes."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from configs.sample_of import SampleOf
from configs.section import Section
from configs.sources import RowFile


class MessageColumns(Section):
    """The names of a dataset's columns."""

    messages: str = "messages"
    """A conversation: a list of turns with `role` and `content`, the last of them the assistant's."""
    problem_id: str | None = None
    """What belongs to the same problem. Without it, rows with the same question (the last user's turn) do."""


def kind_of_origin(given: Any) -> str:
    """Return which member of the union `from` is. Its names are those that `configs.explain` looks for."""
    return "SampleOf" if isinstance(given, dict | SampleOf) else "traces"


Origin = Annotated[
    Annotated[Literal["traces"], Tag("traces")] | Annotated[SampleOf, Tag("SampleOf")], Discriminator(kind_of_origin)
]


class DataSource(Section):
    """A dataset in a training stage's mix: the run's own traces (`from: traces`), those of an earlier stage's model
    (`from: {sample: …}`), or a file, folder or hub dataset."""

    model_config = ConfigDict(serialize_by_alias=True)

    origin: Origin | None = Field(default=None, alias="from")
    """`traces` is the dataset that this run selects of the teacher's; a mapping samples a model of an earlier stage."""
    path: str | None = None
    """A .jsonl, .jsonl.gz, .json or .parquet file, or a Hugging Face dataset: `hf://owner/name` or a local folder."""
    split: str = "train"
    """Split of a Hugging Face dataset; a single file has none."""
    subset: str | None = None
    """Configuration name of a Hugging Face dataset."""
    revision: str | None = None
    """Commit or tag of a Hugging Face dataset; pin it for runs that must be repeatable."""
    limit: int | None = Field(default=None, ge=1)
    """Read at most this many rows."""
    columns: MessageColumns = MessageColumns()
    weight: float = Field(default=1.0, gt=0, le=1)
    """Share of its rows that take part, drawn with the stage's seed."""
    epochs: int = Field(default=1, ge=1, le=1000)
    """How often each of these rows comes in one epoch of the stage. With `num_train_epochs: 1` these are all the passes
    over this dataset; other datasets may have others."""

    @model_validator(mode="after")
    def has_one_origin(self) -> "DataSource":
        if (self.origin is None) == (self.path is None):
            raise ValueError("give either from (traces, or a stage to sample) or path (another dataset)")
        return self

    @classmethod
    def traces(cls) -> "DataSource":
        return cls.model_validate({"from": "traces"})

    @property
    def sampled(self) -> SampleOf | None:
        """The sampling that makes it; None for other datasets."""
        return self.origin if isinstance(self.origin, SampleOf) else None

    def table(self) -> RowFile:
        """Return the dataset as the problem sources read one. It must have a path."""
        assert self.path is not None
        shared = ("path", "split", "subset", "revision", "limit")
        return RowFile(**{name: getattr(self, name) for name in shared})
