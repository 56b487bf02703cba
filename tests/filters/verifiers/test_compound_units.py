"""Numbers with units of several parts, as physics writes them."""

import pytest

from filters.reasons import FAIL, PASS
from filters.verifiers.evidence import Evidence
from filters.verifiers.math_answer import full

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


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_on_one_side_says_nothing(unit: str) -> None:
    for reference, answer in (("5", f"5{unit}"), (f"5{unit}", "5"), (f"5{unit}", f"5{unit}")):
        assert full(Evidence("math", reference, "", f"\\boxed{{{answer}}}")).outcome == PASS
    assert full(Evidence("math", "6", "", f"\\boxed{{5{unit}}}")).outcome == FAIL


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
    ],
)
def test_units_are_compared(reference: str, answer: str, outcome: str) -> None:
    assert full(Evidence("math", reference, "", f"\\boxed{{{answer}}}")).outcome == outcome
