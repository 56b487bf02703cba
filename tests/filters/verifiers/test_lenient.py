"""A lenient reading finds answers that nothing announces, names its rule, and takes no hedge for an answer."""

import pytest
from conftest import make_trace
from judging_makers import verify_math

from filters.lenient import lenient_verdict
from filters.verifiers.evidence import Evidence
from filters.verifiers.extraction.lenient import LAST_LINE, LAST_VALUE, NO_READING, lenient_answer
from records.rows import STRICT, Verdict


@pytest.mark.parametrize(
    ("text", "rule", "answer"),
    [
        ("We count them.\n$x = 5$ apples", LAST_LINE, "x = 5 apples"),
        ("She has 3 and he has 2, which makes a total of 5 apples in all of it.", LAST_VALUE, "5"),
        ("We add and get 5 of them there.\n\nQuestion: How many are 3 + 4?\nAnswer: 7", LAST_LINE, "5"),
        ("We add and get 5 of them there. I hope this helps!", LAST_LINE, "5"),
        ("It is 7 or 5", NO_READING, None),
        ("It is not 5", NO_READING, None),
        ("They are six there, not 5", NO_READING, None),
        ("If some did not grow, then he has 5 of them", LAST_VALUE, "5"),
        ("Is it 5?", NO_READING, None),
        ("It is anything but 5", NO_READING, None),
        ("It is 5. Wait, that is 7", NO_READING, None),
        ("There is no number here.", NO_READING, None),
        ("", NO_READING, None),
        ("The number is not 10, it is 12", LAST_LINE, "12"),
        ("It is not 10 but 12 or 13", NO_READING, None),
    ],
)
def test_what_a_text_ends_with(text: str, rule: str, answer: str | None) -> None:
    assert lenient_answer(text) == (rule, answer)


@pytest.mark.parametrize(
    ("text", "rule", "answer"),
    [
        ("Venus is hot, I would go for (B)", LAST_LINE, "B"),
        ("Venus is hot, not B", NO_READING, None),
        ("A planet has B or C", NO_READING, None),
        ("Venus", NO_READING, None),
    ],
)
def test_the_last_letter_of_a_choice(text: str, rule: str, answer: str | None) -> None:
    assert lenient_answer(text, is_choice=True) == (rule, answer)


def judged(answer: str, reference: str = "5") -> tuple[str, str]:
    trace = make_trace(answer=answer, reference=reference, verifier="math")
    strict = verify_math(reference, answer)
    found = lenient_verdict(trace, strict, lambda evidence: lambda: verdict_of(evidence))
    return found.rule, found.verdict.outcome


def verdict_of(evidence: Evidence) -> Verdict:
    return verify_math(evidence.reference, evidence.answer)


def test_it_is_asked_only_where_the_strict_policy_finds_nothing() -> None:
    assert judged("\\boxed{6}. So they are 5 there.") == (STRICT, "fail")
    assert judged("\\boxed{5}") == (STRICT, "pass")
    assert judged("She gives 2, so that she is left with the other 5 there.") == (LAST_VALUE, "pass")
    assert judged("She gives 2, so that she is left with the other 5 there.", "2") == (LAST_VALUE, "fail")
    assert judged("Here is the number: $5$") == (LAST_LINE, "pass")
    assert judged("Here is the number: $5$", "6") == (LAST_LINE, "fail")
    assert judged("5 square metres") == (STRICT, "pass")
    assert judged("all real numbers") == (STRICT, "fail")
    assert judged("She gives some of them away to him there, and that is it.") == (NO_READING, "fail")
