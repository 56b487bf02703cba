"""Which judged traces are compared, and what is left out."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from reward_makers import judged_trace, write_judged

from filters.selection.pairs import paired, select_pairs
from records.errors import InputError
from records.replies import read_pairs, read_replies
from records.rows import Trace
from records.training_counts import PairsCounts


def select(folder: Path, traces: list[Trace], **named: Any) -> PairsCounts:
    return select_pairs(
        folder, write_judged(folder / "judged", traces), **{"single": False, "most": 4, "seed": 0} | named
    )


def of(problem: str, *outcomes: str) -> list[Trace]:
    return [judged_trace(problem, at, outcome) for at, outcome in enumerate(outcomes)]


def test_accepted_and_rejected_traces_of_one_problem_are_paired(tmp_path: Path) -> None:
    counts = select(tmp_path, [*of("a", "pass", "fail", "fail"), *of("b", "fail", "pass")])
    replies, pairs = list(read_replies(tmp_path)), list(read_pairs(tmp_path))
    assert (counts.pairs, counts.accepted, counts.rejected, counts.problems) == (3, 2, 3, 2)
    assert counts.left_out == {}
    for pair in pairs:
        better, worse = replies[pair.chosen], replies[pair.rejected]
        assert (better.accepted, worse.accepted, better.answer, worse.answer) == (True, False, "yes", "no")
        assert better.problem_id == worse.problem_id
    assert len({(pair.chosen, pair.rejected) for pair in pairs}) == 3


def test_what_says_nothing_is_left_out(tmp_path: Path) -> None:
    others = [
        judged_trace("a", 2, "unknown"),
        judged_trace("a", 3, "fail", "contaminated"),
        judged_trace("a", 4, "fail", finish_reason="error"),
        judged_trace("a", 5, "fail", finish_reason="prompt_too_long"),
        judged_trace("b", 0, "pass"),
    ]
    hinted = judged_trace("a", 6, "pass")
    object.__setattr__(hinted, "hinted", True)
    counts = select(tmp_path, [*of("a", "pass", "fail"), *others, hinted])
    assert counts.left_out == {"unknown": 1, "contaminated": 1, "request_failed": 2, "hinted": 1, "no_partner": 1}
    assert [reply.sample_index for reply in read_replies(tmp_path)] == [0, 1]


@pytest.mark.parametrize(("most", "pairs"), [(1, 1), (2, 2), (6, 6), (7, 6)])
def test_a_problem_gives_at_most_so_many_pairs(tmp_path: Path, most: int, pairs: int) -> None:
    traces = of("a", "pass", "fail", "pass", "fail", "fail", "unknown")
    traces = [*traces, *of("b", "fail")]
    counts = select(tmp_path, traces, most=most)
    assert counts.pairs == pairs
    assert counts.left_out.get("over_cap", 0) == 5 - len({reply.sample_index for reply in read_replies(tmp_path)})


def test_every_trace_takes_part_about_equally_often() -> None:
    pairs = paired([1, 2], [3, 4, 5], 6)
    assert len(set(pairs)) == 6
    assert len(set(paired([1, 2], [3, 4], 4))) == 4  # of numbers with a common divisor, too
    assert Counter(one for one, _ in paired([1, 2], [3, 4, 5], 4)) == {1: 2, 2: 2}
    assert set(Counter(other for _, other in paired([1, 2], [3, 4, 5], 3)).values()) <= {1, 2}


def test_the_seed_draws_and_further_problems_change_nothing(tmp_path: Path) -> None:
    def chosen(name: str, traces: list[Trace], seed: int) -> set[int]:
        (tmp_path / name).mkdir()
        select(tmp_path / name, traces, seed=seed, most=1)
        return {reply.sample_index for reply in read_replies(tmp_path / name) if reply.prompt == "a"}

    many = of("a", *["pass", "fail"] * 20)
    assert chosen("one", many, 1) == chosen("two", [*of("b", "pass", "fail"), *many], 1)
    assert chosen("three", many, 1) != chosen("four", many, 2)


def test_single_replies_need_no_partner(tmp_path: Path) -> None:
    counts = select(tmp_path, [*of("a", "pass", "pass", "pass"), *of("b", "fail")], single=True, most=2)
    assert (counts.pairs, counts.accepted, counts.rejected, counts.left_out) == (0, 2, 1, {"over_cap": 1})
    assert not (tmp_path / "pairs.parquet").exists()


def test_nothing_to_learn_from(tmp_path: Path) -> None:
    for name, traces, message in (
        ("right", of("a", "pass", "pass"), "no rejected trace to learn from .2 accepted.; sample with a higher n"),
        ("wrong", of("a", "fail", "unknown"), "no accepted trace to learn from"),
        ("apart", [*of("a", "pass"), *of("b", "fail")], "no problem has both .* or set labels: single"),
    ):
        (tmp_path / name).mkdir()
        with pytest.raises(InputError, match=message):
            select(tmp_path / name, traces)
    (tmp_path / "single").mkdir()
    with pytest.raises(InputError, match="no rejected trace"):
        select(tmp_path / "single", of("a", "pass"), single=True)
