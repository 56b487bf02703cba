"""Benchmark problems are found by shared runs of words, or by edit similarity if they are short."""

import gzip
import json
import re
import time

import pytest
from conftest import SHARED, make_trace

from configs.judging import Decontamination
from filters.counting.contamination_report import ContaminationReport
from filters.rules.contamination import contamination
from records.counts import ContaminationCounts

NATALIA = (
    "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May. "
    "How many clips did Natalia sell altogether in April and May?"
)
RULE = contamination(
    Decontamination(),
    {
        "gsm": [NATALIA, "What is 2 + 2?", "Compute the determinant of the matrix A"],
        "aime": [f"{text} where m and n are relatively prime positive integers. Find m + n." for text in ("A b.",) * 3],
        "中文": ["已知集合甲有三个元素，集合乙有四个元素，求它们的并集最多有多少个元素？"],
    },
)


@pytest.mark.parametrize(
    ("prompt", "detail"),
    [
        (NATALIA, "gsm: exact: natalia sold"),
        (NATALIA.upper().replace(" ", "  "), "gsm: exact"),
        (f"Solve this.\n\n{NATALIA}\n\nPut the answer into a box.", "gsm: 13-gram 100%: natalia sold"),
        (NATALIA.replace("48", "52"), "gsm: 13-gram"),
        (NATALIA.replace("48", "52").replace("l", "l\u00ad").replace(" ", "\u200b "), "gsm: 13-gram"),
        (NATALIA.replace("altogether", "in total"), "gsm: 13-gram"),
        ("what is  2 + 2 ?", "gsm: exact"),
        ("What's 2 + 2?", "gsm: similar 0.9"),
        ("Compute the determinants of the matrix A", "gsm: similar 0.9"),
        ("已知集合甲有三个元素，集合乙有四个元素，求它们的并集最多有多少个元素", "中文: exact"),
        ("题：已知集合甲有三个元素，集合乙有四个元素，求它们的并集最多有多少个元素？请作答。", "中文: 13-gram"),
    ],
)
def test_contaminated(prompt: str, detail: str) -> None:
    verdict = RULE.judge(make_trace(prompt=prompt))
    assert (verdict.outcome, verdict.reason) == ("fail", "contaminated")
    assert verdict.detail.startswith(detail)


@pytest.mark.parametrize(
    "prompt",
    [
        "What is 2 - 2?",
        "What is 2 + 3?",
        "What is 22?",
        "Compute the trace of the matrix A",
        "How many clips did Natalia sell altogether in April and May?",  # a third of the problem
        # The wording of every problem of a benchmark is no evidence.
        "The area is m/n, where m and n are relatively prime positive integers. Find m + n.",
        "",
        "word",
        "\0",
        "\ud800",
        "x" * 500_000,
        "a b " * 125_000,
    ],
)
def test_clean(prompt: str) -> None:
    assert RULE.judge(make_trace(prompt=prompt)).detail == ""


@pytest.mark.parametrize("unit", ["0 0 0 1 ", "ab "])
def test_time_does_not_grow_with_the_square_of_what_repeats(unit: str) -> None:
    """Such as a grid of zeros, which a benchmark of puzzles holds."""
    grid = unit * 2_000
    rule = contamination(Decontamination(), {"grids": [grid]})
    started = time.process_time()
    assert rule.match(f"x {grid} y").startswith("grids: 13-gram 100%")
    assert time.process_time() - started < 1


def test_long_words_are_compared_as_a_whole_alone() -> None:
    words = ["".join(letters) * 4_000 for letters in ("abcde", "abced")]
    rule = contamination(Decontamination(), {"words": words[:1]})
    started = time.process_time()
    assert rule.match(words[1]) == ""
    assert rule.match(words[0].upper()).startswith("words: exact")
    assert time.process_time() - started < 1


def test_generated_problems_match_by_their_numbers_alone() -> None:
    made = "State the final answer to the following arithmetic problem: {} - {} + {} ="
    rule = contamination(Decontamination(), {"held_out": [made.format(i, i + 1, i + 2) for i in range(50)]})
    assert rule.judge(make_trace(prompt=made.format(3, 4, 5))).outcome == "fail"
    assert rule.judge(make_trace(prompt=made.format(3, 4, 6))).outcome == "pass"


def test_problems_of_8_to_12_words_match_as_a_whole() -> None:
    rule = contamination(Decontamination(), {"b": ["Find the largest prime factor of the number 9999"]})
    assert rule.match("Please: find the largest prime factor of the number 9999, and box it").startswith(
        "b: 9-gram 100%"
    )
    assert rule.match("Please: find the largest prime factor of the number 999, and box it") == ""


@pytest.mark.parametrize(("words", "found"), [(7, ""), (8, "b: 8-gram"), (12, "b: 12-gram"), (13, "b: 13-gram")])
def test_a_problem_matches_as_a_whole_from_8_words_on(words: int, found: str) -> None:
    problem = " ".join([f"word{letter}" for letter in "abcdefghijklm"][:words])
    match = contamination(Decontamination(), {"b": [problem]}).match(f"Here is a question. {problem} Tell me.")
    assert match.startswith(found)
    assert bool(match) == bool(found)


