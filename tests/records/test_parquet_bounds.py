"""Small files that stand for gigabytes are read within bounds, and broken ones are told in a line."""

import itertools
import json
import subprocess
import sys
from mmap import ACCESS_READ, mmap
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import ROOT

from records.batches import BATCH_CHARACTERS, batched_by_size
from records.errors import InputError
from records.parquet import read_batches, read_rows
from records.parquet_bounds import (
    MOST_MIB,
    MOST_ROW_MIB,
    PIECE_MIB,
    SLOT,
    Chunk,
    beyond_buffers,
    chunks_of,
    columns_of,
    largest_window,
    rows_within,
)
from records.parquet_pages import Page

BOMBS = ROOT / "tests" / "records" / "parquet_bombs.py"


def test_a_file_that_repeats_one_text_does_not_fill_memory(tmp_path: Path) -> None:
    """Read as before, the first of these files takes 2 GiB at once."""
    ran = subprocess.run([sys.executable, BOMBS, tmp_path], capture_output=True, text=True, check=True, cwd=ROOT,
                         env={"PYTHONPATH": str(ROOT), "PATH": ""})  # fmt: skip
    found = {name: outcome for name, (outcome, _) in json.loads(ran.stdout).items()}
    held = max(mib for _, mib in json.loads(ran.stdout).values())
    assert int(found["written"]) < 20_000
    assert held < MOST_MIB + 900  # 330 beside the bound, and up to 680 where freed memory goes back late
    assert {found[name] for name in ("repeated", "beginnings")} == {"1024 rows"}
    assert found["in a list"] == "FILE: 8 of its rows take more than 4,096 MiB together; write shorter rows"
    assert found["numbers in a list"].endswith(f"MiB, of {MOST_ROW_MIB} at most; shorten or remove it")
    assert found["changed"].split(" | ") == [
        "27 rows",
        "FILE: holds text that is not UTF-8",
        "FILE: not a readable Parquet file",
    ]


