"""The check of equations: what it decides, what it leaves undecided, and that it takes linear time."""

import random
import time

import pytest

from filters.scorers.equations import MOST_EQUATIONS, check_pieces, check_steps, step_values, summary
from records.steps import split_steps

TRUE = {
    "plain": "5 + 3 = 8",
    "chain": "5 + 3 = 8 = 2^3",
    "unknown on the left": "x = 5 + 3 = 8",
    "brackets": "((-9 - 5) * 2) = -28",
    "minus minus": "7 - -7 = 14",
    "implied product": "2(3 + 4) = 14",
    "words": "so 5 apples + 3 apples = 8 apples in all",
    "money": "It costs 3 * $2.50 = $7.50.",
    "thousands": "1,234 + 1 = 1,235",
    "braced thousands": r"$1{,}234 + 1 = 1{,}235$",
    "fraction": r"$\frac{1}{2} + \dfrac{1}{3} = \frac{5}{6}$",
    "product signs": r"$2 \times 3 \cdot 4 = 24$ and 2 × 3 = 6 and 2 x 3 = 6",
    "quotient": r"$6 \div 3 = 2$ and 6 ÷ 4 = 1.5",
    "percent of": "20% of 50 = 10",
    "fraction of": "3/4 of 12 = 9",
    "percent word": "20 percent = 1/5",
    "percent rounded": "1/3 = 33.3% and 1/3 = 33%",
    "units": r"$5 \text{ cm} + 3 \text{ cm} = 8 \text{ cm}$",
    "unit squared": r"$\frac{30 \text{ cm}^2}{3} = 10 \text{ cm}^2$",
    "factorial": "5! = 120",
    "root": r"$\sqrt{11/6} = \frac{\sqrt{66}}{6}$",
    "unicode": "√121 = 11 and 3² = 9 − 0",
    "pi": r"$\frac{25\pi}{169\pi} = \frac{25}{169}$",
    "binomial": r"$\binom{5}{2} = 10$",
    "rounded": "1/3 = 0.33",
    "rounded up": "2/3 = 0.667",
    "half a unit": "1/8 = 0.13",
    "about": "10 / 3 = about 3.3",
    "approximately": r"$\sqrt{2} \approx 1.414$",
    "whole approximately": "1234 * 1 ≈ 1200",
    "calculator": "75 / 55 = <<75/55=1.4>>1.4",
    "floating point": "0.1 + 0.2 = 0.30000000000000004",
    "comparison": r"$3 + 4 < 8$",
    "at most": r"$2^3 \le 8$",
    "aligned": r"\begin{align*} x &= 3 + 5 \\ &= 8 \end{align*}",
    "equals in words after colon": "Step 2: 5 + 3 = 8",
    "chinese": "所以5元+3元=8元。",
    "scientific": r"$2 \times 10^{-3} = 0.002$",
}
FALSE = {
    "plain": ("5 + 3 = 9", "5 + 3 = 9"),
    "first link": ("x = 5 + 3 = 9", "5 + 3 = 9"),
    "second link": ("5 + 3 = 8 = 2 * 5", "8 = 2 * 5"),
    "words": ("so 5 apples + 3 apples = 9 apples in all", "5 + 3 = 9"),
    "bullet": ("- 5 + 3 = 9", "5 + 3 = 9"),
    "after a label": ("Step 2: 5 + 3 = 9", "5 + 3 = 9"),
    "money": ("The total is 3*$2.50 = $7.51", "3 * 2.50 = 7.51"),
    "latex": (r"\[ 5 \times 3 = 16 \]", "5 * 3 = 16"),
    "percent": ("20% of 50 = 15", "20 % * 50 = 15"),
    "rounded": ("1/3 = 0.35", "1 / 3 = 0.35"),
    "percent rounded": ("1/3 = 33.9%", "1 / 3 = 33.9 %"),
    "far from about": ("100 / 3 = about 40", "100 / 3 = 40"),
    "comparison": ("2 + 5 < 3", "2 + 5 < 3"),
    "calculator": ("5 * 3 = <<5*3=16>>15", "5 * 3 = 16"),
    "remark": ("(5 + 3) * 2 = 17 (since that is so)", "( 5 + 3 ) * 2 = 17"),
    "aligned": (r"\begin{align*} x &= 3 + 5 \\ &= 9 \end{align*}", "3 + 5 = 9"),
    "follows from an if": ("If Dora is 15, then he is 8 + 2 * 15 = 41 years old.", "8 + 2 * 15 = 41"),
    "follows from an if without then": ("If he had 70, the bakery has 7 * 70 = 420.", "7 * 70 = 420"),
    "total of": ("He paid a total of $65 * 170 = $10,550.", "65 * 170 = 10550"),
    "left with": ("He is left with 7 - 3 + 2 = 4 balls.", "7 - 3 + 2 = 4"),
    "percent from percent": ("The rest is 100% - 40% - 30% = 20%.", "100 % - 40 % - 30 % = 20 %"),
    "remaining difference": ("She has 20 - 5 = 16 apples remaining.", "20 - 5 = 16"),
    "left over of a product": ("3 * 7 = 22 are left over.", "3 * 7 = 22"),
}
UNDECIDED = {
    "unknown": "2x + 3 = 7",
    "unknown alone": "6s - 4 = 116",
    "unknown that is a unit's letter": "12m - 3m = 18",
    "unknown behind a bracket": "6 + 9 = 3(S + 9)",
    "unknown in a fraction": r"$1 = \frac{50}{2xy}$",
    "absolute value": r"$70 = 50 + 60 - |F|$",
    "assignment": "x = 5",
    "function": "f(2) = 5",
    "supposed": "Suppose 2 + 2 = 5.",
    "if": "If 5 + 3 = 9, then we are lost.",
    "denied behind an if": "If that is so, then it is not 5 + 3 = 9.",
    "in the condition": "If he pays 5 + 3 = 9, the rest is his.",
    "supposed behind an if": "If so, suppose that 5 + 3 = 9.",
    "numbers behind an if": "If 2, 3 + 4 = 9",
    "more than a total": "He has more than 3 * 2 = 7.",
    "remaining quotient": "17 / 5 = 4 remaining",
    "left over in a fraction": r"$\frac{17}{5} = 4$ with some left over",
    "percent off behind a bracket": "(50 + 50) - 20% = 75",
    "would": "That would be 5 + 3 = 9.",
    "denied": "5 + 3 = 9 is not true.",
    "asked": "5 + 3 = 9?",
    "unequal": r"$5 + 3 \ne 9$ and 5 + 3 ≠ 9",
    "contradiction": "So 5 + 3 = 9, a contradiction.",
    "taken back in the next step": "5 + 3 = 9. Wait, that is wrong.",
    "congruence": r"$9 + 8 \equiv 5 \pmod{12}$, so 9 + 8 = 5",
    "other base": "In base 7, 5 + 4 = 12.",
    "base as an index": "In octal, $5_8 + 4_8 = 11_8$, 5 + 4 = 11",
    "clock": "9 + 5 = 2 o'clock",
    "time": "9:30 + 1:45 = 11:20",
    "conversion": "2 * 60 minutes = 2 hours",
    "percent unsaid": "5 / 20 * 100 = 25%",
    "percent unsaid, rounded": "4 / 12 * 100 = 33.33%",
    "percent off": "100 - 20% = 80",
    "cut off": "2 / 3 = 0.66",
    "whole part": "25 / 2 = 12 boxes",
    "remainder": "17 / 5 = 3 remainder 2",
    "rounded before": "3.14 * 25 = 78.54",
    "sum with dots": "1 + 2 + ... + 100 = 5051",
    "more than": "He has 5 more than 3 * 2 = 11.",
    "label": "Week 2 = 3 * 5",
    "subtracted from words": "profit - 5 + 3 = 9",
    "glued to words": "profit-5 + 3 = 9",
    "things of other kinds": "3 pencils + 1 eraser = 124 cents",
    "sign in words": "$1800 - $2000 = $200 less",
    "product behind a slash": "6/2(3) = 1",
    "minus before a power": "-2^2 = 4",
    "running on": "3 + 5 = 8 * 2 = 16",
    "two numbers": "5 = 8",
    "exclamation": "5 + 3 = 8!",
    "angle": r"$\frac{5\pi}{4} = 225^\circ$",
    "symbol pi": r"$\pi = \frac{1}{300}$",
    "division of fractions": r"$1/6 \div 1/5 = 5/6$",
    "modulo": "4045 % 10 = 5",
    "decimal comma": "1,5 + 2 = 3,5",
    "code": "```\n5 + 3 = 9\n```",
    "height in words": r"$10 \text{ cm}^2 = \frac{1}{2} \times 10 \text{ cm} \times \text{height}$",
    "large": "9^9^9^9 = 5",
    "many digits": f"{'9' * 41} + 1 = 5",
    "division by zero": "1 / 0 = 5",
}


