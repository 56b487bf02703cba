"""Tolerance, gate and extraction: what they accept, and what they say is wrong."""

from typing import Any

import pytest
from pydantic import ValidationError

from configs.budgets import Budgets
from configs.evaluation import Evaluation


def evaluation(**fields: Any) -> Evaluation:
    return Evaluation.model_validate({"max_tokens": 100} | fields)


def test_what_stands_without_being_set() -> None:
    found = evaluation()
    assert (found.tolerance.points, found.tolerance.confidence) == (1.0, 0.95)
    assert (found.gate, found.extraction) == (None, "auto")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"tolerance": {"points": 0}}, "greater than 0"),
        ({"tolerance": {"points": -1}}, "greater than 0"),
        ({"tolerance": {"points": 100.1}}, "less than or equal to 100"),
        ({"tolerance": {"confidence": 0.5}}, "greater than 0.5"),
        ({"tolerance": {"confidence": 1}}, "less than 1"),
        ({"gate": {}}, "has no condition; set beats_base or quantized_within, or remove it"),
        ({"gate": {"quantized_within": {"nf4": 0}}}, "quantized_within.nf4: give percentage points above 0"),
        (
            {"gate": {"quantized_within": {"nf4": 100.1}}},
            "quantized_within.nf4: give percentage points above 0, at most",
        ),
        ({"gate": {"quantized_within": {"nf4": -2.0}}}, "quantized_within.nf4: give percentage points above 0"),
        ({"gate": {"quantized_within": {"nf5": 2}}}, "gate.quantized_within.nf5: no such quantized precision; there"),
        ({"gate": {"quantized_within": {"full": 2}}}, "gate.quantized_within.full: no such quantized precision"),
        (
            {"gate": {"quantized_within": {"int8": 2}}, "models": {"student": ["full", "nf4"]}},
            "gate.quantized_within.int8: the student is not measured in int8; add it, or remove the condition",
        ),
        ({"extraction": "lenient", "require_box": True}, "which require_box counts as wrong; remove one of them"),
        ({"extraction": "loose"}, "'auto', 'strict' or 'lenient'"),
    ],
)
def test_mistakes_are_told(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        evaluation(**fields)


@pytest.mark.parametrize(
    ("fields", "of_others", "of_students"),
    [
        ({}, "lenient", "strict"),
        ({"extraction": "strict"}, "strict", "strict"),
        ({"extraction": "lenient"}, "lenient", "lenient"),
        ({"require_box": True}, "strict", "strict"),
    ],
)
def test_models_that_were_not_trained_here_are_read_leniently(
    fields: dict[str, Any], of_others: str, of_students: str
) -> None:
    found = evaluation(**fields)
    assert found.extraction_of(trained_here=False) == of_others
    assert found.extraction_of(trained_here=True) == of_students
    assert found.reads_leniently == (of_others == "lenient")


@pytest.mark.parametrize(("answer_tokens", "fits"), [(99, True), (100, True), (101, False)])
def test_thinking_and_its_answer_may_fill_max_tokens(answer_tokens: int, fits: bool) -> None:
    budgets = Budgets(think=[100, 400], answer_tokens=answer_tokens)
    if fits:
        budgets.check_room(500)
    else:
        with pytest.raises(ValueError, match="400 tokens of thinking and 101 of the answer exceed max_tokens"):
            budgets.check_room(500)


def test_without_budgets_there_is_room_for_any_answer() -> None:
    Budgets(answer_tokens=99).check_room(1)


@pytest.mark.parametrize("points", [0.1, 1, 100])
def test_a_gate_takes_any_share_of_points(points: float) -> None:
    gate = evaluation(gate={"quantized_within": {"nf4": points}}, models={"student": ["full", "nf4"]}).gate
    assert gate is not None
    assert gate.quantized_within == {"nf4": points}
