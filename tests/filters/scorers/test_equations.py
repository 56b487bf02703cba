"""The check of equations: what it decides, what it leaves undecided, and that it takes linear time."""

import random
import time

import pytest
from equation_cases import FALSE, TRUE, UNDECIDED

from filters.scorers.equations import MOST_EQUATIONS, check_pieces, check_steps, step_values, summary
from records.steps import split_steps


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
