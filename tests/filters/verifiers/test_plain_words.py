"""Words that are formulas, and words that name something."""

import pytest

from filters.verifiers.mathematics.plain_words import is_formula


@pytest.mark.parametrize("words", ["ab", "ln", "x y", "x ln x", "lnx", "rh"])
def test_symbols_and_functions_are_a_formula(words: str) -> None:
    assert is_formula(words)


@pytest.mark.parametrize("words", ["", "x", "men", "no", "x men", "12"])
def test_a_lone_letter_and_a_word_are_none(words: str) -> None:
    assert not is_formula(words)
