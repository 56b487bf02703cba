"""Reads public completions with the grade of their final answers, as plain texts (bench/step_checker.py)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filters.verifiers.extraction.boxed import boxes
from filters.verifiers.mathematics.equivalence import same_answer
from filters.verifiers.mathematics.undecided import Undecided
from records.tables import read_file

# {"reasoning": "…", "answer": "-15"}
ANSWER = re.compile(r'"answer"\s?:\s?("(?:[^"\\\n]|\\["\\/bfnrt])*")')
REASONING = re.compile(r'"reasoning"\s?:\s?("(?:[^"\\]|\\["\\/bfnrt])*")')
Graded = tuple[str, bool]
"""A whole completion, and whether its final answer is right."""
FILES = {
    "gsm8k models": "gsm8k/example_model_solutions.jsonl",
    "zeroeval": "zeroeval/math_l5_5models.jsonl.gz",
    "qwen3b": "rg_math_evals/qwen3b_rlft_think_graded.jsonl.gz",
    "llama3b": "rg_math_evals/llama3b_x50_graded.jsonl.gz",
    "gaokao": "gaokao2026/traces_dev_quant.jsonl.gz",
    "rasbt r1": "rasbt_r1/sample_openrouter_outputs.json",
}


def graded_texts(data: Path, source: str) -> Iterator[Graded]:
    for _, row in read_file(data / FILES[source]):
        yield from texts_of(row)


def texts_of(row: dict[str, Any]) -> Iterator[Graded]:
    if solutions := [value for value in row.values() if isinstance(value, dict) and "solution" in value]:
        for one in solutions:  # gsm8k: one row holds four models' answers
            yield one["solution"], str(one["is_correct"]) == "True"
    elif "message_content" in row:
        answer = row["message_content"]
        yield f"{row['message_thinking']}\n{answer}", is_right(row["gtruth_answer"], answer)
    elif "verdicts" in row:  # gaokao: several judges of one trace agree nearly always
        grades = [verdict["correct"] for verdict in row["verdicts"].values()]
        yield f"{row['reasoning'] or ''}\n{row['response'] or ''}", all(grades)
    elif "correct" in row:
        yield row["response"] or "", row["correct"] is True
    else:  # zeroeval records no grades
        text = row["response"] or ""
        reasoning = REASONING.search(text)
        yield (unescaped(reasoning[1]) if reasoning else text), is_right(row["gold"], text)


def unescaped(quoted: str) -> str:
    r"""Return the text of a JSON string in which a model may have written LaTeX's backslashes once: `\\frac`."""
    return json.loads(quoted, strict=False) if "\\\\" in quoted else quoted[1:-1].replace("\\n", "\n")


def is_right(reference: str, answer: str) -> bool:
    """Say whether the last box, or the answer of a JSON object, is the reference; not right if that is undecided."""
    quoted = [json.loads(text) for text in ANSWER.findall(answer)]
    try:
        return same_answer(reference, ([*boxes(answer)[-1:], *quoted[-1:]] or [""])[-1])
    except Undecided:
        return False
