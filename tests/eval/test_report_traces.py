"""Which traces a report packs, which problems flip, and what the blocks hold."""

import gzip
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import make_trace
from opinion_makers import make_opinion, second_opinion, traces_of
from report_makers import BASE, FULL, NF4, judged_trace, make_run_traces, samples, write_judged

from eval.metrics.samples import RIGHT, UNKNOWN, WRONG
from eval.report.blocks import BLOCK_BYTES, Blocks, inert_json
from eval.report.flips import Flip, find_flips
from eval.report.opinions import ADMITTED, one_of_each_word, read_said
from eval.report.outlines import Lengths, read_outline
from eval.report.picking import Bound, one_of_each_reason, pick
from eval.report.traces import read_run_traces
from records.parquet import write_rows
from records.rows import Trace, Verdict
from records.schemas import TRACE

PLENTY = 1 << 30


def opened(blocks: list[str]) -> list[Any]:
    return [value for block in blocks for value in json.loads(gzip.decompress(b64decode(block)))]


def test_an_outline_knows_verdicts_reasons_and_lengths(tmp_path: Path) -> None:
    undecided = [
        Verdict("a", "1", "pass"),
        Verdict("b", "1", "unknown", "unverifiable"),
        Verdict("c", "1", "fail", "too_long"),
    ]
    traces = [
        judged_trace("one", completion_tokens=5),
        judged_trace("two", "fail", completion_tokens=6, sample_index=1),
        judged_trace("two", "unknown", completion_tokens=7, sample_index=0),
        make_trace(prompt="two", verdicts=undecided, completion_tokens=8, attempt=1),
        make_trace(prompt="three", verdicts=[], completion_tokens=9),
    ]
    outline = read_outline(write_judged(tmp_path, traces))
    assert outline.verdicts.tolist() == [RIGHT, WRONG, UNKNOWN, WRONG, UNKNOWN]
    assert outline.rank.tolist() == [0, 1, 0, 2, 0]
    assert outline.problem.tolist() == [0, 1, 1, 1, 2]
    reasons = ["", "wrong_answer", "unverifiable", "too_long", ""]
    assert [outline.reason_names[reason] for reason in outline.reasons.tolist()] == reasons
    assert outline.lengths() == Lengths([5], [6, 7, 8, 9])
    assert one_of_each_reason(outline) == [0, 1, 2, 3]


def test_positions_run_over_all_files(tmp_path: Path) -> None:
    for number in range(3):
        write_rows(tmp_path / f"judged-{number}.parquet", [judged_trace("one", sample_index=number)], TRACE)
    outline = read_outline(tmp_path)
    assert (outline.problem.tolist(), outline.rank.tolist()) == ([0, 0, 0], [0, 1, 2])


def test_nothing_judged_has_an_empty_outline(tmp_path: Path) -> None:
    outline = read_outline(write_judged(tmp_path, []))
    assert (outline.problems, outline.lengths(), one_of_each_reason(outline)) == ([], Lengths([], []), [])


@pytest.mark.parametrize(
    ("full", "nf4", "flip"),
    [
        ("r", "w", ("lost", 0, 0)),
        ("w", "r", ("gained", 0, 0)),
        ("r", "r", None),
        ("w", "w", None),
        ("u", "w", None),
        ("r", "u", None),
        ("wrr", "wwr", ("lost", 1, 0)),
        ("wrr", "rw", None),  # half of them right is neither right nor wrong
        ("ruu", "uuw", ("lost", 0, 2)),
        ("rwww", "rrrw", ("gained", 1, 0)),
    ],
)
def test_a_problem_flips_if_its_majority_does(
    tmp_path: Path, full: str, nf4: str, flip: tuple[str, int, int] | None
) -> None:
    outlines = {
        FULL: read_outline(write_judged(tmp_path / "full", [*samples("other", "r"), *samples("it", full)])),
        NF4: read_outline(write_judged(tmp_path / "nf4", [*samples("it", nf4), *samples("other", "r")])),
    }
    (found,) = find_flips("b", outlines)
    problem = make_trace(prompt="it").problem_id
    expected = [Flip(problem, flip[0], yardstick=1 + flip[1], variant=flip[2])] if flip else []
    assert found.flips == expected
    assert found.compared == (1 if set(full) == {"u"} or set(nf4) == {"u"} else 2)


