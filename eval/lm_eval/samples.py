"""Reads the samples that `lm_eval --log_samples` wrote, one line for each problem of a task."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.lm_eval.task import FILTER, METRIC
from records.clean import clean_text
from records.errors import InputError
from records.tables import clipped, read_file


@dataclass(frozen=True, slots=True)
class LmEvalSample:
    """One problem as lm-eval measured it. Made by `read_lm_eval`; read by the comparison."""

    problem_id: str
    answer: str
    """The completion after the reasoning's end; the whole of it if the reasoning was never closed."""
    extracted: str
    """What its filter took from the answer."""
    right: bool


def read_lm_eval(path: Path) -> dict[str, LmEvalSample]:
    """Return the samples by problem. Errors: InputError for a file that `lm_eval` did not write for a task of ours."""
    found: dict[str, LmEvalSample] = {}
    for place, row in read_file(path):
        sample = sample_of(row, place)
        if sample.problem_id in found:
            raise InputError(
                f"{place}: problem {sample.problem_id} occurs twice; name the samples of one run of lm_eval"
            )
        found[sample.problem_id] = sample
    if not found:
        raise InputError(f"{path}: holds no sample; run lm_eval with --log_samples")
    return found


def sample_of(row: dict[str, Any], place: str) -> LmEvalSample:
    try:
        (answer,), extracted, right = row["resps"][0], row["filtered_resps"], row[METRIC]
        problem, kind = row["doc"]["id"], row["filter"]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise InputError(
            f"{place}: not a sample of the task that was written ({type(error).__name__}: {error}); name the file "
            "samples_….jsonl that lm_eval --log_samples wrote"
        ) from error
    if kind != FILTER or right not in (0, 1) or not (isinstance(problem, str) and isinstance(answer, str)):
        told = f"filter {clipped(repr(kind))}, {METRIC} {clipped(repr(right))}"
        raise InputError(f"{place}: not a sample of the task that was written: {told}")
    extracted = "".join(map(str, extracted[:1])) if isinstance(extracted, list) else extracted
    return LmEvalSample(clean_text(problem), clean_text(answer), clean_text(str(extracted)), right == 1)
