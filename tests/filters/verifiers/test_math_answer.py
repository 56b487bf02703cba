"""The math verifier is right on hand-written and generated cases, and its fast path agrees with the slow one."""

from fractions import Fraction

import pytest
from equivalence_cases import SPELLINGS
from extraction_cases import SHAPES
from further_cases import FURTHER
from held_out_cases import HELD_OUT
from hypothesis import given, settings
from hypothesis import strategies as st
from judging_makers import quick_math, verify_math
from math_cases import CASES, EXTRACTION

from filters.verifiers.extraction.final_answer import final_answer
from filters.verifiers.math_answer import same_by_math_verify
from filters.verifiers.mathematics.equivalence import same_answer


@pytest.mark.parametrize(("reference", "answer", "equal", "kind"), CASES)
def test_equivalence(reference: str, answer: str, equal: bool, kind: str) -> None:
    verdict = verify_math(reference, f"\\boxed{{{answer}}}")
    assert (verdict.outcome == "pass") is equal, (kind, verdict)


@pytest.mark.parametrize(("reference", "answer", "accepted", "kind"), EXTRACTION + SHAPES + SPELLINGS + HELD_OUT)
def test_extraction(reference: str, answer: str, accepted: bool, kind: str) -> None:
    assert (verify_math(reference, answer).outcome == "pass") is accepted, (kind, final_answer(answer))


@pytest.mark.parametrize(("reference", "answer", "accepted"), FURTHER)
def test_further(reference: str, answer: str, accepted: bool) -> None:
    assert (verify_math(reference, answer).outcome == "pass") is accepted, final_answer(answer)


@pytest.mark.parametrize(
    ("reference", "answer", "passes"),
    [
        # The last digit of 1.2 \times 10^5 stands for tens of thousands.
        ("120000", r"\boxed{1.2 \times 10^5 = 120000}", True),
        (r"1.5 \times 10^8", r"\boxed{v \approx 1.5\times10^8 = 150000000}", True),
        ("120000", r"\boxed{1.2 \times 10^5 = 150000}", False),
        # A unit or a percent sign hides no decimals.
        ("2.236", r"\boxed{x = \sqrt5 \approx 2.236 \text{ units}}", True),
        (r"66.7\%", r"\boxed{\frac23 \approx 66.7\%}", True),
        ("4.5", r"\boxed{\frac{9}{2}\text{ hours} = 4.5 \text{ hours}}", True),
        ("5", r"\boxed{\frac{9}{2}\text{ hours} = 5 \text{ hours}}", False),
        ("2.3", r"\boxed{\sqrt5 \approx 2.5 \text{ units}}", False),
        ("36", r"\boxed{v = 10 \text{ m/s} = 36 \text{ km/h}}", True),
        ("10", r"\boxed{v = 12 \text{ m/s} = 10 \text{ m/s}}", False),
        # A value and what it is rounded to are the same quantity; a list has none of these, and neither has a guess.
        ("0.67", r"\boxed{x = \frac23 \approx 0.67}", True),
        (r"\frac{2}{3}", r"\boxed{x = \frac23 \approx 0.67}", True),
        (r"x = \frac23 \approx 0.67", r"\boxed{0.67}", True),
        (r"x = \frac23 \approx 0.67", r"\boxed{0.66}", False),
        ("2.24", r"\boxed{\sqrt5 = 2.236 \approx 2.24}", True),
        ("0.67", r"\boxed{x = 1, y = \frac23 \approx 0.67}", False),
        ("0.68", r"\boxed{\frac23 \approx 0.68}", False),
        ("4", r"\boxed{5 \approx 4}", False),
        ("5.1", r"\boxed{5.2 \approx 5.1}", False),
        (r"\pi", r"\boxed{\pi \approx 3.14}", True),
        # What is not computed here has the value that the answer gives it.
        ("9", r"\boxed{\lim_{x \to 3} x^2 = 9}", True),
        (r"\frac{1}{3}", r"\boxed{\int_0^1 x^2\,dx = \frac13}", True),
        (r"\frac{n(n+1)}{2}", r"\boxed{\sum_{k=1}^{n} k = \frac{n^2+n}{2}}", True),
        ("9", r"\boxed{\lim_{x \to 3} x^2 = 9 = 8}", False),
        ("2x", r"\boxed{\frac{\partial f}{\partial x} = 2x}", True),
        ("2", r"\boxed{\frac{\partial^2 f}{\partial x\,\partial y} = 2}", True),
        ("5", r"\boxed{\lim x \to 5}", False),
        (r"\frac{1}{3}", r"\boxed{\frac13 = 0.\overline{3}}", True),
        (r"\frac{1}{3}", r"\boxed{\frac12 = 0.\overline{3}}", False),
        # What the grammar does not know is wrong beside a reference that it knows.
        ("5", r"\boxed{-3.1e5 \approx 5}", False),
        ("100", r"\boxed{\log^{-1}(2)}", False),
        ("-3.5", r"\boxed{\operatorname{lcm}^{-1}or}", False),
        ("1 < x < 2", r"\boxed{1²/2} or 5", False),
        ("4", r"\boxed{\pma " + "1+" * 1900 + "1}", False),
    ],
)
def test_an_answer_in_an_unusual_form_is_decided(reference: str, answer: str, passes: bool) -> None:
    verdict = quick_math(reference, answer)
    assert verdict
    assert verdict.outcome == ("pass" if passes else "fail")


