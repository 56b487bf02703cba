"""A reasoning is cut at its budget to the token, and an answer gets what room is left."""

import pytest
from tokenizer_makers import SlowTokenizer, make_byte_tokenizer

from records.errors import InputError
from teacher.engines.tokenizer import ModelTokens
from teacher.sampling.continuation import AfterWait, ClosedAt
from teacher.sampling.drawn import Drawn


def drawn(reasoning: str, answer: str = "\\boxed{4}", closed: bool = True) -> Drawn:
    return Drawn(reasoning, answer, closed, "stop", 5, 99, 1, False, "")


BYTES = ModelTokens(make_byte_tokenizer(), "think")
"""Every byte is a token, and so is each tag."""


@pytest.mark.parametrize("more", [-1, 0])
def test_a_reasoning_within_the_budget_is_kept(more: int) -> None:
    assert ClosedAt(10, 5, 100, BYTES).begin(drawn("x" * (10 + more))) is None


def test_one_token_more_is_cut() -> None:
    begins = ClosedAt(10, 5, 100, BYTES).begin(drawn("0123456789A"))
    assert begins == ("<think>\n0123456789\n</think>\n\n", 10 + 2 + 4, 5)


def test_an_answer_has_no_more_room_than_the_whole() -> None:
    begins = ClosedAt(10, 50, 20, BYTES).begin(drawn("0123456789A"))
    assert begins is not None
    assert (begins.tokens, begins.max_tokens) == (16, 4)


def test_a_character_of_several_tokens_is_not_torn() -> None:
    assert BYTES.cut("aé€x", 2) == "aé", "its second byte comes along"
    assert BYTES.cut("aé€x", 3) == "aé"
    assert BYTES.cut("aé€x", 7) is None
    assert BYTES.count("aé€x") == 7


def test_an_unfinished_reasoning_is_cut_but_not_extended() -> None:
    unfinished = drawn("0123456789A", answer="", closed=False)
    assert ClosedAt(10, 5, 100, BYTES).begin(unfinished) is not None
    assert AfterWait(5, 100, BYTES).begin(unfinished) is None


@pytest.mark.parametrize(("most", "left"), [(22, None), (23, 5), (24, 6)])
def test_wait_needs_room_for_an_answer(most: int, left: int | None) -> None:
    begins = AfterWait(5, most, BYTES).begin(drawn("0123456789A"))
    assert begins == (None if left is None else ("<think>\n0123456789A\nWait", 2 + 11 + 5, left))


def test_other_tags_are_counted_as_the_model_writes_them() -> None:
    plain = make_byte_tokenizer(plain=["<think>", "</think>", "[THINK]", "[/THINK]"])
    prefix = "<think>\nab\n</think>\n\n"
    assert ModelTokens(plain, "mistral").count(prefix) == 2 + 2
    assert ModelTokens(plain, "think").count(prefix) == 2 + 2 + 4


def test_a_tokenizer_that_does_not_tell_where_tokens_end_is_refused() -> None:
    with pytest.raises(InputError, match="do not tell where tokens end"):
        ModelTokens(SlowTokenizer(), "think")
