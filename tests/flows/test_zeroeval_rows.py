"""Where our verdicts on Llama-3.1-405B's GSM8K answers differ from the published ones, ours are right.

ZeroEval takes `answer` of the completion's JSON, or what its last sentence boxes, and compares the first number in it.
Read so, the published figures come out exactly. The rows that we judge otherwise hold the right value: eight spell out
the sum, `"answer": "2 + 8 + 6 = 16"`, and one ends in `The final answer is: $145`, without a box.
"""

import json
import re

import pytest
from judging_makers import quick_math, verify_math
from published_outputs import FOLDER, PROVIDERS, zeroeval

from filters.reasons import PASS

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="needs ../shared/data/eval_outputs")

# The final answer is: $\boxed{36}$
BOXED = re.compile(r"The final answer is: \$\\boxed\{(.*?)\}\$")
# "answer": 18
ANSWER = re.compile(r'"answer":\s*"?([^",}\s]+)')
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
FIGURES = dict(zip(PROVIDERS, [(95.91, 95.98), (95.98, 96.36), (95.91, 96.13)], strict=True))
"""Published, and by our extraction."""
SPELLED_OUT = re.compile(r"^[\d\s.*+-]+= [\d\s.*+=-]+$")
OTHERWISE = {
    "Llama-3.1-405B-Instruct-Turbo": ["#1076"],
    "Meta-Llama-3.1-405B-Instruct@hyperbolic": ["#171", "#209", "#786", "#1076", "#1086"],
    "Llama-3.1-405B-Inst@sambanova": ["#610", "#840", "#1076"],
}


def published_reading(completion: str) -> str:
    """The answer as ZeroEval reads it; empty if there is none."""
    whole = re.search(r"\{.*\}", completion, re.DOTALL)
    try:
        return str(json.loads(whole.group().replace("\n", ""))["answer"]) if whole else ""
    except (ValueError, KeyError, TypeError):
        found = ANSWER.search(completion) or BOXED.search(completion)
        return found.group(1) if found else ""


def first_number(text: str) -> float | None:
    found = NUMBER.search(text.replace("$", "").replace(",", ""))
    return float(found.group()) if found else None


@pytest.mark.parametrize("provider", PROVIDERS)
def test_rows_that_we_judge_otherwise_are_right(provider: str) -> None:
    published, ours, otherwise = 0, 0, []
    rows = zeroeval("gsm", provider)
    for row in rows:
        reference, completion = row["reference"], row["completion"]
        reading = published_reading(completion)
        theirs = first_number(reading) == first_number(reference)
        verdict = quick_math(reference, completion) or verify_math(reference, completion)
        published += theirs
        ours += verdict.outcome == PASS
        if theirs != (verdict.outcome == PASS):
            otherwise.append(row["problem"].removeprefix("gsm8k-main-test-"))
            assert verdict.outcome == PASS
            assert SPELLED_OUT.match(reading) or completion.endswith("The final answer is: $145")
            assert (verdict.extracted or reading).replace(" ", "").endswith(reference.replace(",", ""))
    assert tuple(round(100 * right / len(rows), 2) for right in (published, ours)) == FIGURES[provider]
    assert otherwise == OTHERWISE[provider]
