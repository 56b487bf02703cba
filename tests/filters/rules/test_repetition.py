"""Loops and repetitions are found; derivations that restate themselves are accepted."""

import itertools
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


def plain_repeated_end(words: list[str], repeats: int) -> tuple[int, int]:
    """What `repeated_end` returns, found by looking at every end and every period."""
    ends = (
        (size, -period)
        for size in range(1, len(words) + 1)
        for period in range(1, size // repeats + 1)
        if words[-size:][period:] == words[-size:][:-period]
    )
    size, period = max(ends, default=(0, -1))
    return -period, size


def plain_duplicate_share(words: list[str], n: int) -> float:
    repeated = {
        at + offset
        for at in range(len(words) - n + 1)
        for offset in range(n)
        if any(words[before : before + n] == words[at : at + n] for before in range(at))
    }
    return sum(len(words[at]) for at in repeated) / sum(map(len, words))


@pytest.mark.parametrize("size", range(1, 9))
def test_every_short_text_is_measured_as_by_looking_at_all_its_ends_and_runs(size: int) -> None:
    for text in itertools.product(("a", "bc"), repeat=size):
        for n in (2, 3):
            assert repeated_end([*text], n) == plain_repeated_end([*text], n)
            assert duplicate_share([*text], n) == plain_duplicate_share([*text], n)


@pytest.mark.parametrize(
    ("words", "detail"),
    [(29, "0.00"), (30, "duplicate share 0.97"), (31, "ends in 30 repeats of 1 words")],
)
def test_a_text_and_a_repeated_end_are_measured_from_the_least_words_on(words: int, detail: str) -> None:
    rule = Repetition(RepetitionLimits(min_words=30, ngram=2))
    assert rule.judge(make_trace(reasoning="no " * words)).detail == detail


@pytest.mark.parametrize(("most", "outcome"), [(0.49, "fail"), (0.5, "pass"), (0.51, "pass")])
def test_the_largest_share_passes(most: float, outcome: str) -> None:
    rule = Repetition(RepetitionLimits(ngram=3, min_words=6, max_duplicate_share=most))
    assert rule.judge(make_trace(reasoning="a b c a b c")).outcome == outcome


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
