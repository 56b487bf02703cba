"""Loops and repetitions are found; derivations that restate themselves are accepted."""

import time

import pytest
from conftest import make_trace

from configs.judging import RepetitionLimits
from filters.rules.repetition import Repetition, duplicate_share, repeated_end
from filters.rules.words import words_of

RULE = Repetition(RepetitionLimits())
PROSE = " ".join(f"step {i} adds {i * i} to the sum, which gives {i**3} and leaves {i + 7} to do." for i in range(60))
LONG = " ".join(f"w{i}" for i in range(80_000))


@pytest.mark.parametrize(
    "text",
    [
        PROSE + " Wait, let me check this once more." * 30,
        PROSE + "\n\\[ x = \\frac{1}{2} \\]" * 40 + " \\[ x = \\fr",  # cut in the middle of a block
        "11250 \\times 1.089 = " * 60,
        "数" * 400,
        PROSE + " Let us try again. " * 900 + "So the answer follows from what stands above, in all 17 cases.",
        "!" * 500_000,
        "\0" * 500_000,
        "\ud800" * 500_000,
    ],
)
def test_loops_are_rejected(text: str) -> None:
    assert RULE.judge(make_trace(reasoning=text)).reason == "repetitive"
    assert RULE.judge(make_trace(answer=text)).reason == "repetitive"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "word",
        "no no no no no",
        PROSE,
        f"{PROSE}\n\nSo, to sum up:\n{PROSE}",  # said twice: just under one half
        "1, 1, 1, 1, 1, 1, 1, 1",
        "\\boxed{\\sqrt[3]{\\frac{3}{2}}}}}",
        LONG,
    ],
)
def test_other_texts_pass(text: str) -> None:
    assert RULE.judge(make_trace(reasoning=text, answer=text)).outcome == "pass"


def test_an_answer_may_repeat_the_whole_reasoning() -> None:
    assert RULE.judge(make_trace(reasoning=PROSE, answer=PROSE)).detail == "0.00"


def test_repeated_end() -> None:
    assert repeated_end(list("abcbcbc"), 3) == (2, 6)
    assert repeated_end(list("abcbc"), 3) == (1, 0)
    assert repeated_end([], 3) == repeated_end(["a"], 3) == (1, 0)
    assert repeated_end(list("cxycxycx"), 2) == (3, 8)


def test_duplicate_share_counts_each_character_once() -> None:
    assert duplicate_share(list("abcabc"), 3) == 0.5
    assert duplicate_share(list("ab"), 3) == 0.0
    assert duplicate_share(["a"] * 10, 3) == 0.9


def test_limits_come_from_the_config() -> None:
    text = PROSE + " once more" * 120
    assert RULE.judge(make_trace(reasoning=text)).outcome == "fail"
    loose = RepetitionLimits(max_duplicate_share=1.0, end_repeats=200)
    assert Repetition(loose).judge(make_trace(reasoning=text)).outcome == "pass"


def test_half_a_megabyte_takes_less_than_a_second() -> None:
    started = time.process_time()
    RULE.judge(make_trace(reasoning=LONG[:500_000]))
    RULE.judge(make_trace(reasoning=("ab " * 80_000 + "ba " * 80_000)[:500_000]))
    assert time.process_time() - started < 2
    assert len(words_of(LONG)) == 80_000
