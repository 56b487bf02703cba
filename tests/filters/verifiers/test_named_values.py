"""Names before a value: which may be one, and which values they keep apart."""

import pytest
from judging_makers import verify_math

from filters.reasons import FAIL, PASS


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        (r"\frac{1}{2}", r"e = \frac{1}{2}"),
        (r"\frac{1}{2}", r"e = \frac{c}{a} = \frac{1}{2}"),
        ("e = 2", "2"),
        ("0.87", r"e \approx 0.87"),
        ("3.5", r"i = 3.5\text{ A}"),
        ("e", "e"),
        ("2.718", r"e \approx 2.718"),
        *[("25", f"{name} = 25") for name in (r"\sigma^2", "R^2", r"\Delta x", r"\Phi", r"\hat{y}", r"m\angle ABC")],
        ("25", r"\frac{x}{y} = 25"),
        (r"\frac{x}{y} = 25", "25"),
        (r"m\angle A = 40^\circ", r"\angle A = 40^\circ"),
        (r"\hat{y} = 2x + 1", "y = 1 + 2x"),
        ("x=1, y=2", "1, 2"),
        ("x=1, y=2", "y=2, x=1"),
        ("y=2, x=1", "1, 2"),
        ("m=3, b=-1", "3, -1"),
        ("x=1, x=2", "2, 1"),
        ("x_1=1, x_2=2", "2, 1"),
        ("x_{1}=1, x_{2}=2", r"x = 1 \text{ or } x = 2"),
        ("x_1=1, x_2=2", "x = 2, x = 1"),
        ("x = 1, 2", "x_1=1, x_2=2"),
        (r"x=2 k \pi, k \in \mathbf{Z}", r"x = 2k\pi, \quad k \in \mathbb{Z}"),
        (r"x=2 k \pi(k \in \mathbf{Z})", r"x = 2k\pi"),
        (r"2k\pi", r"2k\pi \text{ for any integer } k"),
        (r"[2k\pi, \pi+2k\pi](k \in Z)", r"\left[2k\pi, 2k\pi+\pi\right], \text{ where } k \in \mathbb{Z}"),
        (r"\{x \mid x = k\pi, k \in \mathbf{Z}\}", r"\{x \mid x = k\pi, k \in \mathbb{Z}\}"),
        (r"x = k\pi, k \in \mathbb{Z}", r"x = n\pi, n \in \mathbb{Z}"),
        (r"(2n\pi, \pi+2n\pi), n \in \mathbf{Z}", r"(2k\pi, 2k\pi+\pi)\ (k \in \mathbb{Z})"),
        (r"k\pi, k \in Z", r"k\pi, k ∈ ℤ"),
        (r"\forall x > 0, x^2 > 0", "∀x > 0, x² > 0"),
        (r"k \in \mathbb{Z}", r"k \in \mathbb{Z}"),
    ],
)
def test_a_named_value_passes(reference: str, answer: str) -> None:
    assert verify_math(reference, f"\\boxed{{{answer}}}").outcome == PASS


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("e = 2", "e = 3"),
        ("3", "e = 2"),
        ("3", "e = 2 = 3"),
        ("5", "R^2 = 25"),
        (r"\frac{y}{x} = 25", r"\frac{x}{y} = 25"),
        ("x=1, y=2", "2, 1"),
        ("x=1, y=2", r"\{2, 1\}"),
        ("a=1, b=2, c=3", "3, 2, 1"),
        ("x_1=1, x_2=2", "x = 1, x = 3"),
        ("x_1=1, x_2=2", "y = 1, y = 2"),
        ("v=3, v_1=5", "v=5, v_1=3"),
        (r"2k\pi, k \in \mathbb{Z}", r"2k\pi, k \in \mathbb{N}"),
        (r"2k\pi, k \in \mathbb{Z}", r"k\pi, k \in \mathbb{Z}"),
        (r"2k\pi, k \in \mathbb{Z}", r"n\pi, n \in \mathbb{Z}"),
        (r"k\pi, k \in \mathbb{Z}", r"n\pi + k, n \in \mathbb{Z}"),
        (r"k\pi + n, k \in \mathbb{Z}", r"2n\pi, n \in \mathbb{Z}"),
        ("5", r"k \in \mathbb{Z}"),
    ],
)
def test_another_value_or_another_order_fails(reference: str, answer: str) -> None:
    assert verify_math(reference, f"\\boxed{{{answer}}}").outcome == FAIL


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"I(0)e^{-\frac{t}{RC}}", r"I(t) = e^{-\frac{t}{RC}} I(0)", PASS),
        (r"x(0)+v(0)t", "v(0)t + x(0)", PASS),
        ("f(0)+f(1)", "f(1)+f(0)", PASS),
        (r"\theta(0)\cos\omega t", r"\theta(0) \cos(\omega t)", PASS),
        ("5", "P(0) = 5", PASS),
        ("5", "y = m(0) + 5 = 5", PASS),
        ("0", "5(0)", PASS),
        (r"I(0)e^{-\frac{t}{RC}}", r"I(0)e^{\frac{t}{RC}}", FAIL),
        (r"I(0)e^{-\frac{t}{RC}}", "I(0)", FAIL),
        (r"I(0)e^{-\frac{t}{RC}}", "0", FAIL),
        (r"x(0)+v(0)t", "x(0)-v(0)t", FAIL),
        (r"\theta(0)\cos\omega t", r"\theta(0)\sin\omega t", FAIL),
        ("y'(0)t", "y(0)t", FAIL),
        ("f(0)", "0", FAIL),
        ("f(0)", "g(0)", FAIL),
        ("0", "f(0)", FAIL),
    ],
)
def test_a_value_at_zero_is_no_zero(reference: str, answer: str, outcome: str) -> None:
    assert verify_math(reference, f"\\boxed{{{answer}}}").outcome == outcome
