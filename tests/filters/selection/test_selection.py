"""The rules over the whole set leave out what they should, and no trace is lost between them."""

from dataclasses import replace
from pathlib import Path

import pytest
from selection_makers import select, text_of, trace

from configs.sampling import TeacherSampling
from configs.selection import NearDuplicates, Selection
from records.errors import InputError
from records.parquet import read_rows
from records.rows import FAILED
from teacher.sampling.difficulty import pass_rates


def test_near_duplicates_of_a_problem_leave_the_first_in_order(tmp_path: Path) -> None:
    one = text_of(1)
    traces = [trace("a", 0, one + " indeed"), trace("a", 1, one), trace("a", 2, text_of(2)), trace("b", 0, one)]
    counts, rows = select(tmp_path, traces, order="shortest")
    assert rows == [("a", 1), ("a", 2), ("b", 0)]
    assert counts.left_out == {"near_duplicate": 1}
    assert select(tmp_path, traces, near_duplicates=None)[0].left_out == {}


def test_of_equal_texts_the_first_stays_in_its_own_place(tmp_path: Path) -> None:
    traces = [trace("a", index, text) for index, text in enumerate(["one", "two", "one", "three", "two"])]
    counts, rows = select(tmp_path, traces, max_per_problem=2)
    assert rows == [("a", 0), ("a", 1)]
    assert counts.left_out == {"duplicate": 2, "over_cap": 1}


def test_near_duplicate_prompts_leave_the_first_problem(tmp_path: Path) -> None:
    prompt = text_of(1)
    traces = [trace(prompt, 0, "r"), trace(prompt + " now", 0, "s"), trace(prompt + " now", 1, "t"), trace("b", 0, "u")]
    counts, rows = select(tmp_path, traces, near_duplicate_prompts=NearDuplicates(threshold=0.8))
    assert rows == [(prompt, 0), ("b", 0)]
    assert counts.left_out == {"duplicate_prompt": 2}


def test_pass_rate_band(tmp_path: Path) -> None:
    traces = [trace("easy", i, f"r{i}") for i in range(4)]
    traces += [trace("hard", i, f"r{i}", "pass" if i == 0 else "fail") for i in range(8)]
    traces += [trace("good", i, f"r{i}", "pass" if i < 2 else "fail") for i in range(4)]
    traces += [trace("good", 4, "gave up", "unknown")]  # does not count
    counts, rows = select(tmp_path, traces, min_pass_rate=0.5, max_pass_rate=0.9)
    assert rows == [("good", 0), ("good", 1)]
    assert counts.left_out == {"too_easy": 4, "too_hard": 1}
    assert counts.problems == 1


def test_bands_know_when_drawing_ended(tmp_path: Path) -> None:
    # Drawing ended at the second acceptance: 2 of 3 make a pass rate of (2 - 1) / (3 - 1).
    traces = [trace("a", i, f"r{i}", "fail" if i == 0 else "pass") for i in range(3)]
    traces += [trace("b", i, f"r{i}") for i in range(2)]
    rate = pass_rates(TeacherSampling(accept=2, max_n=9, max_tokens=50))
    counts, rows = select(tmp_path, traces, rate, max_pass_rate=0.5)
    assert rows == [("a", 1), ("a", 2)]
    assert counts.left_out == {"too_easy": 2}
    assert select(tmp_path, traces, min_pass_rate=0.6)[1] == [("a", 1), ("a", 2), ("b", 0), ("b", 1)]


def test_only_the_first_pass_says_how_hard_a_problem_is(tmp_path: Path) -> None:
    traces = [trace("a", 0, "r0"), *(trace("a", i, f"r{i}", "fail") for i in range(1, 4))]
    traces += [trace("a", i, f"s{i}", attempt=1) for i in range(3)]
    traces += [replace(trace("a", 0, "t", attempt=2), hinted=True)]
    traces += [trace("a", i, f"u{i}", "fail", finish_reason=FAILED) for i in range(4, 9)]  # never drawn
    traces += [trace("b", 0, "gave up", "unknown"), trace("b", 0, "s", attempt=1)]  # nothing is known of it
    counts, rows = select(tmp_path, traces, min_pass_rate=0.25, max_pass_rate=0.25, max_per_problem=9)
    assert counts.left_out == {}
    assert len(rows) == 6


def test_a_trace_that_was_shown_the_reference_has_no_vote(tmp_path: Path) -> None:
    traces = [trace("wrong?", i, f"r{i}", "fail", "5") for i in range(2)]
    hinted = [replace(trace("wrong?", i, f"s{i}", attempt=1), hinted=True) for i in range(3)]
    assert select(tmp_path, [*traces, *hinted])[0].disputed_references == 1


def test_second_chances_vote_and_leave_the_pass_rate_alone(tmp_path: Path) -> None:
    answers = ["7", "3", "3", "3"]
    traces = [
        trace("a", i, f"r{i}", "unknown", answer, reference="", attempt=int(i > 1)) for i, answer in enumerate(answers)
    ]
    counts, rows = select(tmp_path, traces, min_majority=0.6, min_pass_rate=0.5, max_pass_rate=0.5)
    assert len(rows) == counts.selected == 3


