"""A benchmark's answers are read by both rules in one pass, and no trace is accepted by the lenient one."""

from pathlib import Path

from conftest import make_trace

from configs.judging import Judging
from filters.judge import gather, judge_share
from records.parquet import count_rows, read_batches, read_traces, write_rows
from records.rows import Trace
from records.schemas import TRACE, TRACE_READ
from records.share import WorkerSlot

ANSWERS = {
    "\\boxed{5}": ("strict", "pass", "5"),
    "\\boxed{6}. They are 5 there.": ("strict", "fail", "6"),
    "We add and get 5 of them there.": ("last_line", "pass", "5"),
    "She has 3 and he has 2, which makes a total of 6 apples in all of it.": ("last_value", "fail", "6"),
    "They do not say so here, it is anything but 5": ("none", "fail", ""),
}
MEASURING = Judging(require_box=False, min_tokens=0, repetition=None, language=None, reject_refusals=False, workers=1)


def judged(folder: Path, traces: list[Trace], *, lenient: bool) -> list[Trace]:
    source = folder.with_name("traces")
    for path in (source, folder):
        path.mkdir(exist_ok=True)
    write_rows(source / "traces-00000.parquet", traces, TRACE)
    part = judge_share(folder, source, MEASURING, {}, (), False, lambda *_, **__: None, WorkerSlot(), lenient)
    counts = gather(folder, [], [part])
    found = list(read_traces(folder))
    assert counts.accepted == sum(trace.accepted for trace in found)
    return found


def test_both_rules_are_stored_and_only_the_strict_one_accepts(tmp_path: Path) -> None:
    traces = [make_trace(prompt=f"p{at}", answer=answer, reference="5") for at, answer in enumerate(ANSWERS)]
    cut = make_trace(prompt="cut", answer="", closed=False, finish_reason="length")
    found = judged(tmp_path / "judged", [*traces, cut], lenient=True)
    readings = [trace.lenient for trace in found]
    assert all(reading is not None for reading in readings)
    told = [(reading.rule, reading.outcome, reading.extracted) for reading in readings if reading]
    assert told == [*ANSWERS.values(), ("strict", "fail", "")]
    assert [trace.accepted for trace in found] == [True, False, False, False, False, False]
    assert [trace.verdicts[-1].reason for trace in found[2:5]] == ["no_answer"] * 3
    assert [reading.reason for reading in readings[3:] if reading] == ["wrong_answer", "no_answer", "truncated"]


def test_traces_to_train_on_are_not_read_leniently(tmp_path: Path) -> None:
    (found,) = judged(tmp_path / "judged", [make_trace(answer="They are 5.", reference="5")], lenient=False)
    assert found.lenient is None
    assert "lenient" not in next(read_batches(tmp_path / "judged", None)).schema.names


def test_a_file_without_traces_is_judged_too(tmp_path: Path) -> None:
    assert judged(tmp_path / "judged", [], lenient=True) == []
    (file,) = (tmp_path / "judged").glob("*.parquet")
    assert count_rows(file) == 0
    assert TRACE_READ.names[:-1] == TRACE.names
