"""The judge of steps as a scorer: it looks up the replies that were drawn to each trace's question."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from configs.scorers import StepJudge
from filters.llm_judge.questions import JUDGED, question_id
from filters.llm_judge.steps import agreed, first_wrong, step_question, step_scores
from filters.reasons import ADDRESSES_JUDGE
from filters.scorers.scoring import Scoring, TraceText
from records.parquet import read_rows, write_rows
from records.rows import PROMPT_TOO_LONG, Problem
from records.schemas import PROBLEM
from records.scores import NO_STEPS, TOO_LONG

COLUMNS = ["prompt", "reasoning", "answer", "closed"]


def write_step_questions(folder: Path, judged: Path, scorer: StepJudge) -> int:
    """Write `questions.parquet`, the distinct questions about judged traces as problems, and return their number."""

    def questions() -> Iterator[Problem]:
        seen: set[str] = set()
        for row in read_rows(judged, COLUMNS):
            prompt = step_question(TraceText(**row), scorer.rubric)
            identity = question_id(prompt)
            if prompt and identity not in seen:
                seen.add(identity)
                yield Problem(identity, prompt, "", JUDGED, JUDGED)

    return write_rows(folder / "questions.parquet", questions(), PROBLEM)


class StepReplies:
    """Scores traces by a judge's replies (`filters.scorers.scoring.Scorer`). Memory holds a few numbers a reply."""

    def __init__(self, scorer: StepJudge, replies: str) -> None:
        """`replies` is the folder of the replies."""
        self.scorer = scorer
        self.votes: dict[str, list[int | None]] = defaultdict(list)
        self.tokens: dict[str, int] = defaultdict(int)
        self.too_long: set[str] = set()
        columns = ["problem_id", "answer", "closed", "finish_reason", "prompt_tokens"]
        for reply in read_rows(Path(replies), columns):
            question = reply["problem_id"]
            self.votes[question].append(first_wrong(reply, scorer.rubric))
            self.tokens[question] += reply["prompt_tokens"]
            if reply["finish_reason"] == PROMPT_TOO_LONG:
                self.too_long.add(question)

    def __call__(self, traces: Sequence[TraceText], told: Callable[[int, int], None]) -> list[Scoring]:
        found = [self.score(trace) for trace in traces]
        told(len(found), sum(scoring.tokens for scoring in found))
        return found

    def score(self, trace: TraceText) -> Scoring:
        count = len(trace.steps())
        if not count:
            return Scoring(left_out=NO_STEPS)
        prompt = step_question(trace, self.scorer.rubric)
        if not prompt:
            return Scoring(left_out=ADDRESSES_JUDGE)
        question = question_id(prompt)
        if question in self.too_long:
            return Scoring(left_out=TOO_LONG)
        first = agreed(self.votes.get(question, []), self.scorer.sampling.n, count)
        return Scoring(step_scores(first, count), tokens=self.tokens.get(question, 0))
