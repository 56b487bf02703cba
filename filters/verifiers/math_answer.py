"""Verifies mathematics: compares the final answer with the reference as text, as plain numbers, then by our own grammar
with exact values.

What the grammar does not cover (integrals, sums, limits) goes to math-verify (sympy), which has no time limit of its
own.
"""

import re
from fractions import Fraction

from filters.reasons import FAIL, NO_ANSWER, PASS, UNKNOWN, UNVERIFIABLE, WRONG_ANSWER
from filters.verifiers.evidence import Evidence
from filters.verifiers.extraction.boxed import BOX, without_doubled
from filters.verifiers.extraction.final_answer import final_answer
from filters.verifiers.lettered import lettered, lettered_beside
from filters.verifiers.mathematics.brackets import split_top
from filters.verifiers.mathematics.equivalence import is_decidable, same_answer
from filters.verifiers.mathematics.undecided import NotComputed, Undecided
from records.rows import Verdict

NAME, VERSION = "math", "19"
MAX_CHARACTERS = 4000
"""Characters of an answer that is parsed; longer ones are compared only as text. The longest reference of MATH has
159."""
PLAIN = re.compile(r"[-+]?(?:\d+(?:\.\d+)?|\.\d+|\d+/0*[1-9]\d*)")
SYMBOLIC = re.compile(r"\\(?:int|iint|oint|sum|prod|lim|begin|log|over)(?![a-z])")
"""Only texts with one of these commands go to math-verify: in a relation such as `> 4` it would compare just the 4."""
UNEVALUATED = re.compile(r"\\(?:int|iint|oint|sum|prod|lim|gcd|lcm|det|max|min)(?![a-z])")
"""Operations that an answer must have carried out where the reference holds none."""
# "\text{if } n \text{ is even}"
CONDITION = re.compile(
    r"(?<![A-Za-z\\])(?:even|odd|prime|composite|rational|irrational|divisible|not|otherwise)(?![a-z])"
)
REMAINING = {"otherwise", "not"}
# "1{,}500", "1{,}00{,}000", but not "2{,}5" and "0{,}125"
BETWEEN_GROUPS = re.compile(r"(?:(?<=[1-9])|(?<=\d\d))\{,\}(?=\d{3}(?!\d)|\d{2}\{,\})")
EQUALS = re.compile("=")
COMPUTATION = re.compile(r"[-+]?\d{1,400}(?:\s?(?:[-+*]|\\(?:times|cdot)(?![a-z]))\s?[-+]?\d{1,400}){1,60}")
"""Whole numbers that are still to be added or multiplied: the task itself, where a number is asked for."""


def quick(evidence: Evidence) -> Verdict | None:
    """Return the verdict if our own bounded arithmetic decides; None if only math-verify can tell."""
    extracted, gold = final_answer(evidence.answer), bare_reference(evidence.reference)
    if not gold:
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, extracted=on_one_line(extracted or ""))
    if extracted is None:
        return Verdict(NAME, VERSION, FAIL, NO_ANSWER)
    same = same_text_or_number(gold, extracted)
    if same is None and is_unevaluated(gold, extracted):
        same = False
    if same is None:
        try:
            same = (
                same_answer(gold, extracted)
                or lettered(gold, extracted)
                or lettered_beside(gold, evidence.answer, extracted)
            )
        except Undecided as error:
            # `0/0` and what nobody can read are wrong beside a sound reference: unknown would cost a policy nothing.
            same = lettered(gold, extracted)
            if not same and not is_decidable(gold):
                symbolic = SYMBOLIC.search(gold) or SYMBOLIC.search(extracted)
                if symbolic and not isinstance(error, NotComputed):
                    return None
                return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, extracted=on_one_line(extracted))
    return compared(same, extracted)


def same_text_or_number(reference: str, extracted: str) -> bool | None:
    """Compare equal texts and two plain numbers, which need no parsing. Return None if either side is more than
    that."""
    expected, found = plain(reference), plain(extracted)
    if expected == found:
        return True
    if max(len(extracted), len(reference)) > MAX_CHARACTERS:
        return False
    if PLAIN.fullmatch(expected) and PLAIN.fullmatch(found) and "." not in expected:
        return Fraction(expected) == Fraction(found)
    return None


def full(evidence: Evidence) -> Verdict:
    """Make the whole comparison. Call it where it can be stopped. Two sides that no parser can read never match."""
    if verdict := quick(evidence):
        return verdict
    extracted = final_answer(evidence.answer) or ""
    gold = bare_reference(evidence.reference)
    same = same_by_math_verify(gold, extracted) and same_conditions(gold, extracted)
    if same is None and not is_number(gold):
        return Verdict(NAME, VERSION, UNKNOWN, UNVERIFIABLE, extracted=on_one_line(extracted))
    return compared(same, extracted)


def bare_reference(reference: str) -> str:
    """Return the reference's own answer: it may be boxed, or stand after GSM8K's `####`."""
    reference = without_doubled(reference)
    if "boxed" in reference or "####" in reference or "<answer>" in reference:
        return final_answer(reference) or reference.strip()
    return reference.strip()


def plain(text: str) -> str:
    """Return a text without dollar signs, a final point and `{,}` between thousands, and with minus signs in ASCII."""
    text = text.strip().strip("$").strip().rstrip(".").replace("−", "-")
    return BETWEEN_GROUPS.sub("", text) if "{,}" in text else text


def is_number(text: str) -> bool:
    """Return True for a number or a fraction in digits."""
    return PLAIN.fullmatch(plain(text)) is not None


def is_unevaluated(reference: str, extracted: str) -> bool:
    r"""Return True if the answer is a question to be computed where the reference is its result: `37 \times 43` for
    1591, an integral for 1/3. `3 \cdot 10^8` is a number, and so is `\frac{8}{2}`."""
    last = split_top(extracted, EQUALS)[-1]
    if UNEVALUATED.search(last) and not UNEVALUATED.search(reference):
        return True
    return is_number(reference) and COMPUTATION.fullmatch(plain(last)) is not None


def same_by_math_verify(reference: str, answer: str) -> bool | None:
    """Compare by math-verify. Return None if it finds nothing to read in the reference."""
    from math_verify import LatexExtractionConfig, parse, verify  # takes 1 s

    # By default it would also read plain expressions, by sympy's parse_expr, which evaluates text as Python.
    latex = [LatexExtractionConfig()]
    # The pool's time limit stops a comparison that hangs; math-verify's uses SIGALRM, which C code ignores.
    expected, found = (parse(f"{BOX}{text}}}", latex, parsing_timeout=None) for text in (reference, answer))
    if not expected:
        return None
    return bool(found) and bool(verify(expected, found, timeout_seconds=None))


def same_conditions(reference: str, answer: str) -> bool:
    r"""Return True unless words that tell cases apart stand in another order: math-verify passes over them. Behind the
    first one, `otherwise` and `not` may say what the other side names: `even`, then `odd` or `otherwise`."""
    conditions = zip(*(CONDITION.findall(text) for text in (reference, answer)), strict=False)
    return all(one == other or (at and {one, other} & REMAINING) for at, (one, other) in enumerate(conditions))


def compared(same: bool | None, extracted: str) -> Verdict:
    outcome, reason = (PASS, "") if same else (FAIL, WRONG_ANSWER)
    return Verdict(NAME, VERSION, outcome, reason, extracted=on_one_line(extracted))


def on_one_line(extracted: str) -> str:
    return " ".join(extracted.split())
