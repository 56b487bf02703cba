"""Names stay names in Markdown: no heading, link, cell or code of their own."""

import pytest

from records.markdown import escaped, in_cell, in_code


def test_an_underscore_marks_nothing_within_a_word() -> None:
    assert escaped("chain_sum _x_ __init__ a_") == r"chain_sum \_x\_ \_\_init\_\_ a\_"


def test_markup_is_taken_literally() -> None:
    hostile = "a_b\n# x\u2028[y](javascript:z) <img> `c` |"
    assert escaped(hostile) == "a_b \\# x \\[y\\](javascript:z) \\<img\\> \\`c\\` \\|"


def test_a_cell_stays_one() -> None:
    assert in_cell("a <b>c</b> < d <|e|>") == r"a \<b>c\</b> < d <\|e\|>"
    assert in_cell("0.5 [0.4, 0.6]|\r\n|---|") == "0.5 [0.4, 0.6]\\| \\|---\\|"


@pytest.mark.parametrize(
    ("text", "span"), [("a", "`a`"), ("a`b", "`` a`b ``"), ("``", "``` `` ```"), ("a\nb", "`a b`")]
)
def test_code_ends_where_its_text_does(text: str, span: str) -> None:
    assert in_code(text) == span
