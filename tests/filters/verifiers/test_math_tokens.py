"""Reading tokens of a formula, up to the end and past it."""

import pytest

from filters.verifiers.mathematics.tokens import TokenReader


@pytest.mark.parametrize(
    ("taken", "ahead", "token"),
    [(0, 0, "a"), (0, 1, "b"), (0, 2, "c"), (0, 3, None), (1, 1, "c"), (1, 2, None), (2, 0, "c"), (3, 0, None)],
)
def test_past_the_end_there_is_no_token(taken: int, ahead: int, token: str | None) -> None:
    reader = TokenReader(["a", "b", "c"])
    for _ in range(taken):
        reader.take()
    assert reader.peek(ahead) == token
