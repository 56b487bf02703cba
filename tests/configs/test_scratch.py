"""Models that are trained from nothing."""

import pytest
from pydantic import ValidationError

from configs.load import load_config
from configs.scratch import Scratch

TINY = load_config("configs/demo/tiny.yaml").student.scratch


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"worked": 0.3, "restated": 0.7}, ""),
        ({"worked": 0.1, "restated": 0.2, "bare": 0.7}, ""),
        ({"worked": 1.0}, ""),
        ({"worked": 0.3, "restated": 0.69}, "the shares must add up to 1, not to 0.99"),
        ({"worked": 0.3, "restated": 0.71}, "the shares must add up to 1, not to 1.01"),
        ({}, "the shares must add up to 1, not to 0"),
        ({"worked": 0.0, "restated": 1.0}, "greater than 0"),
        ({"worked": 1.5, "restated": -0.5}, "greater than 0"),
        ({"worked": float("nan")}, "a finite number"),
        ({"guessed": 1.0}, "'worked', 'restated' or 'bare'"),
    ],
)
def test_shares_of_solutions(shares: dict[str, float], message: str) -> None:
    assert TINY is not None
    given = TINY.model_dump(mode="json") | {"solutions": shares}
    if not message:
        assert Scratch.model_validate(given).solutions == shares
        return
    with pytest.raises(ValidationError, match=message):
        Scratch.model_validate(given)
