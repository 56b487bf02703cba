"""How far the words reach that are read after an announcement, and after a letter whose text is unknown."""

import pytest

from filters.verifiers.choice.hints import LONGEST_TEXT
from filters.verifiers.choice.reading import Options, options_of, reading_of
from filters.verifiers.choice.statements import LONGEST_GAP, stated
from filters.verifiers.choice.text import clean

PLANETS = options_of('{"A": "Mars", "B": "Venus", "C": "Pluto"}')
UNKNOWN = Options()


def letters_of(text: str, options: Options = UNKNOWN) -> str:
    found = stated(reading_of(text, options))
    return "".join(sorted(found.letters)) if found else ""


@pytest.mark.parametrize(
    ("words", "letters"), [(1, "B"), (LONGEST_GAP - 1, "B"), (LONGEST_GAP, "B"), (LONGEST_GAP + 1, "")]
)
def test_so_many_words_may_stand_between_an_announcement_and_its_letter(words: int, letters: str) -> None:
    assert letters_of("The answer" + " is" * words + " B") == letters


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("B) Paris is correct.", "B"),
        ("(B) Paris is correct.", "B"),
        ("B: is correct.", "B"),
        ("B Paris is correct.", ""),
        ("B) Paris or C is correct.", ""),
        ("B)" + " x" * (LONGEST_TEXT - 1) + " is correct.", "B"),
        ("B)" + " x" * LONGEST_TEXT + " is correct.", ""),
    ],
)
def test_a_text_of_unknown_length_after_a_letter(text: str, letters: str) -> None:
    assert letters_of(text) == letters


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("Answers:\nA) Mars\nC) Pluto", "AC"),
        ("Answer:\nA\nC", "AC"),
        ("Answer:\nA is hot", ""),
        ("Answer: A\nC", "A"),
        ("Answer:\nnot A\nC", ""),
        ("Answer:\nA or B\nC", ""),
    ],
)
def test_a_list_of_answers_stands_below_its_heading(text: str, letters: str) -> None:
    assert letters_of(text, PLANETS) == letters


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("CO_{2}", "CO2"), ("CO_2", "CO2"), ("sp^{2}", "sp2"), ("sp^2", "sp2"), ("x_{1}", "x_{1}"), ("5^{2}", "5^{2}")],
)
def test_digits_of_formulas_stand_on_the_line(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "lone"),
    [
        *[(text, True) for text in ("b", "b.", "b\nIt is", "b. Because", "b. ", "a.", "i.", "a")],
        *[(text, False) for text in ("a. Because", "i. Because", "b.Because", "z. Because", "bb. Because", "b it is")],
    ],
)
def test_a_small_letter_that_ends_its_sentence(text: str, lone: bool) -> None:
    """`a` and `i` are words as well, so that a further sentence shows nothing of them."""
    assert reading_of(text, PLANETS).is_lone(0) == lone