def test_quantized_pairs_come_first_and_losses_before_gains(tmp_path: Path) -> None:
    drawn = {BASE: "rwr", FULL: "wrr", NF4: "rwr"}
    outlines = {
        variant: read_outline(
            write_judged(
                tmp_path / str(variant),
                [one for at, letter in enumerate(outcomes) for one in samples(f"p{at}", letter)],
            )
        )
        for variant, outcomes in drawn.items()
    }
    found = find_flips("b", outlines)
    assert [(one.pair.variant, one.pair.yardstick) for one in found] == [(NF4, FULL), (FULL, BASE), (NF4, BASE)]
    assert [flip.kind for flip in found[0].flips] == ["lost", "gained"]
    assert (found[1].count("lost"), found[1].count("gained"), found[1].compared) == (1, 1, 3)


def problems(n: int, n_samples: int) -> list[Trace]:
    return [judged_trace(f"p{at}", sample_index=sample) for at in range(n) for sample in range(n_samples)]


@pytest.mark.parametrize(("most", "first", "second"), [(9, 9, 0), (10, 10, 0), (11, 10, 1), (19, 10, 9), (20, 10, 10)])
def test_first_samples_of_all_problems_come_before_second_ones(
    tmp_path: Path, most: int, first: int, second: int
) -> None:
    outline = read_outline(write_judged(tmp_path, problems(10, 2)))
    (marks,) = pick([outline], [[]], Bound(most, PLENTY))
    assert (int(marks[::2].sum()), int(marks[1::2].sum())) == (first, second)


def test_what_shows_a_flip_is_always_there_and_variants_are_sampled_together(tmp_path: Path) -> None:
    paths = [write_judged(tmp_path / name, problems(30, 2)) for name in ("a", "b")]
    outlines = [read_outline(path) for path in paths]
    marks = pick(outlines, [[59], [1]], Bound(22, PLENTY))
    assert marks[0][59]
    assert marks[1][1]
    assert np.flatnonzero(marks[0][:59]).tolist() == [at for at in np.flatnonzero(marks[1]).tolist() if at != 1]
    assert [mark.tolist() for mark in pick(outlines, [[59], [1]], Bound(22, PLENTY))] == [
        mark.tolist() for mark in marks
    ]


def test_an_endless_trace_leaves_room_for_the_others(tmp_path: Path) -> None:
    endless = [judged_trace(f"endless {at}", reasoning="x" * 100_000) for at in range(20)]
    outline = read_outline(write_judged(tmp_path, [*endless, *problems(5, 1)]))
    (marks,) = pick([outline], [[0]], Bound(99, 50_000))
    assert np.flatnonzero(marks).tolist() == [20, 21, 22, 23, 24]


@pytest.mark.parametrize(("spare", "packed"), [(-1, 2), (0, 3), (1, 3)])
def test_the_texts_are_bounded(tmp_path: Path, spare: int, packed: int) -> None:
    outline = read_outline(write_judged(tmp_path, problems(5, 1)))
    size = int(outline.sizes[0])
    assert int(pick([outline], [[]], Bound(99, 3 * size + spare))[0].sum()) == packed


def test_texts_are_packed_whole(tmp_path: Path) -> None:
    extra = json.dumps({"level": 5, "subject": "algebra"})
    hostile = "</script>\u202e\ud83d\x00<img onerror=alert(1)>".encode("utf-8", "replace").decode()
    traces = make_run_traces(
        tmp_path,
        teacher=[judged_trace("train", "fail", reasoning=hostile)],
        b={
            FULL: [judged_trace("it", reference="4", extra=extra, reasoning="one", extracted="4")],
            NF4: [
                judged_trace("it", "fail", reference="4", extra=extra, answer="", extracted="5", finish_reason="length")
            ],
        },
    )
    index, rows = traces.packed.index, traces.packed.index["rows"]
    assert [(one["title"], one["variant"]) for one in index["sets"]] == [
        ("b", "student full"),
        ("b", "student nf4"),
        ("training traces", "teacher"),
    ]
    assert index["problems"]["level"] == ["5", ""]
    assert index["problems"]["subject"] == ["algebra", ""]
    assert rows["problem"] == [0, 0, 1]
    assert [index["verdicts"][code] for code in rows["verdict"]] == ["right", "wrong", "wrong"]
    assert [index["finishes"][code] for code in rows["finish"]] == ["stop", "length", "stop"]
    assert rows["answered"] == [1, 0, 1]
    assert rows["extracted"] == ["4", "5", "4"]
    assert index["flips"] == [
        {"benchmark": "b", "variant": "student nf4", "yardstick": "student full", "kinds": ["lost"], "pairs": [[1, 0]]}
    ]
    assert opened(traces.packed.prompts) == [["it", "4"], ["train", "4"]]
    bodies = opened(traces.packed.bodies)
    assert [body["reasoning"] for body in bodies] == ["one", "2 + 2 = 4", hostile]
    assert bodies[1]["verdicts"][1] == {
        **{"filter": "math", "version": "4", "outcome": "fail", "reason": "wrong_answer", "extracted": "5"}
    }