def test_caps_per_source_take_every_problems_best_first(tmp_path: Path) -> None:
    traces = [trace(f"p{p}", i, f"r{i}", source="x") for p in range(5) for i in range(3)]
    traces += [trace("q", i, f"r{i}", source="y") for i in range(3)]
    counts, rows = select(tmp_path, traces, max_per_source={"x": 6})
    assert counts.left_out == {"over_source_cap": 9}
    assert {row for row in rows if row[1] == 0} == {(f"p{p}", 0) for p in range(5)} | {("q", 0)}
    assert len(rows) == 9
    assert select(tmp_path, traces, max_per_source=1)[0].selected == 2


def test_diverse_takes_the_least_alike(tmp_path: Path) -> None:
    one, other = text_of(1), text_of(2)
    alike = one[: len(one) * 3 // 4] + text_of(3, 100)
    traces = [trace("a", 0, one), trace("a", 1, alike), trace("a", 2, other), trace("a", 3, alike + other[:900])]
    assert select(tmp_path, traces, order="diverse", max_per_problem=2)[1] == [("a", 0), ("a", 2)]
    counts, _ = select(tmp_path, traces, order="diverse", max_per_problem=2, near_duplicates=None)
    assert counts.left_out == {"over_cap": 2}


def test_every_accepted_trace_is_selected_or_left_out(tmp_path: Path) -> None:
    one = text_of(1)
    texts = [one, one, one + " x", text_of(2), text_of(3), text_of(4)]
    traces = [trace(f"p{p}", i, text, source=f"s{p % 2}") for p in range(6) for i, text in enumerate(texts)]
    for order in ("first", "shortest", "random", "diverse"):
        counts, _ = select(tmp_path, traces, order=order, max_per_problem=3, max_per_source=7, max_pass_rate=1.0)
        assert counts.selected + sum(counts.left_out.values()) == 36
        assert counts.left_out["duplicate"] == counts.left_out["near_duplicate"] == 6


def test_majority_stands_in_for_a_missing_reference(tmp_path: Path) -> None:
    answers = ["1/2", "0.5", "3", "2/4", ""]
    traces = [trace("a", i, f"r{i}", "unknown", answer, reference="") for i, answer in enumerate(answers)]
    traces += [trace("tie", i, f"r{i}", "unknown", str(i), reference="") for i in range(2)]
    counts, rows = select(tmp_path, traces, min_majority=0.6)
    assert rows == [("a", 0), ("a", 1), ("a", 3)]
    assert counts.left_out == {}
    with pytest.raises(InputError, match="no trace was accepted"):
        select(tmp_path, traces, min_majority=0.8)
    with pytest.raises(InputError, match="no trace was accepted"):
        select(tmp_path, traces)


def test_near_duplicate_prompts_are_left_out_of_what_a_majority_accepts(tmp_path: Path) -> None:
    prompt, rule = text_of(1), NearDuplicates(threshold=0.8)
    traces = [trace(prompt, i, f"r{i}", "unknown", "5", reference="") for i in range(2)]
    traces += [trace(prompt + " now", 0, "s"), trace("b", 0, "t", "fail", "5", reference="")]
    counts, rows = select(tmp_path, traces, min_majority=0.5, near_duplicate_prompts=rule)
    assert rows == [(prompt + " now", 0)]  # problems with an accepted trace come before those of a majority
    assert counts.left_out == {"duplicate_prompt": 2}


def test_a_majority_against_the_reference_is_queued(tmp_path: Path) -> None:
    traces = [trace("wrong?", 0, "r", "pass", "4.0")]
    traces += [trace("wrong?", i, f"r{i}", "fail", answer) for i, answer in enumerate(["5", "5.0", "7"], start=1)]
    traces += [trace("tie", 0, "r", "pass"), trace("tie", 1, "s", "fail", "5")]
    # Two spellings that the verifier accepted are one class, whatever `equal` says.
    traces += [trace("fine", i, f"r{i}", "pass", detail) for i, detail in enumerate(["4", "4 apples"])]
    traces += [trace("fine", 2, "r2", "fail", "5")]
    counts, _ = select(tmp_path, traces)
    assert counts.disputed_references == 1
    (row,) = read_rows(tmp_path / "disputed.parquet")
    assert row["problem_id"] == traces[0].problem_id
    assert {key: row[key] for key in ("prompt", "reference", "majority", "votes", "n")} == {
        **{"prompt": "wrong?", "reference": "4", "majority": "5"},
        **{"votes": 2, "n": 4},
    }


def test_a_pass_rate_band_that_leaves_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"every accepted trace was left out .*too_easy"):
        select(tmp_path, [trace("a", 0, "r")], max_pass_rate=0.5)


def test_texts_that_utf8_cannot_hold_are_told_apart(tmp_path: Path) -> None:
    counts, _ = select(tmp_path, [trace("a", 0, "\0"), trace("a", 1, ""), trace("a", 2, "\0\0")])
    assert counts.selected + sum(counts.left_out.values()) == 3


def test_a_band_the_wrong_way_round_is_an_error() -> None:
    with pytest.raises(ValueError, match="no problem can lie between"):
        Selection(min_pass_rate=0.9, max_pass_rate=0.1)


def test_a_teacher_that_does_not_think_gives_plain_answers(tmp_path: Path) -> None:
    select(tmp_path, [trace("a", 0, ""), trace("b", 0, "r")])
    answers = [row["messages"][-1]["content"] for row in read_rows(tmp_path / "data")]
    assert answers == ["\\boxed{4}", "<think>\nr\n</think>\n\n\\boxed{4}"]
