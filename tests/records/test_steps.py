"""The splitter of steps: nothing is lost, nothing that belongs together is cut, and it takes linear time."""

import random
import time
from itertools import pairwise

import pytest

from records.steps import split_steps
from records.uncut_spans import uncut_spans

PARTS = (
    *(
        "Then x = 2. ",
        "So ",
        "3.5",
        " e.g. ",
        "No. ",
        "5! ",
        "答案是3。",
        "... ",
        "\n",
        "\n\n",
        "$",
        "$$",
        " $ ",
        "\\[",
        "\\]",
    ),
    *("\\(", "\\)", "\\begin{align}", "\\end{align}", "\\\\[2pt]", "\\$", "```", "\n```\n", "| a | b |\n", "---|---\n"),
    *("1. ", "2.\n", "**", "? ", '." ', "a", " "),
)
SENTENCES = {
    "decimal": "It costs 3.50 and 4.25 more.",
    "decimal before a capital": "Add 3. 5 is enough. Then stop.",
    "abbreviations": "Take e.g. Alice, i.e. Bob, cf. Carl, vs. Dora, approx. 5.",
    "numbered": "See No. 5, Eq. (3), Fig. 2 and p. 7.",
    "title": "Mr. Smith met Dr. Jones.",
    "small letter after": "The area is 5 sq. ft. and more.",
    "ellipsis": "Wait... Then it is 5… So be it.",
    "factorial": "There are 5! = 120 and 3! - 2 ways.",
    "inline math": "Let $x = 2. Then$ and \\(y = 3. So\\) be.",
    "spaced math": "Let $ x = 2. 5 $ be.",
    "number of a list": "1. Do it.",
    "bold number": "**2.** Do it.",
    "named number": "Step 3. Do it.",
    "roman": "iv. Do it.",
}
UNCUT = {
    "brackets": "\\[\na = 1.\n\nB\n\\]",
    "dollars": "$$\na = 1.\nB\n$$",
    "dollars with blank lines": "$$\n\na = 1\n\n$$",
    "indented dollars with blank lines": "   $$\n\na = 1\n\n   $$",
    "environment": "\\begin{align*}\na &= 1. \\\\\n\\begin{align*}b\\end{align*}\n\n&= 2\n\\end{align*}",
    "fence": "```python\nx = 1\n\n# Do it. Then $\n```",
    "tildes": "~~~\nx\n```\n\ny\n~~~",
    "open fence": "```\nx\n\ny",
    "open display": "\\[\nx\n= 2",
    "table": "| a | b |\n|---|---|\n| 1. A | 2 |",
    "table without outer bars": "a | b\n--- | ---\n1. A | 2",
}


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", []),
        (" \n", [" \n"]),
        ("One line", ["One line"]),
        ("It is 5. Then 6.", ["It is 5. ", "Then 6."]),
        ("Really? Yes! Good.", ["Really? ", "Yes! ", "Good."]),
        ("So $x = 2.$ Then \\(y.\\) So", ["So $x = 2.$ ", "Then \\(y.\\) ", "So"]),
        ("Stop. $ x $ is it", ["Stop. ", "$ x $ is it"]),
        ("It costs $5. Then $6.", ["It costs $5. ", "Then $6."]),
        ("So 2x = 4. x = 2.", ["So 2x = 4. ", "x = 2."]),
        ('He said "stop." Then (see 5.) **Then** it.', ['He said "stop." ', "Then (see 5.) ", "**Then** it."]),
        ("Is it? No. Then", ["Is it? ", "No. ", "Then"]),
        ("答案是3．5。所以x=2！好。", ["答案是3．5。", "所以x=2！", "好。"]),
        ("他说「好。」然后", ["他说「好。」", "然后"]),
        ("a\n\n\n  b\r\nc\n", ["a\n\n\n", "  b\r\n", "c\n"]),
        ("a\n---\n\nb", ["a\n---\n\n", "b"]),
        ("---\na\nb", ["---\na\n", "b"]),
        ("1.\nDo it.\n2.\nStop.", ["1.\nDo it.\n", "2.\nStop."]),
        ("1. Do it. 2. Stop. 3", ["1. Do it. ", "2. Stop. ", "3"]),
        ("1.\n---\nDo it.\nStop.", ["1.\n---\nDo it.\n", "Stop."]),
        ("$$x = 1\n\nSo.\n$$y = 2$$\nend", ["$$x = 1\n\n", "So.\n", "$$y = 2$$\n", "end"]),
        ("So $$x = 1\n\nThen. It\n$$y$$\nend", ["So $$x = 1\n\n", "Then. ", "It\n", "$$y$$\n", "end"]),
        (" " * 40 + "$$\n\nx\n\n$$\nend", [" " * 40 + "$$\n\nx\n\n$$\n", "end"]),
        (" " * 41 + "$$\n\nx\n\n$$\nend", [" " * 41 + "$$\n\nx\n\n", "$$\nend"]),
        ("Give $5 now. Then $ab$ is.", ["Give $5 now. ", "Then $ab$ is."]),
        ("\\[x\nopen\n\nb\nc", ["\\[x\nopen\n\n", "b\n", "c"]),
        ("a $5\nb $x\nc", ["a $5\n", "b $x\n", "c"]),
    ],
)
def test_splits(text: str, steps: list[str]) -> None:
    assert split_steps(text) == steps


