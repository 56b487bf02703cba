"""Every reference, written as a well-formed answer, passes when it is verified against itself."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import SHARED
from judging_makers import verify_math

EMPTY = 4
"""References of MATH's train set that are empty or null: nothing can be right against them."""
SENTENCES = {
    "$f(x)=a x+b$, where $b$ is an arbitrary integer, and $a$ is an arbitrary positive integer with $\\mho(a)=0$"
}
"""Outside a box what follows "where" is taken for an explanation."""


def rows(file: str) -> list[dict[str, Any]]:
    text = (SHARED / file).read_text()
    return json.loads(text) if file.endswith(".json") else [json.loads(line) for line in text.splitlines()]


def references() -> Iterator[str]:
    for name in ("train", "test"):
        yield from (row["answer"].rpartition("####")[2].strip() for row in rows(f"gsm8k/{name}.jsonl"))
    yield from (row["answer"] for row in rows("math/math500.jsonl"))
    yield from (row["answer"] or "" for row in rows("math/math_train7474_answers.json"))
    yield from (", ".join(row["final_answer"]) for row in rows("qwen_eval_sets/olympiadbench.jsonl"))


@pytest.mark.parametrize(
    "written",
    [
        "\\boxed{{{}}}",
        "We add.\n\nTherefore, the final answer is: $\\boxed{{\\displaystyle {} }}$.",
        "<answer> {} </answer>",
    ],
)
def test_every_reference_passes_against_itself(written: str) -> None:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is absent: no references to judge")
    exempt = set() if "boxed" in written else SENTENCES
    failed = [text for text in references() if verify_math(text, written.format(text)).outcome != "pass"]
    failed = [text for text in failed if text not in exempt]
    assert len(list(references())) == 17_441
    assert failed == [""] * EMPTY
