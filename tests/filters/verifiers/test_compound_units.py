"""Numbers with units of several parts, as physics writes them."""

import pytest
from judging_makers import verify_math

from filters.reasons import FAIL, PASS

UNITS = [
    r"\ \text{m}\,\text{s}^{-2}",
    r"\ \mathrm{m\,s^{-2}}",
    r"\ \mathrm{m \cdot s^{-2}}",
    r"\text{ m}\cdot\text{s}^{-2}",
    r"\,\Omega",
    r"\ \text{k}\Omega",
    r"\ \mu\text{m}",
    r"\ \mathrm{N \cdot m}",
    r"\ \text{kg}\cdot\text{m/s}",
    r"\ \mathrm{J/(mol \cdot K)}",
    r"\ \mathrm{~m} \cdot \mathrm{s}^{-1}",
    r"\ \text{s}^{-1}",
]


TORQUE = [
    r"\text{ N·m}",
    r"\text{ N}\cdot\text{m}",
    r"\,\mathrm{N\cdot m}",
    " N·m",
    r"\text{ Nm}",
    " Nm",
    r"\text{ N-m}",
]


@pytest.mark.parametrize("one", TORQUE)
@pytest.mark.parametrize("other", TORQUE)
def test_one_unit_however_it_is_written(one: str, other: str) -> None:
    assert verify_math(f"5{one}", f"\\boxed{{5{other}}}").outcome == PASS
    assert verify_math(f"6{one}", f"\\boxed{{5{other}}}").outcome == FAIL


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_on_one_side_says_nothing(unit: str) -> None:
    pairs = [("5", f"5{unit}"), (f"5{unit}", "5"), (f"5{unit}", f"5{unit}"), ("5", f"F_{{eq}} = 5{unit}")]
    for reference, answer in [*pairs, ("5", rf"\tau \approx 5{unit}"), (f"5{unit}", r"\approx 5")]:
        assert verify_math(reference, f"\\boxed{{{answer}}}").outcome == PASS
    for reference, answer in (("6", f"5{unit}"), (f"6{unit}", "5"), (f"6{unit}", "x+"), (f"6{unit}", f"5{unit}")):
        assert verify_math(reference, f"\\boxed{{{answer}}}").outcome == FAIL


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        (r"9.8 \text{ m/s}^2", r"9.8\ \text{m}\,\text{s}^{-2}", PASS),
        (r"9.8 \text{ m/s}", r"9.8\ \text{m}\,\text{s}^{-2}", FAIL),
        (r"5\,\Omega", r"5 \text{ ohms}", PASS),
        (r"5\,\Omega", r"5\ \text{k}\Omega", FAIL),
        (r"1.2 \times 10^5", r"1.2\times 10^{5}\ \mathrm{kg\cdot m/s}", PASS),
        ("5x", r"5\ \mathrm{N \cdot m}", FAIL),
        ("5", "5A", FAIL),
        ("5", "5pq", FAIL),
        ("5", "5 dozen", FAIL),
        ("2", r"2 m \cdot g", FAIL),
        ("12", "12 V", PASS),
        ("5", "5 N m", PASS),
        ("8.31", "8.31 J/K", PASS),
        (r"\frac{1}{2} C V^2", r"\frac{1}{2}", FAIL),
        (r"\frac{1}{2} A h", r"\frac{1}{2}", FAIL),
        (r"\frac{3}{2} k T", "1.5", FAIL),
        ("2 k T", "2", FAIL),
        ("3 N^2", "3", FAIL),
        ("2 A C", "2", FAIL),
        ("2 m V", "2", FAIL),
        (r"2\pi A", r"2\pi", FAIL),
        ("5", r"F_{\text{net}} = ma = 5\ \text{kg}\cdot\text{m}/\text{s}^2", PASS),
        ("5", r"R = 6 = 5\,\Omega", FAIL),
        ("5", r"R \ne 5\,\Omega", FAIL),
        ("5", r"R = 5\,\Omega, 6\,\Omega", FAIL),
        (r"2\sqrt{3}", r"\tau = 2\sqrt{3}\ \text{N}\cdot\text{m}", PASS),
        (r"2\pi", r"2\pi\ \text{rad}\cdot\text{s}^{-1}", PASS),
        ("10^5", r"10^{5}\ \text{N}\cdot\text{m}", PASS),
        (r"F = 5\,\Omega", "R = 5", FAIL),
    ],
)
def test_units_are_compared(reference: str, answer: str, outcome: str) -> None:
    assert verify_math(reference, f"\\boxed{{{answer}}}").outcome == outcome
