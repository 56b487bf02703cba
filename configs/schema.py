"""The whole declaration of one run."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from configs.distribution import Distribution
from configs.filtering import CodeLimits, Decontamination, LanguageRule, NearDuplicates, RepetitionLimits
from configs.models import FakeTeacher, RecordedTeacher, Student, VllmTeacher
from configs.sampling import Sampling, TeacherSampling
from configs.section import Section
from configs.servers import ServerTeacher
from configs.sources import ProblemSource
from configs.training import Training

Precision = Literal["full", "int8", "nf4"]
Teacher = Annotated[VllmTeacher | ServerTeacher | RecordedTeacher | FakeTeacher, Field(discriminator="kind")]


class Judging(Section):
    """Which traces are accepted."""

    require_box: bool = True
    """Demand exactly one final `\\boxed{}` in the answer."""
    min_tokens: int = Field(default=0, ge=0)
    max_tokens: int | None = Field(default=None, ge=1)
    """Reject completions outside these bounds."""
    repetition: RepetitionLimits | None = RepetitionLimits()
    """Reject loops and repetitions; `null` is off."""
    language: LanguageRule | None = LanguageRule()
    """Reject traces that mix languages; `null` is off."""
    reject_refusals: bool = True
    """Reject answers that decline to answer."""
    decontamination: Decontamination = Decontamination()
    """Reject problems of the run's benchmarks."""
    code: CodeLimits = CodeLimits()
    """Limits of programs under test."""
    timeout_s: float = Field(default=10, gt=0)
    """Wall time of one verification, after which its worker process is killed and the verdict is `unknown`."""
    memory_mib: int = Field(default=4096, ge=512)
    """Address space of a worker process."""
    workers: int = Field(default=2, ge=1)
    """Worker processes, and as many programs under test at a time. Does not shape a verdict."""


class Selection(Section):
    """Which of the accepted traces become dataset rows."""

    max_per_problem: int = Field(default=4, ge=1)
    order: Literal["first", "shortest", "random", "diverse"] = "first"
    """Which of a problem's accepted traces come first. `diverse` starts with the first and goes on with the one least
    like those already taken."""
    seed: int = 0
    """Draws for `order: random` and for `max_per_source`."""
    near_duplicates: NearDuplicates | None = NearDuplicates()
    """Of a problem's traces nearly alike only the first in order stays; `null` is off. Equal ones always go."""
    near_duplicate_prompts: NearDuplicates | None = None
    """Of problems whose prompts are nearly alike only the first stays; `null` is off, as generated problems need."""
    min_pass_rate: float = Field(default=0.0, ge=0, le=1)
    max_pass_rate: float = Field(default=1.0, ge=0, le=1)
    """Leave out problems whose pass rate is outside this band: of the first pass's traces, without bias where drawing
    stopped at acceptances (docs/sampling.md). Traces judged `unknown` do not count."""
    max_per_source: int | dict[str, int] | None = None
    """Rows per source at most, for all or by the source's name. Every problem's first goes in before any second."""
    min_majority: float | None = Field(default=None, gt=0, le=1)
    """Accept the traces of a problem without a reference whose answer holds at least this share of the votes."""

    @model_validator(mode="after")
    def bounds_fit_together(self) -> "Selection":
        if self.min_pass_rate > self.max_pass_rate:
            raise ValueError("min_pass_rate exceeds max_pass_rate: no problem can lie between them")
        caps = self.max_per_source.values() if isinstance(self.max_per_source, dict) else [self.max_per_source]
        if any(cap is not None and cap < 0 for cap in caps):
            raise ValueError("max_per_source: give counts of 0 or more")
        return self


class Evaluation(Sampling):
    """How base and student are measured: sampling settings of their own, greedy by default."""

    precisions: list[Precision] = ["full", "int8", "nf4"]
    """`full` runs in vLLM; `int8` and `nf4` are bitsandbytes through transformers. The base runs in full."""
    n: int = Field(default=1, ge=1)
    temperature: float = Field(default=0.0, ge=0)
    top_p: float = Field(default=1.0, gt=0, le=1)
    quantized_batch_size: int = Field(default=64, ge=1)
    require_box: bool = False
    """Whether a right answer outside `\\boxed{}` counts as wrong."""

    @model_validator(mode="after")
    def full_is_the_yardstick(self) -> "Evaluation":
        if "full" not in self.precisions:
            raise ValueError("precisions: must contain full, which the quantized ones are compared with")
        return self


class Publishing(Section):
    """The checkpoint's card and sampling defaults."""

    license: str = "apache-2.0"
    """SPDX identifier for the model card; the teacher's licence may forbid a permissive one."""
    temperature: float = Field(default=0.6, ge=0)
    top_p: float = Field(default=0.95, gt=0, le=1)


class Config(Section):
    """One teacher/student pair. Every YAML in configs/ is one of these."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    run_dir: str = "runs/{name}"
    """Directory of all artifacts; `{name}` stands for the run's name."""
    teacher: Teacher
    student: Student
    problems: list[ProblemSource] = []
    """Problems to sample; recorded teachers bring their own."""
    benchmarks: dict[str, list[ProblemSource]] = {}
    """Held-out problems by benchmark. Their prompts never reach the dataset."""
    sampling: TeacherSampling | None = None
    judging: Judging = Judging()
    selection: Selection = Selection()
    training: Training
    evaluation: Evaluation | None = None
    publishing: Publishing = Publishing()
    distribution: Distribution = Distribution()

    @model_validator(mode="after")
    def stages_fit_together(self) -> "Config":
        if isinstance(self.teacher, RecordedTeacher):
            if self.problems or self.sampling:
                raise ValueError("a recorded teacher brings its own problems: remove problems and sampling")
        elif not self.problems or self.sampling is None:
            raise ValueError("sampling a teacher needs both problems and sampling")
        elif not isinstance(self.teacher, FakeTeacher) and self.sampling.longest >= self.teacher.max_model_len:
            raise ValueError(f"sampling.max_tokens must leave room for the prompt: below {self.teacher.max_model_len}")
        self.check_second_chances()
        if bool(self.benchmarks) != (self.evaluation is not None):
            raise ValueError("benchmarks and evaluation go together: give both or neither")
        if self.evaluation and self.evaluation.max_tokens >= self.student.max_model_len:
            raise ValueError(
                f"evaluation.max_tokens must leave room for the prompt: below {self.student.max_model_len}"
            )
        if self.training.max_length > self.student.max_model_len:
            raise ValueError(f"training.max_length exceeds student.max_model_len ({self.student.max_model_len})")
        return self

    def check_second_chances(self) -> None:
        chances = self.sampling.second_chances if self.sampling else []
        for number, chance in enumerate(chances):
            if isinstance(self.teacher, ServerTeacher) and chance.continue_truncated:
                raise ValueError(
                    f"sampling.second_chances.{number}: a chat server cannot go on with a text; set a larger "
                    "max_tokens instead of continue_truncated"
                )
        bounded = self.sampling and (self.sampling.thinking_tokens or any(one.thinking_tokens for one in chances))
        if bounded and isinstance(self.teacher, VllmTeacher | ServerTeacher) and not self.teacher.thinks:
            raise ValueError("sampling.thinking_tokens bounds reasoning: set teacher.thinks=true, or remove it")
