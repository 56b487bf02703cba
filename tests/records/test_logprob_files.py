"""Logprobs are written and read row by row, in groups of bounded size."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from logprob_makers import make_logprobs, same

from records.batches import BATCH_ROWS
from records.errors import InputError
from records.logprob_files import GROUP_BYTES, KEY, OF_TRACES, groups, read_logprobs, write_with_logprobs
from records.logprobs import TokenLogprobs, put_there
from records.parquet import read_rows


def rows(*found: TokenLogprobs | None) -> list[tuple[dict[str, object], TokenLogprobs | None]]:
    return [({"problem_id": "p", "attempt": 0, "sample_index": index}, one) for index, one in enumerate(found)]


def test_rows_with_and_without_come_back_in_order(tmp_path: Path) -> None:
    made = [make_logprobs(4, 3), None, make_logprobs(1, 3, seed=1), put_there("made", [7], 3)]
    assert write_with_logprobs(tmp_path / "a.parquet", rows(*made[:2]), OF_TRACES) == 2
    assert write_with_logprobs(tmp_path / "b.parquet", rows(*made[2:]), OF_TRACES) == 2
    found = list(read_logprobs(tmp_path))
    assert [key for key, _ in found] == [("p", 0, index) for index in (0, 1, 0, 1)]
    assert all(same(one, read) for one, (_, read) in zip(made, found, strict=True))


def test_only_marked_rows_are_read_across_files_and_groups(tmp_path: Path) -> None:
    made = [make_logprobs(2, 2, seed=index) for index in range(BATCH_ROWS + 5)]
    write_with_logprobs(tmp_path / "a.parquet", rows(*made), OF_TRACES)
    write_with_logprobs(tmp_path / "b.parquet", rows(*made[:3]), OF_TRACES)
    assert pq.read_metadata(tmp_path / "a.parquet").num_row_groups == 2
    marked = np.zeros(BATCH_ROWS + 8, dtype=np.bool_)
    wanted = [0, BATCH_ROWS - 1, BATCH_ROWS, BATCH_ROWS + 4, BATCH_ROWS + 5, BATCH_ROWS + 7]
    marked[wanted] = True
    found = list(read_logprobs(tmp_path, marked))
    expected = [*(wanted[:4]), 0, 2]
    assert [key[2] for key, _ in found] == expected
    assert all(same(made[index], read) for index, (_, read) in zip(expected, found, strict=True))


def test_a_group_holds_a_bounded_number_of_bytes() -> None:
    long = make_logprobs(10_000, 20)
    found = [len(group) for group in groups(rows(*[long] * 60, *[None] * 10))]
    most = -(-GROUP_BYTES // long.nbytes)
    assert found == [most] * (60 // most) + [60 % most + 10]
    assert [len(group) for group in groups(rows(*[None] * (BATCH_ROWS + 1)))] == [BATCH_ROWS, 1]


def test_other_readers_see_lists_of_numbers(tmp_path: Path) -> None:
    write_with_logprobs(tmp_path / "a.parquet", rows(make_logprobs(2, 3), None), OF_TRACES)
    first, second = read_rows(tmp_path)
    assert {name: len(value) for name, value in first["logprobs"].items() if name != "vocabulary"} == {
        "token_ids": 2,
        "logprobs": 2,
        "top_ids": 6,
        "top_logprobs": 6,
    }
    assert second["logprobs"] is None


def test_a_file_without_the_column_is_named(tmp_path: Path) -> None:
    table = pq.ParquetWriter(tmp_path / "a.parquet", OF_TRACES.remove(len(KEY)))
    table.write_table(OF_TRACES.remove(len(KEY)).empty_table())
    table.close()
    (tmp_path / "b.parquet").write_text("no")
    assert not list(read_logprobs(tmp_path / "a.parquet")), "it has no rows"
    with pytest.raises(InputError, match=r"b\.parquet: not a readable Parquet file of logprobs"):
        list(read_logprobs(tmp_path / "b.parquet"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"token_ids": None}, "lacks numbers"),
        ({"token_ids": [1, None]}, "lacks numbers"),
        ({"logprobs": [-1.0]}, "not one for each token"),
        ({"top_ids": [1, 2, 3]}, "not as many for each token"),
        ({"top_ids": [1] * 5, "top_logprobs": [-1.0] * 5}, "not as many for each token"),
        ({"token_ids": [1, -1]}, "of tokens below 0"),
        ({"top_ids": [1, 1, 1, -(2**31)]}, "of tokens below 0"),
        ({"top_logprobs": [-1.0, -1.0, -1.0, float("-inf")]}, "that are infinite"),
        ({"logprobs": [-1.0, float("inf")]}, "that are infinite"),
        ({"logprobs": [-1.0, 0.5]}, "of probabilities above 1"),
        ({"top_logprobs": [-1.0, -1.0, 11.0, -1.0]}, "of probabilities above 1"),
        ({"top_logprobs": [-1.0, -1.0, 60000.0, -1.0]}, "of probabilities above 1"),
        ({"top_logprobs": [-0.5, -0.5, -1.0, -1.0]}, "of probabilities above 1"),
        ({"top_logprobs": [-1.0, -1.0, -1.0, float("nan")]}, "missing for some of a token's most probable ones"),
        ({"top_ids": [1, 2, 4, 4]}, "that name a token twice"),
    ],
)
def test_numbers_that_no_model_gives_are_one_line(tmp_path: Path, change: dict[str, object], told: str) -> None:
    numbers = {"vocabulary": "made", "token_ids": [1, 2], "logprobs": [-1.0, float("nan")], "top_ids": [1, 2, 3, 4]}
    row = numbers | {"top_logprobs": [-1.0] * 4}
    keys = {"problem_id": "p", "attempt": 0, "sample_index": 0}
    file = tmp_path / "a.parquet"
    for given in (row, row | change):
        pq.write_table(pa.Table.from_pylist([keys | {"logprobs": given}], schema=OF_TRACES), file)
        if given is row:
            assert [len(found) for _, found in read_logprobs(file) if found] == [2]
    with pytest.raises(InputError, match=told) as error:
        list(read_logprobs(file))
    assert str(error.value).count(str(file)) == 1
