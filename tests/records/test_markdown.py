"""Names stay names in Markdown: no heading, link, cell or code of their own."""

import pytest

from records.markdown import escaped, in_cell, in_code


def test_markup_is_taken_literally() -> None:
    hostile = "a_b\n# x\u2028[y](javascript:z) <img> `c` |"
    assert escaped(hostile) == "a\\_b \\# x \\[y\\](javascript:z) \\<img\\> \\`c\\` \\|"


def test_a_cell_stays_one() -> None:
    assert in_cell("a <b>c</b> < d <|e|>") == r"a \<b>c\</b> < d <\|e\|>"
    assert in_cell("0.5 [0.4, 0.6]|\r\n|---|") == "0.5 [0.4, 0.6]\\| \\|---\\|"


@pytest.mark.parametrize(
    ("text", "span"), [("a", "`a`"), ("a`b", "`` a`b ``"), ("``", "``` `` ```"), ("a\nb", "`a b`")]
)
def test_code_ends_where_its_text_does(text: str, span: str) -> None:
    assert in_code(text) == span