def test_the_problem_with_the_most_shared_words_is_named() -> None:
    one, other = (" ".join(f"{name}{name}{letter}" for letter in "abcdefghij") for name in "xy")
    rule = contamination(Decontamination(ngram=8), {"b": [one, other]})
    assert rule.match(f"{' '.join(one.split()[:8])} and then {other} please").startswith("b: 8-gram 100%: yya")
    assert rule.match(f"{one} and then {' '.join(other.split()[:8])} please").startswith("b: 8-gram 100%: xxa")


@pytest.mark.parametrize(("shared", "found"), [(9, False), (10, True), (11, True)])
def test_half_of_the_words_must_be_covered(shared: int, found: bool) -> None:
    words = [f"w{first}{second}" for first in "abcd" for second in "abcde"]
    rule = contamination(Decontamination(ngram=8), {"b": [" ".join(words)]})
    assert bool(rule.match(" ".join(["please", *words[:shared], "thanks"]))) == found


@pytest.mark.parametrize(("problems", "found"), [(1, True), (2, True), (3, False)])
def test_a_passage_of_more_than_two_problems_is_no_evidence(problems: int, found: bool) -> None:
    passage = "where m and n are relatively prime positive integers find their sum now"
    rule = contamination(Decontamination(), {"b": [f"{name} {passage}" for name in ("one", "two", "three")[:problems]]})
    assert bool(rule.match(f"one {passage}" if found else f"another {passage}")) == found


def test_shorter_ngrams_find_more() -> None:
    prompt = "In April she sold clips to 48 of her friends in April, and then she bought half of them back."
    assert RULE.match(prompt) == ""
    loose = contamination(Decontamination(ngram=8, min_coverage=0.2), {"gsm": [NATALIA]})
    assert loose.match(prompt).startswith("gsm: 8-gram")


def test_without_benchmarks_all_is_clean() -> None:
    assert contamination(Decontamination(), {}).judge(make_trace()).outcome == "pass"


def test_the_report_names_benchmark_text_and_count() -> None:
    found = ContaminationReport({"gsm": [], "aime": []})
    for index, prompt in enumerate([NATALIA, NATALIA, "What is 2 + 2?", "What is 9?"]):
        found.add(make_trace(prompt=prompt, verdicts=[RULE.judge(make_trace(prompt=prompt, sample_index=index))]))
    matched = {RULE.match(NATALIA).removeprefix("gsm: "): 2, "exact: what is 2 + 2": 1}
    assert found.counts() == {
        "gsm": ContaminationCounts(traces=3, problems=2, matched=matched),
        "aime": ContaminationCounts(traces=0, problems=0, matched={}),
    }
    assert ContaminationReport({}).counts() == {}


def prompts(path: str, column: str) -> list[str]:
    file = SHARED / path
    text = gzip.decompress(file.read_bytes()).decode() if file.suffix == ".gz" else file.read_text()
    rows = json.loads(text) if file.suffix == ".json" else [json.loads(line) for line in text.splitlines()]
    return list(dict.fromkeys(row[column] for row in rows))


# ../shared/data/README.md counts these overlaps: equal after lower-casing and keeping a-z and 0-9 alone.
@pytest.mark.slow
@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/data")
@pytest.mark.parametrize(
    ("ours", "benchmark", "equal", "more"),
    [
        (("zeroeval/math_l5_5models.jsonl.gz", "question"), ("math/math500.jsonl", "problem"), 74, 6),
        (("zeroeval/math_l5_5models.jsonl.gz", "question"), ("math/math_train7474_answers.json", "problem"), 2, 42),
        (("rg_math_evals/qwen3b_rlft_think_graded.jsonl.gz", "question"), ("gsm8k/test.jsonl", "question"), 1319, 0),
        (
            ("rg_math_evals/qwen3b_rlft_think_graded.jsonl.gz", "question"),
            ("qwen_eval_sets/olympiadbench.jsonl", "question"),
            675,
            0,
        ),
        (("rg_math_evals/qwen3b_rlft_think_graded.jsonl.gz", "question"), ("math/math500.jsonl", "problem"), 0, 0),
        (("gsm8k/train.jsonl", "question"), ("gsm8k/test.jsonl", "question"), 0, 2),
        (("math/math500.jsonl", "problem"), ("math/math_train7474_answers.json", "problem"), 0, 19),
        (("math/math500.jsonl", "problem"), ("qwen_eval_sets/olympiadbench.jsonl", "question"), 0, 0),
    ],
)
def test_known_overlaps(ours: tuple[str, str], benchmark: tuple[str, str], equal: int, more: int) -> None:
    held_out = prompts(*benchmark)
    rule = contamination(Decontamination(), {"b": held_out})
    folded = {fold(prompt) for prompt in held_out}
    found = [(prompt, rule.match(prompt)) for prompt in prompts(*ours)]
    assert sum(fold(prompt) in folded for prompt, _ in found) == equal
    assert all(match for prompt, match in found if fold(prompt) in folded)
    assert sum(bool(match) for prompt, match in found if fold(prompt) not in folded) == more


def fold(text: str) -> str:
    return re.sub("[^a-z0-9]", "", text.lower())
