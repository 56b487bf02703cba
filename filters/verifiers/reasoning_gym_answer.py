"""Verifies reasoning-gym answers from the entry stored with the problem: by a check of our own where the installed
scorer does not check what the question asks (`gym/checks.py`), else by the task's own scorer."""

import json
from typing import Any

from filters.reasons import FAIL, PASS, UNKNOWN, UNVERIFIABLE, WRONG_ANSWER
from filters.verifiers.evidence import Evidence
from filters.verifiers.extraction.alternatives import names_another
from filters.verifiers.extraction.announcements import announced_answer
from filters.verifiers.extraction.boxed import BOX, boxes_with_places, restored
from filters.verifiers.extraction.closing_words import before_next_turn
from filters.verifiers.extraction.final_answer import ANSWER_ELEMENT
from filters.verifiers.extraction.retraction import is_taken_back
from filters.verifiers.extraction.struck import without_struck
from filters.verifiers.gym.checks import BESIDES, INSTEAD, REFUSED
from records.rows import REASONING_GYM, Verdict

NAME, VERSION = REASONING_GYM, "9"
FULL_SCORE = 1.0 - 1e-6
"""Score of an answer that passes. Scorers give partial credit for near answers (complex_arithmetic: exp(-distance)),
which is not enough."""


def quick(evidence: Evidence) -> Verdict | None:
    """Return a pass if the box holds exactly the reference's text; else None."""
    extracted = stated(evidence.answer) if BOX in evidence.answer else ""
    if extracted == evidence.reference.strip() != "":
        return Verdict(NAME, VERSION, PASS, score=1.0, extracted=extracted)
    return None


def full(evidence: Evidence) -> Verdict:
    """Score what the box, an `<answer>` element or a final phrase holds, or else the whole answer."""
    entry = json.loads(evidence.extra)
    task = entry["metadata"]["source_dataset"]
    extracted = stated(evidence.answer)
    if task in REFUSED:
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, f"{task}: {REFUSED[task]}")
    try:
        score = score_of(task, extracted, entry)
    except Exception as error:  # scorers raise on answers in a form they do not expect, and on broken entries
        if scores(task, entry):
            return Verdict(NAME, VERSION, FAIL, WRONG_ANSWER, score=0.0, extracted=extracted)
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, type(error).__name__, extracted=extracted)
    if score >= FULL_SCORE:
        return Verdict(NAME, VERSION, PASS, score=score, extracted=extracted)
    return Verdict(NAME, VERSION, FAIL, WRONG_ANSWER, score=score, extracted=extracted)


def score_of(task: str, answer: str, entry: dict[str, Any]) -> float:
    """Return the answer's score, 0 to 1. Errors: whatever a scorer raises."""
    if task in INSTEAD:
        return float(INSTEAD[task](answer, entry))
    if task in BESIDES and not BESIDES[task](answer, entry):
        return 0.0
    from reasoning_gym import get_score_answer_fn  # takes 2 s, as it imports every task

    return float(get_score_answer_fn(task)(answer, entry))


def stated(answer: str) -> str:
    """Return the last box or `<answer>` that holds something as it is, else what is announced, else the whole text,
    which is the only form of a board. An empty box or element, and a box that is taken back, are an empty answer."""
    answer = restored(before_next_turn(answer))
    if "boxed" in answer or "<answer>" in answer:
        answer = without_struck(answer)
    placed = boxes_with_places(answer)
    if placed:
        before, after = answer[: placed[-1][0]], answer[placed[-1][1] :]
        if is_taken_back(before, after) or names_another(before, placed[-1][2], after):
            return ""
    marked = [content for _, _, content in placed] or ANSWER_ELEMENT.findall(answer)
    found = [content for content in marked if content.strip()]
    return (found[-1] if found else "" if marked else announced_answer(answer) or answer).strip()


def scores(task: str, entry: dict[str, Any]) -> bool:
    """Return True if the entry's own answer gets full credit."""
    try:
        return score_of(task, str(entry["answer"]), entry) >= FULL_SCORE
    except Exception:
        return False
