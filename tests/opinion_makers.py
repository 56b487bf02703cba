"""Makers for the tests of a second opinion: judged traces, and a judge that is asked about them."""

from functools import partial
from pathlib import Path
from typing import Any

from report_makers import judged_trace, write_judged

from configs.llm_judge import SecondOpinion
from configs.models import Prompt
from configs.scorers import StepJudge
from configs.teachers import FakeJudge
from filters.llm_judge.opinions import write_opinions
from filters.llm_judge.questions import write_questions
from records.opinion_counts import OpinionCounts, QuestionCounts
from records.opinions import OPINIONS
from records.parquet import read_rows
from records.rows import Trace
from teacher.engines.fake import FakeJudgeSampler
from teacher.sampling.stage import SamplingJob, sample_traces


def make_opinion(judge: dict[str, Any] | None = None, **fields: Any) -> SecondOpinion:
    """The settings of a second opinion by a fake judge that always says what the verifiers said."""
    perfect = {"kind": "fake_judge", "accuracy": 1, "unclosed": 0}
    sampling = {"max_tokens": 100} | fields.pop("sampling", {})
    return SecondOpinion.model_validate({"judge": perfect | (judge or {}), "sampling": sampling} | fields)


def traces_of(passed: int = 30, failed: int = 30, unknown: int = 10) -> list[Trace]:
    """Judged traces, each of a problem of its own and with an answer of its own."""
    outcomes = ["pass"] * passed + ["fail"] * failed + ["unknown"] * unknown
    return [judged_trace(f"p{at}", outcome, answer=f"\\boxed{{{at}}}") for at, outcome in enumerate(outcomes)]


def draw_replies(
    questions: Path, replies: Path, config: SecondOpinion | StepJudge, sampler: FakeJudgeSampler | None = None
) -> int:
    """Draw a judge's replies, and return how many tokens they took."""
    assert isinstance(config.judge, FakeJudge)
    job = SamplingJob(questions, config.sampling.settings, Prompt(), "model", "judge")
    make = partial(FakeJudgeSampler, config.judge) if sampler is None else lambda: sampler
    return sample_traces(replies, job, make, lambda *_, **__: None).tokens


class Asking:
    """The folders of a second opinion on some traces."""

    def __init__(self, folder: Path, traces: list[Trace], config: SecondOpinion) -> None:
        self.config, self.judged = config, write_judged(folder / "judged", traces)
        self.questions, self.replies, self.opinions = (folder / name for name in ("questions", "replies", "opinions"))
        for made in (self.questions, self.replies, self.opinions):
            made.mkdir()

    def ask(self) -> QuestionCounts:
        return write_questions(self.questions, self.judged, self.config)

    def draw(self, sampler: FakeJudgeSampler | None = None) -> int:
        """Draw the replies, and return how many tokens they took."""
        return draw_replies(self.questions, self.replies, self.config, sampler)

    def conclude(self) -> OpinionCounts:
        return write_opinions(self.opinions, self.questions, self.replies, self.config)

    def rows(self) -> list[dict[str, Any]]:
        return list(read_rows(self.opinions / OPINIONS))


def second_opinion(folder: Path, traces: list[Trace], config: SecondOpinion) -> tuple[OpinionCounts, Asking]:
    """Ask, draw and conclude."""
    asking = Asking(folder, traces, config)
    asking.ask()
    asking.draw()
    return asking.conclude(), asking