def test_a_flip_that_is_not_packed_is_counted_only(tmp_path: Path) -> None:
    variants = {
        FULL: [one for at in range(3) for one in samples(f"p{at}", "r")],
        NF4: [one for at in range(3) for one in samples(f"p{at}", "w")],
    }
    traces = make_run_traces(tmp_path, evaluation=Bound(3, PLENTY), b=variants)
    assert traces.flips[0].count("lost") == 3
    assert len(traces.packed.index["flips"][0]["pairs"]) == 1
    assert [one["packed"] for one in traces.packed.index["sets"]] == [2, 1, 0]


def test_a_run_without_benchmarks_has_the_teachers_traces(tmp_path: Path) -> None:
    traces = make_run_traces(tmp_path, teacher=[judged_trace("p")])
    assert (traces.flips, traces.packed.count) == ([], 1)


def test_blocks_are_closed_at_their_size() -> None:
    blocks = Blocks()
    text = "x" * (BLOCK_BYTES // 2)
    assert [blocks.add(text) for _ in range(5)] == [0, 1, 2, 3, 4]
    blocks.close()
    blocks.close()
    assert blocks.starts == [0, 2, 4]
    assert opened(blocks.texts) == [text] * 5


def test_half_a_surrogate_pair_goes_through_a_block() -> None:
    blocks = Blocks()
    blocks.add("\ud83d\x00")
    blocks.close()
    assert opened(blocks.texts) == ["\ud83d\x00"]


def test_nothing_in_inert_json_ends_its_element() -> None:
    value = {"</script>": "<!-- <script>"}
    assert "<" not in inert_json(value)
    assert json.loads(inert_json(value)) == value


def test_what_a_judge_says_is_read_for_the_packed_traces_alone(tmp_path: Path) -> None:
    """Of 20 passed, 20 failed and 10 unknown traces the judge is asked about all, and 10 may be taken on its word."""
    config = make_opinion(calibration=40, accept=True, min_kappa=0.5)
    _, asking = second_opinion(tmp_path, traces_of(20, 20, 10), config)
    marked = np.zeros(50, dtype=bool)
    marked[[0, 20, 40]] = True
    said = read_said(asking.opinions, marked)
    assert {position: one.word for position, one in said.items()} == {0: "pass", 20: "fail", 40: ADMITTED}
    assert {one.verdict["filter"] for one in said.values()} == {"llm_judge:final_answer"}
    assert one_of_each_word(asking.opinions) == [0, 20, 40]


def test_a_trace_of_each_word_of_the_judge_is_packed(tmp_path: Path) -> None:
    doubted = judged_trace("doubted", "unknown", "wrong_answer", answer="\\boxed{99}")  # of a reason that others have
    config = make_opinion(calibration=40, accept=True, min_kappa=0.5)
    _, asking = second_opinion(tmp_path, [*traces_of(20, 20, 0), doubted], config)
    packed = read_run_traces(asking.judged, [], opinions=asking.opinions, teacher=Bound(3, PLENTY)).packed
    words = [packed.index["opinions"][number] for number in packed.index["rows"]["opinion"]]
    assert sorted(words) == ["admitted", "fail", "pass"]
    bodies = opened(packed.bodies)
    assert [body["opinion"]["word"] for body in bodies] == words
    assert all(verdict["filter"] != "llm_judge:final_answer" for body in bodies for verdict in body["verdicts"])
    without = read_run_traces(asking.judged, [], teacher=Bound(3, PLENTY)).packed
    assert set(without.index["rows"]["opinion"]) == {0}
    assert not any("opinion" in body for body in opened(without.bodies))