@pytest.mark.parametrize("kind", SENTENCES)
def test_a_sentence_is_not_cut(kind: str) -> None:
    if kind == "decimal before a capital":
        assert split_steps(SENTENCES[kind]) == ["Add 3. ", "5 is enough. ", "Then stop."]
    else:
        assert split_steps(f"{SENTENCES[kind]} Next one.")[0] == f"{SENTENCES[kind]} "


@pytest.mark.parametrize("kind", UNCUT)
def test_what_belongs_together_is_not_cut(kind: str) -> None:
    block = UNCUT[kind]
    assert block in split_steps(f"Here it is.\n{block}")[-1]
    if "open" not in kind:
        assert split_steps(f"Here it is.\n{block}\nSo. Then") == ["Here it is.\n", f"{block}\n", "So. ", "Then"]


def test_dollars_in_code_are_no_formula() -> None:
    assert split_steps("```\necho $$\n```\nSo. Then\n$$x$$\nend") == [
        "```\necho $$\n```\n",
        "So. ",
        "Then\n",
        "$$x$$\n",
        "end",
    ]


def test_a_prefix_of_the_steps_is_a_text_with_these_steps() -> None:
    generator = random.Random(1)
    for _ in range(1_000):
        text = "".join(generator.choices(PARTS, k=generator.randint(1, 30)))
        steps = split_steps(text)
        assert "".join(steps) == text
        assert all(steps)
        for end in range(len(steps)):
            assert split_steps("".join(steps[:end])) == steps[:end], text
        spans = uncut_spans(text)
        assert all(before[1] <= after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("| a |\n| b |", [(0, 11)]),
        ("| a |\nb\n| c |", [(0, 5), (8, 13)]),
        ("x\n| a |\n| b |\n", [(2, 13)]),
        ("```\na\n```", [(0, 9)]),
        ("```\na", [(0, 5)]),
        ("a\n```\nb\n```\nc", [(2, 11)]),
        ("a | b\n--- | ---\nc | d\ne", [(0, 21)]),
    ],
)
def test_where_tables_and_code_begin_and_end(text: str, spans: list[tuple[int, int]]) -> None:
    assert uncut_spans(text) == spans


@pytest.mark.parametrize(
    "unit", [*PARTS, "`", "|", "-", ". $ ", "1) ", "\\begin{a}\n", "$a ", "\\[\n\n", "- | -\n", "\t\r"]
)
def test_time_is_linear(unit: str) -> None:
    """As in test_linear_patterns.py: processor time, a generous factor, nothing compared below 0.05 s."""
    short, long = (seconds(unit, size) for size in (20_000, 200_000))
    assert long <= max(30 * short, 0.5)


def seconds(unit: str, size: int) -> float:
    text = (unit * (size // len(unit) + 1))[:size] + "\x01"
    started = time.process_time()
    assert "".join(split_steps(text)) == text
    return max(time.process_time() - started, 0.05)
