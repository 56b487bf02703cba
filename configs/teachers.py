"""The kinds of teachers: a model in vLLM or behind servers, a recording, or the fake."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, PositiveFloat

from configs.models import Model, Student
from configs.section import MOST_SECONDS
from configs.servers import ServerTeacher
from configs.sources import TraceFile
from configs.teacher_kind import ModelTeacher, TeacherKind, WeightsName


class VllmTeacher(ModelTeacher, Model):
    """A teacher sampled with vLLM in process."""

    kind: Literal["vllm"]

    @property
    def weights_names(self) -> list[WeightsName]:
        return [WeightsName("teacher", self.path, self.revision)] if self.path else []

    @property
    def origin(self) -> str:
        return self.path or ""


class SampledStudent(Student, VllmTeacher):
    """The student, or its base, where it is sampled as a teacher is. No config holds one: it is made of `student`."""

    kind: Literal["vllm"] = "vllm"

    @classmethod
    def of(cls, student: Student, *, trained: bool) -> "SampledStudent":
        """Return the student's settings; `trained` says whether it has been trained, for its base may not reason."""
        own = {name: getattr(student, name) for name in Student.model_fields}
        return cls.model_validate(own | ({"thinks": student.thinks_once_trained} if trained else {}))


class RecordedTeacher(TeacherKind):
    """Traces that were recorded elsewhere, instead of sampling."""

    sampled: ClassVar[bool] = False
    kind: Literal["recorded"]
    name: str
    """Short name, used in paths, rows and reports."""
    files: list[TraceFile] = Field(min_length=1)

    @property
    def origin(self) -> str:
        return self.name

    @property
    def trace_files(self) -> list[TraceFile]:
        return self.files


class Fake(TeacherKind):
    """Deterministic completions without a model, for tests and dry runs of a pipeline."""

    name: str = "fake"
    """Short name, used in paths, rows and reports."""
    accuracy: float = Field(default=0.7, ge=0, le=1)
    """Share of completions that carry the reference."""
    spread: tuple[PositiveFloat, PositiveFloat] | None = None
    """Instead of one accuracy, every problem gets its own pass rate from Beta(a, b): `[0.6, 0.35]` gives many easy
    problems and a hard tail."""
    unclosed: float = Field(default=0.05, ge=0, le=1)
    """Share of completions that are cut off inside the reasoning."""
    failures: float = Field(default=0.0, ge=0, le=1)
    """Share of requests that fail."""
    steps: int = Field(default=30, ge=3)
    """Longest reasoning in words. The shortest has three."""
    latency_s: float = Field(default=0.0, ge=0, le=MOST_SECONDS)
    """Mean seconds per completion. A longer text takes longer."""
    in_flight: int = Field(default=256, ge=1)
    """Number of completions drawn at a time."""


class FakeTeacher(Fake):
    """A fake that solves problems."""

    kind: Literal["fake"]


class FakeJudge(Fake):
    """A fake that gives verdicts; `accuracy` is the share in which it says what the verifiers said."""

    kind: Literal["fake_judge"]
    nonsense: float = Field(default=0.0, ge=0, le=1)
    """Share of replies without a verdict."""


Teacher = Annotated[VllmTeacher | ServerTeacher | RecordedTeacher | FakeTeacher, Field(discriminator="kind")]