@pytest.mark.parametrize("kind", TRUE)
def test_holds(kind: str) -> None:
    found = check_steps(TRUE[kind])
    assert sum(check.decided for check in found) > 0
    assert not [check.false for check in found if check.false]


@pytest.mark.parametrize("kind", FALSE)
def test_does_not_hold(kind: str) -> None:
    text, equation = FALSE[kind]
    assert [false for check in check_steps(text) for false in check.false] == [equation]


@pytest.mark.parametrize("kind", UNDECIDED)
def test_is_undecided(kind: str) -> None:
    assert not [check for check in check_steps(UNDECIDED[kind]) if check.false]


@pytest.mark.parametrize("kind", ["unknown", "assignment", "supposed", "denied", "conversion", "large"])
def test_what_is_undecided_has_no_value(kind: str) -> None:
    assert set(step_values(UNDECIDED[kind])) == {None}


def test_words_that_the_context_cuts_are_no_doubts() -> None:
    """160 characters are read before an equation and 80 behind it; where they end, `knot` is no `not`, `nothing` no
    `not`."""
    for length in range(140, 170):
        assert check_steps(f"a knot {'b' * length} 5 + 3 = 9")[0].false, length
    for length in range(60, 100):
        assert check_steps(f"5 + 3 = 9 {'b' * length} nothing")[0].false, length
    near, far = ("5 + 3 = 9 " + "b" * length + " not" for length in (70, 80))
    assert not check_steps(near)[0].false
    assert check_steps(far)[0].false
    assert not check_steps("如果" + "的" * 100 + " 5 + 3 = 9")[0].false


