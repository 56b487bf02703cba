"""A dataset with logprobs is trained on as one without, and a real tokenizer's vocabulary is recognised."""

from pathlib import Path

from datasets import load_dataset
from logprob_makers import make_logprobs
from student_makers import make_row, make_student, write_dataset
from tokenizer_makers import make_byte_tokenizer

from records.logprob_files import DATASET_WITH_LOGPROBS, write_with_logprobs
from records.vocabulary import vocabulary_hash
from student.data.mixing import rendered_rows
from student.data.rendering import RowRenderer


def write_both(folder: Path) -> tuple[Path, Path]:
    """The same rows without and with logprobs, of which one has none."""
    rows = [make_row(at=at) for at in range(3)]
    (folder / "with").mkdir()
    found = [make_logprobs(4, 3), None, make_logprobs(2, 3)]
    write_with_logprobs(folder / "with" / "train.parquet", zip(rows, found, strict=True), DATASET_WITH_LOGPROBS)
    return write_dataset(folder / "without", rows), folder / "with"


def test_they_do_not_change_the_rows_of_a_training(tmp_path: Path) -> None:
    without, with_them = write_both(tmp_path)
    renderer = RowRenderer(make_student(tmp_path / "student").tokenizer())
    one = rendered_rows(without, renderer, 400, tmp_path / "one")
    other = rendered_rows(with_them, renderer, 400, tmp_path / "two")
    assert one.to_list() == other.to_list()
    assert one.features == other.features


def test_datasets_reads_them_as_lists(tmp_path: Path) -> None:
    rows = load_dataset(str(write_both(tmp_path)[1]), split="train", cache_dir=str(tmp_path / "cache"))
    assert [len(row["logprobs"]["top_ids"]) if row["logprobs"] else None for row in rows] == [12, None, 6]
    assert rows[0]["logprobs"]["top_logprobs"] == make_logprobs(4, 3).top_logprobs.reshape(-1).tolist()


def test_a_tokenizers_vocabulary_is_recognised(tmp_path: Path) -> None:
    tokenizer = make_byte_tokenizer()
    made = vocabulary_hash(tokenizer)
    assert made == vocabulary_hash(make_student(tmp_path / "student", tokenizer).tokenizer()), "read from its files"
    tokenizer.add_tokens(["<tool_response>"])
    assert vocabulary_hash(tokenizer) != made
