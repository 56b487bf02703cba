"""The answer by the reasoning-gym task's own scorer, from the entry stored with the problem."""

import json

from filters.boxed import boxes
from filters.reasons import FAIL, PASS, WRONG_ANSWER
from records.rows import Verdict

NAME, VERSION = "reasoning_gym", "1"
FULL_SCORE = 1.0 - 1e-6
"""Scorers give partial credit for near answers (complex_arithmetic: exp(-distance)); only full credit passes."""


def settle_reasoning_gym(reference: str, answer: str) -> Verdict | None:
    """The verdict where the box holds the reference's very text; else None."""
    found = boxes(answer)
    if found and found[-1].strip() == reference.strip() != "":
        return Verdict(NAME, VERSION, PASS, detail=found[-1].strip(), score=1.0)
    return None


def verify_reasoning_gym(extra: str, answer: str) -> Verdict:
    from reasoning_gym import get_score_answer_fn  # 2 s: it imports every task

    entry = json.loads(extra)
    found = boxes(answer)
    extracted = found[-1].strip() if found else answer.strip()
    score = float(get_score_answer_fn(entry["metadata"]["source_dataset"])(extracted, entry))
    if score >= FULL_SCORE:
        return Verdict(NAME, VERSION, PASS, detail=extracted, score=score)
    return Verdict(NAME, VERSION, FAIL, WRONG_ANSWER, extracted, score)
