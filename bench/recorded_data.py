"""Reads public traces and their recorded grades as traces for our verifiers."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from filters.judge_file import undrawn_trace
from filters.verifiers.extraction.final_answer import ANSWER_ELEMENT
from records.rows import Trace
from records.tables import read_file
from records.thinking import CLOSE

OPTION = re.compile(r"\(([A-E])\)\s*(.*?)(?=\s*\([A-E]\)|$)", re.DOTALL)
DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
PUZZLES = {"countdown", "puzzle24", "mini_sudoku", "cryptarithm", "propositional_logic", "knights_knaves"}
"""Tasks with many right answers, which only their own scorer can judge."""
Entry = dict[str, Any]


@dataclass(frozen=True)
class Case:
    trace: Trace
    right: bool | None
    """The recorded grade; None without one."""
    extracted: str = ""
    """The answer that the recorded grader extracted from the completion; empty if it was not recorded."""
    place: str = ""


def read_cases(source: str) -> Iterator[Case]:
    file, read = SOURCES[source]
    return (replace(case, place=place) for place, row in read_file(DATA / file) for case in read(row))


def case(row: Entry, answer: str, verifier: str = "math", extra: str = "") -> Case:
    trace = undrawn_trace(row["question"], "", answer, reference=row["gold"], verifier=verifier, extra=extra)
    return Case(trace, row.get("correct"), row.get("extracted") or "")


def math(row: Entry) -> Iterator[Case]:
    """Yield a case with the text after the reasoning. If the reference is a letter and the question lists options, the
    verifier for choices judges it."""
    _, closed, after = (row["response"] or "").partition(CLOSE)
    answer = after if closed else row["response"] or ""
    options = dict(OPTION.findall(row["question"])) if re.fullmatch("[A-E]", row["gold"]) else {}
    yield case(row, answer, "choice", json.dumps(options)) if options else case(row, answer)


def gsm8k(row: Entry) -> Iterator[Case]:
    """Yield four models' solutions, which end in a line `A: 18` where the data set itself has `#### 18`."""
    gold = row["ground_truth"].rpartition("A: ")[2]
    for solution in (value for value in row.values() if isinstance(value, dict)):
        right = solution["is_correct"] in (True, "True")
        yield case(row | {"gold": gold, "correct": right}, re.sub(r"(?m)^A: ", "#### ", solution["solution"]))


def gym(row: Entry) -> Iterator[Case]:
    """Yield a case for the task's own scorer."""
    bare = {"question": row["question"], "answer": row["gold"], "metadata": {"source_dataset": row["task"]}}
    entry = entries(row["task"]).get(row["question"], bare)  # no seed reproduces polynomial_multiplication's symbols
    elements = ANSWER_ELEMENT.findall(row["response"] or "")  # these prompts ask for <answer>, ours for a box
    answer = elements[-1] if elements else row["response"] or ""
    yield case(row | {"correct": row["score"] > 1 - 1e-6}, answer, "reasoning_gym", json.dumps(entry, default=str))


@cache
def entries(task: str) -> dict[str, Entry]:
    """Make the task's entries again. The file does not hold them, but it was made with size 50 and seed 45."""
    from reasoning_gym import create_dataset  # 2 s: it imports every task

    return {entry["question"]: entry for entry in create_dataset(task, size=50, seed=45)}


def gym_as_math(row: Entry) -> Iterator[Case]:
    yield from () if row["task"] in PUZZLES else math(row)


SOURCES: dict[str, tuple[str, Callable[[Entry], Iterator[Case]]]] = {
    "qwen3b": ("rg_math_evals/qwen3b_rlft_think_graded.jsonl.gz", math),
    "llama3b": ("rg_math_evals/llama3b_x50_graded.jsonl.gz", math),
    "zeroeval": ("zeroeval/math_l5_5models.jsonl.gz", math),
    "gsm8k models": ("gsm8k/example_model_solutions.jsonl", gsm8k),
    "reasoning-gym": ("reasoning_gym_eval/rg_easy_graded.jsonl.gz", gym),
    "gym as math": ("reasoning_gym_eval/rg_easy_graded.jsonl.gz", gym_as_math),
}