def test_one_value_for_each_step() -> None:
    text = "We add.\n5 + 3 = 8. Then 8 + 1 = 9 and 2 * 2 = 5.\n1 + 1 = 2"
    assert step_values(text) == [None, 1.0, 0.0, 1.0]
    found = check_steps(text)
    assert [(check.decided, len(check.false)) for check in found] == [(0, 0), (1, 0), (2, 1), (1, 0)]
    whole = summary(found)
    assert (whole.steps, whole.decided, whole.false, whole.first_false) == (4, 3, 1, 2)
    assert (whole.share_decided, whole.share_false) == (0.75, 1 / 3)


def test_a_text_without_equations() -> None:
    assert step_values("") == []
    assert summary([]).share_decided == summary(check_steps("Nothing here.")).share_false == 0.0
    assert summary(check_steps("1 + 1 = 2")).first_false is None


def test_given_steps_are_not_split() -> None:
    assert [check.value for check in check_pieces(["1 + 1 = 2. And 2 + 2 = 5.", "None"])] == [0.0, None]


def test_the_number_of_equations_is_bounded() -> None:
    values = step_values("1 + 1 = 2\n" * (MOST_EQUATIONS + 1))
    assert values == [1.0] * MOST_EQUATIONS + [None]


def test_a_hostile_text_takes_bounded_time() -> None:
    started = time.process_time()
    check_steps("1.01 + 1.02 + 1.03 + 1.04 + 1.05 = 7.123 = 2^999 / 3^999\n" * 20_000)
    assert time.process_time() - started < 20


def test_any_text_is_checked() -> None:
    generator = random.Random(7)
    parts = [
        "5",
        "3.25",
        "=",
        "<",
        *"{}()[]^!%$+-*/÷°²½√|&\n ",
        "\\frac",
        "\\sqrt",
        "\\binom",
        "\\pi",
        "<<",
        "of",
        "m",
        "apples",
    ]
    parts += ["**", "\ud800", "\0", "1,234", "\\\\", "0", "≈", "about", "\\$"]
    for _ in range(1_000):
        text = "".join(generator.choices(parts, k=generator.randint(1, 40)))
        assert len(step_values(text)) == len(split_steps(text))


def test_true_sums_are_never_false() -> None:
    generator = random.Random(1)
    for _ in range(500):
        numbers = [generator.randint(0, 999) for _ in range(generator.randint(2, 5))]
        text = " + ".join(map(str, numbers))
        assert step_values(f"The sum is {text} = {sum(numbers)}.") == [1.0]
        assert step_values(f"The sum is {text} = {sum(numbers) + 1}.") == [0.0]


@pytest.mark.parametrize(
    "unit",
    [
        "1 + ",
        "1 = ",
        "(",
        "(1 = ",
        "1) ",
        "{1",
        "\\frac{1}{",
        "$",
        "a ",
        "1 a ",
        "- ",
        "1 of ",
        "% ",
        "<<1=",
        "|",
        "=",
        "√1",
        ". ",
        "x",
        "≈",
        "≈ about ",
    ],
)
def test_time_is_linear(unit: str) -> None:
    """As in test_linear_patterns.py: processor time, a generous factor, nothing compared below 0.05 s."""
    short, long = (seconds(unit, size) for size in (2_000, 20_000))
    assert long <= max(30 * short, 1.0)


def seconds(unit: str, size: int) -> float:
    text = (unit * (size // len(unit) + 1))[: size - 2] + "=1"
    started = time.process_time()
    check_pieces([text])
    return max(time.process_time() - started, 0.05)
