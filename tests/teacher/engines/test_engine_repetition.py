"""Loops in a stream of tokens or text are found soon, and nothing else is taken for one."""

import random

import pytest

from teacher.engines.repetition import MAX_PERIOD, text_loops, tokens_loop

DRAW = random.Random(0)
TOKENS = [DRAW.randrange(150_000) for _ in range(5000)]


@pytest.mark.parametrize("period", [1, 2, 3, 17, 100, MAX_PERIOD])
def test_a_loop_is_found_after_eight_rounds(period: int) -> None:
    block = TOKENS[:period]
    rounds = max(8, -(-256 // period))
    assert tokens_loop(TOKENS + block * rounds)
    assert not tokens_loop(TOKENS + block * (rounds - 1))


@pytest.mark.parametrize("tokens", [[], [1], [1] * 255, TOKENS, TOKENS[:100] * 7, [1] * 300 + [2]])
def test_what_is_no_loop(tokens: list[int]) -> None:
    assert not tokens_loop(tokens)


def test_a_repetition_within_the_block_hides_it_only_for_a_look() -> None:
    stream = ([1] * 40 + [2]) * 30
    looks = [tokens_loop(stream[:at]) for at in range(512, len(stream), 64)]
    assert looks.count(True) >= 3


def test_text() -> None:
    assert text_loops("So x = 3. " + "Wait, let me check again. " * 45)
    assert not text_loops("Wait, let me check again. " * 20)
    assert not text_loops("".join(f"{at} + {at} = {2 * at}\n" for at in range(300)))
    assert not text_loops("")
