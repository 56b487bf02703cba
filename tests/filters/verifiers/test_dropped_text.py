"""What reading an answer must not drop: a side, a quantifier, a domain, a direction, a sign, an exponent."""

import pytest
from judging_makers import verify_math

from filters.reasons import FAIL, PASS

DIFFERENT = [
    ("2n", "2ⁿ"),
    ("2n+1", "2ⁿ + 1"),
    ("xk", "xᵏ"),
    (r"p \to q", r"r \to q"),
    (r"p \rightarrow q", r"\lnot p \rightarrow q"),
    (r"p \to q", r"q \to p"),
    (r"p \land q", r"~p \land q"),
    (r"N_2 + 3H_2 \rightarrow 2NH_3", r"N_2 + H_2 \rightarrow 2NH_3"),
    (r"A \to B \to C", r"B \to A \to C"),
    (r"\exists x \in \mathbb{R}, x^2 \le 0", r"\forall x \in \mathbb{R}, x^2 \le 0"),
    (r"\{x \in \mathbb{Z} \mid x > 3\}", r"\{x \in \mathbb{R} \mid x > 3\}"),
    (r"10\% \text{ increase}", r"10\% \text{ decrease}"),
    (r"\$5 \text{ profit}", r"\$5 \text{ loss}"),
    (r"5 \text{ km north}", r"5 \text{ km south}"),
    (r"10 \text{ m/s upward}", r"10 \text{ m/s downward}"),
    (r"3 \text{ units left}", r"3 \text{ units right}"),
    (r"5 \text{ minutes late}", r"5 \text{ minutes early}"),
    (r"5 \text{ mW}", r"5 \text{ MW}"),
    (r"5 \text{ GeV}", r"5 \text{ MeV}"),
    (r"5 \text{ pF}", r"5 \text{ nF}"),
    ("|ab|", "ab"),
    (r"\frac{c^2}{2|ab|}", r"\frac{c^2}{2ab}"),
    ("|a^2-b^2|", "a^2-b^2"),
    (r"\frac{1}{2}|x_1y_2-x_2y_1|", r"\frac{1}{2}(x_1y_2-x_2y_1)"),
    (r"\frac{|ax_0+by_0+c|}{\sqrt{a^2+b^2}}", r"\frac{ax_0+by_0+c}{\sqrt{a^2+b^2}}"),
    *[(r"\max(x,y,z)", rf"\max({names})") for names in ("x,y", "x,z", "y,z")],
    *[(r"\min(a,b,c)", rf"\min({names})") for names in ("a,b", "a,c", "b,c")],
    (r"i(0)e^{-\frac{Rt}{L}}", r"i(0)e^{\frac{Rt}{L}}"),
    (r"x(0)\cos\omega t + \frac{\dot{x}(0)}{\omega}\sin\omega t", r"x(0)\cos\omega t"),
    (r"\vec{r}(0) + \vec{v}(0)t", r"\vec{r}(0) - \vec{v}(0)t"),
    ("f^{-1}(0)", "0"),
    (r"(-\infty, 2) \cup (a, \infty)", r"\mathbb{R}"),
    (r"(-\infty, 3) \cup (2a, \infty)", r"(-\infty, 3) \cup (a, \infty)"),
    (r"x > a \text{ and } x > 2", "x > 2"),
    ("|x+1| < 4", "x < 3"),
    (r"\lfloor x \rfloor > 3", "x > 3"),
    (r"q\vec{v}\times\vec{B}", r"q\vec{B}\times\vec{v}"),
    (r"\vec{a}\cdot\vec{b}", r"\vec{a}\times\vec{b}"),
    (r"\mathbf{a}\times\mathbf{b}", r"\mathbf{b}\times\mathbf{a}"),
    (r"\mathbf{a}\times\mathbf{b}", r"\mathbf{a}\cdot\mathbf{b}"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_was_dropped_makes_a_difference(one: str, other: str) -> None:
    for reference, answer in ((one, other), (other, one)):
        assert verify_math(reference, f"\\boxed{{{answer}}}").outcome != PASS
        assert verify_math(reference, f"\\boxed{{{reference}}}").outcome == PASS


def test_whole_numbers_are_no_interval() -> None:
    interval, numbers = r"(3, \infty)", r"\{x \in \mathbb{Z} \mid x > 3\}"
    assert verify_math(interval, f"\\boxed{{{numbers}}}").outcome == FAIL
    assert verify_math(numbers, f"\\boxed{{{interval}}}").outcome == FAIL


def test_cases_that_words_tell_apart() -> None:
    cases = r"\begin{{cases}} 1 & \text{{if }} n \text{{ is {}}} \\ 0 & \text{{if }} n \text{{ is {}}}\end{{cases}}"
    one, other = cases.format("even", "odd"), cases.format("odd", "even")
    assert verify_math(one, f"\\boxed{{{one}}}").outcome == PASS
    assert verify_math(one, f"\\boxed{{{other}}}").outcome == FAIL
    remaining = one.replace(r"\text{if } n \text{ is odd}", r"\text{otherwise}")
    assert verify_math(one, f"\\boxed{{{remaining}}}").outcome == PASS
    assert verify_math(other, f"\\boxed{{{remaining}}}").outcome == FAIL


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("2^n", "2ⁿ"),
        (r"\frac{2^{n+1}-1}{3}", "(2ⁿ⁺¹ − 1)/3"),
        ("a_{n+1}", "aₙ₊₁"),
        ("e^{-at}", "e⁻ᵃᵗ"),
        ("5", "5ᵗʰ"),
        ("3", r"x \to 3"),
        (r"x \to 3", "3"),
        ("3", "→ 3"),
        (r"2H_2+O_2 \to 2H_2O", r"O_2 + 2H_2 \rightarrow 2H_2O"),
        (r"p \to q", r"p \implies q"),
        (r"\{x \in \mathbb{Z} \mid x > 3\}", r"\{n \in \mathbb{Z} : n > 3\}"),
        (r"\{x \in \mathbb{R} \mid x > 3\}", r"(3, \infty)"),
        (r"10\%", r"10\% \text{ increase}"),
        (r"5 \text{ km north}", r"5 \text{ km to the north}"),
        (r"5 \text{ apples}", r"5 \text{ apples left}"),
        ("|ab|", "|a||b|"),
        ("|ab|", r"\sqrt{a^2b^2}"),
        ("|a^2-b^2|", "|b-a||a+b|"),
        (r"\ln|\frac{x}{y}|", r"\ln|x|-\ln|y|"),
        (r"\max(a,b)", r"\frac{a+b+|a-b|}{2}"),
        (r"\dot{x}(0)t", r"t\dot{x}(0)"),
        ("3", "2(0)+3"),
        (r"(-\infty,a]\cup[b,\infty)", r"[b,\infty)\cup(-\infty,a]"),
        ("x < 3", "2x < 6"),
        (r"q\vec{v}\times\vec{B}", r"-q\vec{B}\times\vec{v}"),
        (r"q\mathbf{v}\times\mathbf{B}", r"q(\vec{v}\times\vec{B})"),
        (r"5 \text{ cm}", r"5~\text{cm}"),
        ("x", "~x"),
        ("(a,b)", "(~a, b~)"),
        (r"\neg q \to \neg p", r"~q \to ~p"),
        ("nth", "nᵗʰ"),
        (r"\{x\in\mathbb{Z}\mid x>3\}", r"\{x \in \mathbb{Z} \mid x>3\}"),
        (r"\{x\in\mathbb{Z}\mid x>3\}", r"\{x \in Z : x>3\}"),
        (r"\{x\in\mathbb{Z}\mid x>3\}", r"\{x \in {\mathbf Z} \mid x>3\}"),
    ],
)
def test_what_says_the_same_passes(reference: str, answer: str) -> None:
    assert verify_math(reference, f"\\boxed{{{answer}}}").outcome == PASS


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"g\left(1-\frac{\rho}{\rho_0}\right)", r"\frac{g(\rho_0-\rho)}{\rho_0}", PASS),
        (r"2g(h_1-h_2)", r"-2g(h_2-h_1)", PASS),
        (r"\frac{1}{2}g(t_1+t_2)^2", r"\frac{1}{2}g(t_1^2+2t_1t_2+t_2^2)", PASS),
        (r"\frac{1}{2}g(t_1+t_2)^2", r"\frac{1}{2}g^2(t_1+t_2)^2", FAIL),
        (r"\sqrt{2g(h-R)}", r"\sqrt{2g(R-h)}", FAIL),
        ("F(b)-F(a)", "F(b-a)", FAIL),
        ("g(x+y)", "g(x)+g(y)", FAIL),
        ("f(a+b)", "f(a)+f(b)", FAIL),
        ("g(x)^2", "g(x^2)", FAIL),
    ],
)
def test_a_letter_before_several_names_is_a_factor(reference: str, answer: str, outcome: str) -> None:
    assert verify_math(reference, f"\\boxed{{{answer}}}").outcome == outcome
