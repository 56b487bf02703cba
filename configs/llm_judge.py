"""Settings for a second opinion: an LLM judge reads traces that the verifiers rejected or could not decide."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from configs.rubric import Rubric
from configs.sampling import MOST, Budget, Price, Sampling, TeacherSampling, check_thinking
from configs.section import Section
from configs.servers import ServerTeacher
from configs.teachers import FakeJudge, VllmTeacher

Judge = Annotated[VllmTeacher | ServerTeacher | FakeJudge, Field(discriminator="kind")]
Reason = Literal["wrong_answer", "no_answer", "bad_format", "unverifiable", "timeout", "tests_failed"]
"""Reasons that a judge may contradict. What is contaminated, truncated or quotes its hint stays rejected, whatever a
judge thinks of its answer."""


class JudgeSampling(Sampling):
    """How the judge is asked."""

    n: int = Field(default=1, ge=1, le=MOST)
    """Votes on each trace. The verdict is that of more than half of them; without such a majority it is unknown."""
    thinking_tokens: int | None = Field(default=None, ge=1)
    """Longest reasoning in tokens, as in `sampling.thinking_tokens`."""
    budget: Budget = Budget()
    """Traces that nobody was asked about when it ends keep the verifiers' verdicts alone."""
    price: Price = Price()

    @model_validator(mode="after")
    def fits_together(self) -> "JudgeSampling":
        check_thinking("", self.thinking_tokens, self.max_tokens)
        if self.budget.money is not None and self.price == Price():
            raise ValueError("budget.money needs a price: set price.completion_per_million or price.per_hour")
        return self

    @property
    def settings(self) -> TeacherSampling:
        """The same settings as those of a teacher, by which the sampling loop draws."""
        return TeacherSampling(**{name: getattr(self, name) for name in type(self).model_fields})


def check_judge(judge: VllmTeacher | ServerTeacher | FakeJudge, sampling: JudgeSampling) -> None:
    """Check that a judge can be asked as configured. Errors: ValueError."""
    if isinstance(judge, VllmTeacher) and judge.scratch:
        raise ValueError("judge.scratch: a judge needs trained weights; give path")
    if judge.asks.user != "{problem}" or judge.asks.system:
        raise ValueError("judge.prompt: the rubric is what the judge reads; remove user and system")
    if judge.context is not None and sampling.max_tokens >= judge.context:
        raise ValueError(f"sampling.max_tokens must leave room for the prompt: below {judge.context}")
    if sampling.thinking_tokens and not judge.reasons:
        raise ValueError("sampling.thinking_tokens bounds reasoning: set judge.thinks=true, or remove it")


class SecondOpinion(Section):
    """An LLM judge beside the verifiers. Its verdicts stand apart from theirs, under the rubric's name."""

    judge: Judge
    """A model as teachers are given: weights in vLLM, servers, or the fake."""
    rubric: Rubric = Field(default_factory=lambda: Rubric.model_validate("final_answer"))
    """What it is asked: a shipped rubric (configs/rubrics/), a file, or the fields themselves. `final_answer` unless
    another is given."""
    over: list[Reason] = Field(default=["wrong_answer", "no_answer", "unverifiable", "timeout"], min_length=1)
    """It is asked about traces that were rejected, or not decided, for these reasons alone."""
    sampling: JudgeSampling
    calibration: int = Field(default=200, ge=0)
    """It is also asked about this many traces that the verifiers decided, half of them accepted and half rejected, at
    most one of a problem, to see how far it agrees with them."""
    seed: int = 0
    """Seed of the choice of these traces."""
    accept: bool = False
    """True lets selection take the traces that the judge passes. False only reports."""
    min_kappa: float = Field(default=0.6, ge=-1, lt=1)
    """With `accept`: nothing is taken on the judge's word if its agreement with the verifiers, Cohen's kappa, may lie
    below this: the lower end of the 95 % interval counts."""

    @model_validator(mode="after")
    def fits_together(self) -> "SecondOpinion":
        if self.rubric.kind != "answer":
            raise ValueError("rubric: this one judges steps; a second opinion needs one of kind answer")
        if self.accept and not self.calibration:
            raise ValueError("accept: nobody would know how far the judge is right; set calibration above 0")
        check_judge(self.judge, self.sampling)
        return self