def test_two_unreadable_sides_never_match() -> None:
    assert verify_math(r"\int_0^", r"\boxed{\sum_{}^{}}").outcome != "pass"


def test_mathematics_outside_the_grammar_goes_to_math_verify() -> None:
    assert verify_math(r"\int_0^1 x\,dx", r"\boxed{\frac12}").outcome == "pass"
    assert verify_math(r"\int_0^1 x\,dx", r"\boxed{\frac13}").outcome == "fail"


numbers = st.fractions(min_value=-1000, max_value=1000, max_denominator=400)


def spellings(value: Fraction) -> list[str]:
    """The same number as a model may write it."""
    top, bottom = abs(value.numerator), value.denominator
    sign = "-" if value < 0 else ""
    found = [
        f"{sign}\\frac{{{top}}}{{{bottom}}}",
        f"{sign}{top}/{bottom}",
        f"{sign}\\dfrac{{{3 * top}}}{{{3 * bottom}}}",
    ]
    found += [
        f"${sign}\\tfrac{{{top}}}{{{bottom}}}$",
        f"{sign}{top} \\div {bottom}",
        f"x = {sign}\\frac{{{top}}}{{{bottom}}}",
    ]
    if bottom == 1:
        found += [
            f"{sign}{top}",
            f"{sign}{top}.0",
            f"{sign}{top:,}",
            f"\\text{{{sign}{top}}}",
            f"{sign}{top} \\text{{ ways}}",
        ]
    if 10**6 % bottom == 0:
        decimal = f"{top * 10**6 // bottom:07d}"
        found.append(f"{sign}{decimal[:-6]}.{decimal[-6:]}".rstrip("0"))
    if top > bottom > 1:
        found.append(
            f"{sign}{top // bottom}\\frac{{{top % bottom}}}{{{bottom}}}"
            if not sign
            else f"-\\frac{{{top}}}{{{bottom}}}"
        )
    return found


@given(numbers, st.data())
@settings(max_examples=300, deadline=None)
def test_every_spelling_of_a_number_is_that_number(value: Fraction, data: st.DataObject) -> None:
    reference, answer = (data.draw(st.sampled_from(spellings(value))) for _ in range(2))
    assert verify_math(reference, f"\\boxed{{{answer}}}").outcome == "pass", (reference, answer)


@given(numbers, numbers, st.data())
@settings(max_examples=300, deadline=None)
def test_another_number_is_never_accepted(ours: Fraction, theirs: Fraction, data: st.DataObject) -> None:
    if ours in (theirs, theirs * 100, theirs / 100):
        return
    reference = data.draw(st.sampled_from(spellings(ours)[:4]))
    answer = data.draw(st.sampled_from(spellings(theirs)))
    assert verify_math(reference, f"\\boxed{{{answer}}}").outcome == "fail", (reference, answer)


plain = st.one_of(
    st.integers(-(10**30), 10**30).map(str),
    st.decimals(-1000, 1000, places=3).map(str),
    st.fractions(max_denominator=50).map(lambda value: f"{value.numerator}/{value.denominator}"),
    st.sampled_from(["x", "2x+1", r"\frac{1}{2}", "(1,2)", r"\pi", "-0", "0.50", ".5", "1/2", "007"]),
)


@given(plain, plain)
@settings(max_examples=400, deadline=None)
def test_what_is_decided_at_once_is_what_the_whole_comparison_says(reference: str, answer: str) -> None:
    decided = quick_math(reference, f"\\boxed{{{answer}}}")
    if decided is not None:
        assert (decided.outcome == "pass") is same_answer(reference, answer), decided


@given(numbers, numbers)
@settings(max_examples=40, deadline=None)
def test_math_verify_agrees_on_fractions(ours: Fraction, theirs: Fraction) -> None:
    reference, answer = spellings(ours)[0], spellings(theirs)[0]
    assert same_by_math_verify(reference, answer) is same_answer(reference, answer)


variables = st.sampled_from(["x", "y", "n"])
leaves = st.one_of(st.integers(1, 9).map(str), variables)
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]}+{p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"{p[0]} \\cdot {p[1]}"),
        st.tuples(inner, inner).map(lambda p: f"\\frac{{{p[0]}}}{{{p[1]}}}"),
        inner.map(lambda p: f"({p})^2"),
        inner.map(lambda p: f"\\sqrt{{{p}}}"),
    ),
    max_leaves=6,
)


@given(expressions)
@settings(max_examples=150, deadline=None)
def test_an_expression_equals_its_rewritings_and_not_its_neighbour(text: str) -> None:
    assert same_answer(text, f"\\frac{{2({text})}}{{2}}")
    assert same_answer(text, f"1 + ({text}) - 1")
    assert not same_answer(text, f"({text}) + 1")
