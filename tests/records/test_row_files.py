"""Rows survive the round trip through Parquet, and a crash while writing leaves no half file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import make_trace

from records.batches import BATCH_ROWS
from records.parquet import count_rows, read_rows, read_traces, write_rows
from records.rows import Trace, Verdict
from records.schemas import TRACE


def make_verdicts() -> list[Verdict]:
    return [Verdict("boxed", "1", "pass"), Verdict("math", "2", "unknown", "timeout", "é ∑ \x00", 0.5)]


def test_traces_survive_the_round_trip(tmp_path: Path) -> None:
    traces = [
        make_trace(sample_index=0, verdicts=make_verdicts()),
        make_trace(sample_index=1, reasoning="", answer="", closed=False, finish_reason="length"),
        make_trace(sample_index=2, answer="日本 \U0001f600 \r\n\t\x00 '\"", prompt=" "),
    ]
    assert write_rows(tmp_path / "traces.parquet", traces, TRACE) == 3
    assert list(read_traces(tmp_path / "traces.parquet")) == traces
    assert list(read_rows(tmp_path / "traces.parquet", ["sample_index"])) == [{"sample_index": i} for i in range(3)]


def test_no_rows_and_many_rows(tmp_path: Path) -> None:
    assert write_rows(tmp_path / "a.parquet", [], TRACE) == 0
    rows = BATCH_ROWS + 1
    assert write_rows(tmp_path / "b.parquet", (make_trace(sample_index=i) for i in range(rows)), TRACE) == rows
    assert [trace.sample_index for trace in read_traces(tmp_path)] == list(range(rows))
    assert count_rows(tmp_path) == rows


def test_crash_while_writing_leaves_no_visible_file(tmp_path: Path) -> None:
    def crashing() -> Iterator[Trace]:
        yield from (make_trace(sample_index=i) for i in range(BATCH_ROWS + 1))
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        write_rows(tmp_path / "traces.parquet", crashing(), TRACE)
    assert not [path for path in tmp_path.iterdir() if not path.name.startswith(".")]
    assert not list(read_rows(tmp_path))
    # The next attempt writes over what the crash left.
    write_rows(tmp_path / "traces.parquet", [make_trace()], TRACE)
    assert [path.name for path in tmp_path.iterdir()] == ["traces.parquet"]


def test_crash_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    write_rows(tmp_path / "traces.parquet", [make_trace()], TRACE)
    with pytest.raises(TypeError, match="a dataclass type or instance"):
        write_rows(tmp_path / "traces.parquet", [make_trace(), None], TRACE)
    assert list(read_traces(tmp_path / "traces.parquet")) == [make_trace()]
