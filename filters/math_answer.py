"""The answer against the reference with math-verify (sympy), called in a killable worker process only."""

from filters.boxed import BOX, boxes
from filters.reasons import FAIL, NO_ANSWER, PASS, UNKNOWN, UNVERIFIABLE, WRONG_ANSWER
from records.rows import Verdict

NAME, VERSION = "math", "1"


def settle_math(reference: str, answer: str) -> Verdict | None:
    """The verdict where equal text decides it, so that most right answers never need a worker; else None."""
    found = boxes(answer)
    if found and found[-1].strip() == reference.strip() != "":
        return Verdict(NAME, VERSION, PASS, detail=found[-1].strip())
    return None


def verify_math(reference: str, answer: str) -> Verdict:
    """Compare the last box, or without one the last expression math-verify finds. Two unparsed sides never match."""
    from math_verify import parse, verify  # 1 s

    found = boxes(answer)
    if not reference.strip():
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, "no reference")
    # The pool's own limit stops a hanging comparison: math-verify's uses SIGALRM, which C code never sees.
    gold = parse(f"{BOX}{reference}}}", parsing_timeout=None)
    extracted = parse(f"{BOX}{found[-1]}}}" if found else answer, parsing_timeout=None)
    detail = found[-1].strip() if found else str(extracted[-1]) if extracted else ""
    if not gold:
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, detail)
    if not extracted:
        return Verdict(NAME, VERSION, FAIL, NO_ANSWER, detail)
    if verify(gold, extracted, timeout_seconds=None):
        return Verdict(NAME, VERSION, PASS, detail=detail)
    return Verdict(NAME, VERSION, FAIL, WRONG_ANSWER, detail)
