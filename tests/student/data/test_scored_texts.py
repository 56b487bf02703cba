"""Texts that a reward model is trained on: too long, beyond the embeddings, and what their labels say."""

import math
from typing import Any

import pytest
from transformers import AutoTokenizer

from student.data.scored_texts import fault_of, write_solution


@pytest.mark.parametrize(
    ("ids", "fault"),
    [
        ([], ""),
        ([9], ""),
        ([10], "special_token"),
        ([11, 0], "special_token"),
        ([0] * 4, ""),
        ([0] * 5, ""),
        ([0] * 6, "too_long"),
    ],
)
def test_a_text_has_at_most_five_tokens_of_a_model_with_ten(ids: list[int], fault: str) -> None:
    assert fault_of(ids, max_length=5, embedding_rows=10) == fault


@pytest.mark.parametrize(
    ("labels", "hard", "targets", "fault"),
    [
        ([0.0, 0.25, None, 1.0], False, [0.0, 0.25, math.nan, 1.0], ""),
        ([0.0, 0.25, None, 1.0], True, [0.0, 1.0, math.nan, 1.0], ""),
        ([None, None, None, 0.0], True, [math.nan, math.nan, math.nan, 0.0], ""),
        ([None] * 4, True, [math.nan] * 4, "no_label"),
    ],
)
def test_one_labelled_step_is_enough(
    labels: list[float | None], hard: bool, targets: list[float], fault: str, tiny_model: Any
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    steps = ["12 + 34", "\n", "= 46", "So", "46"]
    row = {"prompt": "What is 12 + 34?", "steps": steps, "labels": [labels[0], 1.0, *labels[1:]]}
    text = write_solution(tokenizer, row, hard, 1000, len(tokenizer))
    assert text.targets == pytest.approx(targets, nan_ok=True), "the blank step has no target"
    assert len(text.at) == 4
    assert text.fault == fault
