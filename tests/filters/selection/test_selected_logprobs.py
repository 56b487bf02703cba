"""Selected rows bring the logprobs of their own traces, whatever was left out between them."""

from pathlib import Path

import pytest
from logprob_makers import make_logprobs, same
from selection_makers import same_number, trace

from configs.selection import Selection
from filters.selection.dataset import select_traces
from records.counts import SelectionCounts
from records.errors import InputError
from records.logprob_files import DATASET_WITH_LOGPROBS, OF_TRACES, read_logprobs, write_with_logprobs
from records.logprobs import TokenLogprobs
from records.parquet import read_batches, read_rows, write_rows
from records.rows import Trace
from records.schemas import DATASET, TRACE
from student.export.dataset_card import write_card

TRACES = [
    trace("a", 0, "one"),
    trace("a", 1, "wrong", outcome="fail"),
    trace("b", 0, "two"),
    trace("b", 1, "two"),  # a duplicate
    trace("c", 0, "three"),
]
LOGPROBS = [make_logprobs(index + 2, 3, seed=index) if index != 2 else None for index in range(5)]


def select(folder: Path, traces: list[Trace], logprobs: list[TokenLogprobs | None]) -> SelectionCounts:
    """The traces lie in two files, as two shards do."""
    for name, part in (("0", slice(0, 3)), ("1", slice(3, None))):
        (folder / "judged").mkdir(exist_ok=True)
        (folder / "logprobs").mkdir(exist_ok=True)
        write_rows(folder / "judged" / f"judged-{name}.parquet", TRACES[part], TRACE)
        keys = [
            {"problem_id": one.problem_id, "attempt": one.attempt, "sample_index": one.sample_index}
            for one in traces[part]
        ]
        rows = zip(keys, logprobs[part], strict=True)
        write_with_logprobs(folder / "logprobs" / f"traces-{name}.parquet", rows, OF_TRACES)

    def turns(prompt: str) -> list[dict[str, str]]:
        return [{"role": "user", "content": prompt}]

    return select_traces(folder, folder / "judged", Selection(), turns, same_number, logprobs=folder / "logprobs")


def test_each_row_has_its_own(tmp_path: Path) -> None:
    counts = select(tmp_path, TRACES, LOGPROBS)
    rows = list(read_rows(tmp_path / "data", ["messages", "problem_id", "sample_index"]))
    assert [(row["messages"][0]["content"], row["sample_index"]) for row in rows] == [("a", 0), ("b", 0), ("c", 0)]
    found = [logprobs for _, logprobs in read_logprobs(tmp_path / "data")]
    assert all(same(one, other) for one, other in zip(found, [LOGPROBS[0], None, LOGPROBS[4]], strict=True))
    assert counts.logprob_tokens == 2 + 6
    assert next(read_batches(tmp_path / "data", None)).schema == DATASET_WITH_LOGPROBS


def test_without_them_a_row_is_as_it_was(tmp_path: Path) -> None:
    write_rows(tmp_path / "judged.parquet", TRACES, TRACE)
    counts = select_traces(tmp_path, tmp_path / "judged.parquet", Selection(), lambda _: [], same_number)
    assert counts.logprob_tokens is None
    assert next(read_batches(tmp_path / "data", None)).schema == DATASET


@pytest.mark.parametrize("change", [lambda traces: [traces[4], *traces[1:]], lambda traces: traces[:4]])
def test_those_of_other_traces_are_refused(tmp_path: Path, change: object) -> None:
    others = change(TRACES)  # type: ignore[operator]
    with pytest.raises(InputError, match="logprobs: belongs to other traces than were judged"):
        select(tmp_path, others, LOGPROBS[: len(others)])


def test_the_card_says_what_the_column_holds(tmp_path: Path) -> None:
    plain = SelectionCounts(selected=2, problems=2, left_out={}, disputed_references=0)
    write_card(tmp_path, "teacher", plain)
    assert "top_ids" not in (tmp_path / "README.md").read_text()
    counts = SelectionCounts(selected=2, problems=2, left_out={}, disputed_references=0, logprob_tokens=12345)
    write_card(tmp_path, "teacher", counts)
    card = (tmp_path / "README.md").read_text()
    assert "`logprobs` (12,345 tokens have them)" in card
    assert all(f"`{name}`" in card for name in ("token_ids", "top_ids", "top_logprobs", "vocabulary"))