@pytest.mark.parametrize(("shorter", "rows"), [(SLOT + 1, 1024), (SLOT, 512)])
def test_rows_are_read_together_up_to_the_bound(shorter: int, rows: int, tmp_path: Path) -> None:
    """1,024 rows of one text take MOST_MIB, or a little more: each has a copy and a slot."""
    text = "x" * ((MOST_MIB << 20) // 1024 - shorter)
    path = tmp_path / "repeated.parquet"
    pq.write_table(
        pa.table({"text": pa.DictionaryArray.from_arrays(pa.array([0] * 1024), [text])}), path, compression="zstd"
    )
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        metadata = pq.ParquetFile(path).metadata
        assert rows_within(chunks_of(content, metadata.row_group(0), columns_of(metadata, None))) == rows


def pages(*sizes: tuple[int, int]) -> list[Page]:
    return [Page(False, size, values, 0, 0, 0) for size, values in sizes]


@pytest.mark.parametrize(("rows", "largest"), [(1, 900), (2, 910), (3, 917), (4, 917), (5, 922), (9, 922)])
def test_a_window_takes_every_page_of_which_its_rows_may_take_part(rows: int, largest: int) -> None:
    assert largest_window(pages((5, 3), (10, 2), (900, 1), (7, 2)), rows) == largest


def test_nulls_of_a_fixed_length_take_their_place() -> None:
    chunk = Chunk(None, pages((9, 4096)), is_nested=False, is_text=False, width=1 << 20)  # type: ignore[arg-type]
    assert chunk.most_bytes(1024, 0) == 9 + 1024 * (SLOT + (1 << 20))
    assert chunk.most_bytes(8192, 0) == 9 + 4096 * (SLOT + (1 << 20))


@pytest.mark.parametrize("codec", ["none", "snappy", "zstd", "gzip", "brotli", "lz4"])
def test_the_longest_text_is_read_from_the_dictionary(tmp_path: Path, codec: str) -> None:
    texts = ["x", "y" * 300, "z" * 7]
    pq.write_table(pa.table({"a": texts * 9, "b": [1, 2, 3] * 9}), tmp_path / "a.parquet", compression=codec)
    metadata = pq.read_metadata(tmp_path / "a.parquet")
    with (tmp_path / "a.parquet").open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as opened:
        chunks = list(chunks_of(opened, metadata.row_group(0), columns_of(metadata, None)))
        assert [chunk.longest for chunk in chunks] == [300, 0]
        assert [chunk.dictionary_bytes for chunk in chunks] == [sum(4 + len(text) for text in texts), 0]


@pytest.mark.parametrize(
    ("names", "places"), [(None, [0, 1, 2, 3]), (["a", "b"], [0, 1, 2]), (["b"], [1, 2]), (["x"], []), ([], [])]
)
def test_a_name_stands_for_its_column_with_all_fields(
    tmp_path: Path, names: list[str] | None, places: list[int]
) -> None:
    table = pa.table({"a": [1], "b": [{"x": 1, "y": [2]}], "bc": [3]})
    pq.write_table(table, tmp_path / "a.parquet")
    found = columns_of(pq.read_metadata(tmp_path / "a.parquet"), names)
    assert [(column.at, column.is_nested) for column in found] == [(at, at == 2) for at in places]


def test_what_a_batch_takes_beyond_its_buffers() -> None:
    texts = pa.array(["abc", "abc", None]).dictionary_encode()
    assert beyond_buffers(texts) == 6
    assert beyond_buffers(pa.array([1, 1, 2]).dictionary_encode()) == 3 * (SLOT + 2 * 8)
    assert beyond_buffers(pa.array([[None] * 5, []], pa.list_(pa.null()))) == 5 * SLOT
    assert beyond_buffers(pa.array([[{"a": 1, "b": "x"}] * 3])) == 3 * 3 * SLOT
    assert beyond_buffers(pa.array(["plain"])) == 0
    pairs = pa.array([[("a", [1])], [("b", [2]), ("c", None)], []], pa.map_(pa.string(), pa.list_(pa.int8())))
    assert [beyond_buffers(pairs), beyond_buffers(pairs[1:])] == [8 * SLOT, 5 * SLOT]
    assert beyond_buffers(pa.concat_arrays([pairs, pairs])[1:2]) == 5 * SLOT
    assert beyond_buffers(pa.array([[1, 2], None], pa.list_(pa.int8(), 2))) == 2 * SLOT


@pytest.mark.parametrize("codec", ["none", "snappy", "zstd", "gzip", "brotli", "lz4"])
def test_files_of_other_writers_are_read_as_they_are(tmp_path: Path, codec: str) -> None:
    """Pages of both versions, with and without dictionaries, statistics and checksums, and every kind of nesting."""
    some = range(900)
    table = pa.table(
        {
            "text": [f"text {at % 50}" * (at % 7) for at in some],
            "number": pa.array(some, pa.int64()),
            "gaps": [at / 3 if at % 5 else None for at in some],
            "list": [["x"] * (at % 4) for at in some],
            "map": pa.array([[("key", at)] * (at % 3) for at in some], pa.map_(pa.string(), pa.int64())),
            "struct": [{"a": "v" * (at % 3), "b": [at]} for at in some],
            "codes": pa.array([f"c{at % 9}" for at in some]).dictionary_encode(),
            "fixed": pa.array([b"1234"] * len(some), pa.binary(4)),
            "null": pa.nulls(len(some)),
        }
    )
    for version, extra, page in itertools.product(("1.0", "2.0"), (True, False), (512, 1 << 20)):
        given = {"use_dictionary": extra, "write_statistics": extra, "write_page_checksum": extra}
        pq.write_table(
            table, tmp_path / "a.parquet", row_group_size=700, compression=codec, data_page_version=version,
            data_page_size=page, store_schema=extra, **given,
        )  # fmt: skip
        assert [*read_rows(tmp_path / "a.parquet")] == table.to_pylist()


def test_rows_of_all_sizes_arrive_in_order(tmp_path: Path) -> None:
    """Large rows come in several pieces, of several row groups, read here and in a process of their own."""
    texts = [chr(97 + at % 26) * (1 if at % 5 else 12 << 20) for at in range(25)]
    path = tmp_path / "rows.parquet"
    table = pa.table({"number": range(25), "texts": [[text, "b"] for text in texts]})
    pq.write_table(table, path, row_group_size=10)
    assert [(row["number"], row["texts"]) for row in read_rows(path)] == [(at, [t, "b"]) for at, t in enumerate(texts)]
    assert all(batch.nbytes <= PIECE_MIB << 20 for batch in read_batches(path, None))
    assert [row["number"] for row in read_rows(path, ["number"])] == [*range(25)]


def test_a_process_of_its_own_reads_what_is_not_sure_to_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.parquet_reading.rows_within", lambda chunks: None)
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"a": range(30), "b": [["x"]] * 30}), path, row_group_size=20)
    assert [*read_rows(path, ["a"])] == [{"a": at} for at in range(30)]
    assert next(iter(read_rows(path))) == {"a": 0, "b": ["x"]}  # the process ends with the reading
    path.write_bytes(path.read_bytes()[:200] + b"no" * 40 + path.read_bytes()[280:])
    with pytest.raises(InputError, match=r"rows\.parquet: "):
        [*read_rows(path)]


def test_rows_are_written_in_batches_of_bounded_size() -> None:
    large = {"text": "x" * (BATCH_CHARACTERS // 2), "turns": [{"content": "y"}]}
    assert [len(batch) for batch in batched_by_size([large] * 5)] == [2, 2, 1]
    assert [len(batch) for batch in batched_by_size([{"text": "x"}] * 1025)] == [1024, 1]
