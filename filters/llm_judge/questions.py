"""Writes the questions to a judge: as problems for the sampling loop, and which traces they are about."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from configs.llm_judge import SecondOpinion
from configs.rubric import Rubric
from filters.llm_judge.asking import READ, CalibrationSample, contested, unsendable, verifiers_outcome
from filters.llm_judge.quoting import VERSION as QUOTING_VERSION
from filters.llm_judge.quoting import fill
from records.errors import InputError
from records.opinion_counts import QuestionCounts
from records.opinions import ASKED, Asked
from records.parquet import read_rows, read_traces, write_rows
from records.rows import Problem, Trace
from records.schemas import PROBLEM

VERSION = f"1.{QUOTING_VERSION}"
"""Part of the stage's identity: which traces are asked about, what is held back, how texts are quoted."""
JUDGED = "llm_judge"
"""The verifier's name of a question: nothing verifies a judge's reply."""


def write_questions(folder: Path, judged: Path, config: SecondOpinion) -> QuestionCounts:
    """Write `questions.parquet`, the distinct questions as problems, and `asked/asked.parquet`, the traces.

    The judged traces are streamed twice; memory holds a few bytes for each trace that is asked about.
    Errors: InputError if there is nothing to ask.
    """
    wanted = chosen(judged, config)
    over, calibration, unsent = Counter[str](), Counter[str](), Counter[str]()
    (folder / "asked").mkdir(exist_ok=True)

    def asked() -> Iterator[Asked]:
        for position, trace in enumerate(read_traces(judged)):
            if position in wanted:
                row = about(position, trace, *wanted[position], config.rubric)
                over.update([row.over] if row.over else [])
                calibration.update([row.verifiers] if row.calibration else [])
                unsent.update([row.unsent] if row.unsent else [])
                yield row

    write_rows(folder / "asked" / "asked.parquet", asked(), ASKED)
    questions = write_rows(folder / "questions.parquet", problems(folder / "asked"), PROBLEM)
    if not questions:
        raise InputError(
            f"{judged}: holds no trace to ask the judge about (held back: {dict(unsent) or 'none'}); remove "
            "second_opinion, or widen its over"
        )
    return QuestionCounts(over=dict(over), calibration=dict(calibration), unsent=dict(unsent), questions=questions)


def chosen(judged: Path, config: SecondOpinion) -> dict[int, tuple[str, bool, str]]:
    """Return, by position, why a trace is asked about, whether it belongs to the comparison, and what its verifier
    says."""
    sample, wanted = CalibrationSample(config), dict[int, tuple[str, str]]()
    outcomes: dict[int, str] = {}
    for position, row in enumerate(read_rows(judged, READ)):
        outcome, reason = verifiers_outcome(row), contested(row, config.over)
        sample.add(position, row, outcome)
        if reason:
            wanted[position] = reason, outcome
        elif outcome:
            outcomes[position] = outcome
    compared = sample.positions()
    found = {position: (reason, position in compared, outcome) for position, (reason, outcome) in wanted.items()}
    found |= {position: ("", True, outcomes[position]) for position in compared if position not in wanted}
    return found


def about(position: int, trace: Trace, over: str, calibration: bool, verifiers: str, rubric: Rubric) -> Asked:
    unsent, prompt = unsendable(trace, rubric.reads_reference), ""
    if not unsent:
        texts = {"problem": trace.prompt, "reference": trace.reference, "answer": trace.answer}
        prompt = fill(rubric.prompt, texts)
    return Asked(
        position=position,
        problem_id=trace.problem_id,
        attempt=trace.attempt,
        sample_index=trace.sample_index,
        over=over,
        calibration=calibration,
        verifiers=verifiers,
        question=question_id(prompt) if prompt else "",
        unsent=unsent,
        prompt=prompt,
    )


def question_id(prompt: str) -> str:
    """Return 16 hex digits of the prompt's hash. Unlike a problem's id it tells case and width apart."""
    return hashlib.sha256(prompt.encode()).hexdigest()[:16]


def problems(asked: Path) -> Iterator[Problem]:
    """Yield each question once. Its reference is what the verifier said of the first trace, which only a fake judge
    reads."""
    seen: set[str] = set()
    for row in read_rows(asked, ["question", "prompt", "verifiers", "unsent"]):
        if not row["unsent"] and row["question"] not in seen:
            seen.add(row["question"])
            yield Problem(row["question"], row["prompt"], row["verifiers"], JUDGED, JUDGED)
