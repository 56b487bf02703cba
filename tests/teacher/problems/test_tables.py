"""Tables are read in every format, and a broken one gives one InputError that names file, row and column."""

import codecs
import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from table_makers import ROWS, make_folder, make_jsonl, make_source, refusal

from configs.sources import RowFile
from records.errors import InputError
from records.hashing import problem_id
from teacher.problems.files import read_file
from teacher.problems.sources import write_problems
from teacher.problems.tables import read_table, source_name

# Formats


def write_jsonl(path: Path) -> None:
    make_jsonl(path, *ROWS)


def write_jsonl_gz(path: Path) -> None:
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in ROWS).encode()))


def write_json(path: Path) -> None:
    path.write_text(json.dumps(ROWS))


def write_parquet(path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS), path)


WRITERS = {"rows.jsonl": write_jsonl, "rows.jsonl.gz": write_jsonl_gz, "rows.json": write_json}
WRITERS |= {"rows.parquet": write_parquet, "rows": make_folder}


LOST = "numbers of that size lose digits in the file or while it is read; write them as text"


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_reads_the_same(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    problems = list(read_file(make_source(tmp_path / name)))
    assert [(problem.prompt, problem.reference) for problem in problems] == [
        (row["problem"], row["answer"]) for row in ROWS
    ]
    assert {(problem.source, problem.verifier, problem.extra) for problem in problems} == {("rows", "math", "")}
    assert problems[0].id == problem_id(ROWS[0]["problem"])


@pytest.mark.parametrize("name", WRITERS)
def test_limit(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    assert [row["answer"] for _, row in read_table(make_source(tmp_path / name, limit=2))] == ["0", "2"]


def test_limit_leaves_the_rest_unread(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(json.dumps(ROWS[0]).encode() + b"\nbroken\n")
    assert len(list(read_table(make_source(path, limit=1)))) == 1


def test_places_count_lines_and_skip_blank_ones(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"\n{json.dumps(ROWS[0])}\n  \n{json.dumps(ROWS[1])}")
    assert [place for place, _ in read_table(make_source(path))] == [f"{path}:2", f"{path}:4"]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "rows.json"])
def test_a_byte_order_mark_is_passed_over(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    content = (tmp_path / name).read_bytes()
    packed = name.endswith(".gz")
    marked = codecs.BOM_UTF8 + (gzip.decompress(content) if packed else content)
    (tmp_path / name).write_bytes(gzip.compress(marked) if packed else marked)
    assert [row for _, row in read_table(make_source(tmp_path / name))] == ROWS


@pytest.mark.parametrize(
    "rows",
    [
        [{"problem": "p", "answer": 9007199254740993}, {"problem": "q", "answer": 0.5}],
        [{"problem": "p", "answer": 10**30}],
    ],
)
def test_digits_of_a_whole_number_are_not_lost(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    (tmp_path / "rows").mkdir()
    for path in (tmp_path / "rows", tmp_path / "rows.jsonl"):
        make_jsonl(path / "train.jsonl" if path.is_dir() else path, *rows)
        assert [one.reference for one in read_file(make_source(path))] == [str(row["answer"]) for row in rows]


def test_digits_that_a_reader_has_lost_are_refused(tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "train.csv").write_text("problem,answer\np,9007199254740993\nq,0.5\n")
    assert LOST in refusal(make_source(tmp_path / "rows"))


def test_columns_numbers_and_names(tmp_path: Path) -> None:
    path = make_jsonl(tmp_path / "sums.v2.jsonl", {"q": "1 + 1?", "a": 2}, {"q": "1 / 2?", "a": 0.5})
    columns = {"prompt": "q", "reference": "a"}
    assert [problem.reference for problem in read_file(make_source(path, columns=columns))] == ["2", "0.5"]
    assert source_name(make_source(path)) == "sums"
    assert source_name(make_source(path, source="mine")) == "mine"
    assert source_name(make_source("hf://owner/name")) == "name"


def test_split_of_a_folder(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "rows")
    assert "neither a .jsonl, .jsonl.gz, .json or .parquet file nor a dataset that loads" in refusal(
        make_source(folder, split="validation")
    )


# Cells


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"problem": "p"}, "has no column 'answer'; it has problem: set columns in the config"),
        (
            {"question": "p", "answer": "1"},
            "has no column 'problem'; it has question, answer: set columns in the config",
        ),
        ({"problem": " ", "answer": "1"}, "column 'problem' is empty; correct or remove the row"),
        ({"problem": "p", "answer": ""}, "column 'answer' is empty; correct or remove the row"),
        ({"problem": "p", "answer": None}, "column 'answer' must be text or a number, found NoneType"),
        ({"problem": "p", "answer": float("nan")}, "column 'answer' is nan; correct or remove the row"),
        ({"problem": "p", "answer": float("-inf")}, "column 'answer' is -inf; correct or remove the row"),
        ({"problem": "p", "answer": 2.0**53}, f"column 'answer' is 9007199254740992.0: {LOST}"),
        ({"problem": "p", "answer": -1e30}, f"column 'answer' is -1e+30: {LOST}"),
        ({"problem": "p", "answer": True}, "column 'answer' must be text or a number, found bool"),
        ({"problem": ["p"], "answer": "1"}, "column 'problem' must be text or a number, found list"),
        (["p", "1"], "a row is an object with columns, found list"),
        ("p", "a row is an object with columns, found str"),
    ],
)
def test_bad_row_is_named(tmp_path: Path, row: Any, message: str) -> None:
    path = make_jsonl(tmp_path / "rows.jsonl", ROWS[0], row)
    assert refusal(make_source(path)) == f"{path}:2: {message}"
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([ROWS[0], row]))
    assert refusal(make_source(path)) == f"{path}: row 2: {message}"


@pytest.mark.parametrize(("columns", "end"), [(20, "c18, c19"), (21, "c18, c19 and 1 more"), (22, "c19 and 2 more")])
def test_of_many_columns_the_first_are_named(tmp_path: Path, columns: int, end: str) -> None:
    path = make_jsonl(tmp_path / "rows.jsonl", {f"c{at}": 1 for at in range(columns)})
    assert refusal(make_source(path)).endswith(f"{end}: set columns in the config")


def test_bad_parquet_cell_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"problem": ["p", "q"], "answer": [1.0, float("nan")]}), path)
    assert refusal(make_source(path)) == f"{path}: row 2: column 'answer' is nan; correct or remove the row"


# Files


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "rows.json", "rows.parquet"])
def test_missing_file(tmp_path: Path, name: str) -> None:
    assert refusal(make_source(tmp_path / name)).startswith(f"{tmp_path / name}: no such file (looked for ")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("rows.jsonl", b"", "rows.jsonl: has no rows"),
        ("rows.jsonl", b"\n\n", "rows.jsonl: has no rows"),
        ("rows.json", b"[]", "rows.json: has no rows"),
        ("rows.jsonl.gz", gzip.compress(b"", mtime=0), "rows.jsonl.gz: has no rows"),
        ("rows.jsonl", b'{"problem": "p", "answer": "1"}\n{"problem"\n', "rows.jsonl:2: not JSON ("),
        ("rows.jsonl", b'{"problem": "p", "answer": "1"}\n{"problem": "\xe9"}\n', "rows.jsonl:2: not UTF-8 (byte 13)"),
        ("rows.json", b"", "rows.json: not JSON in UTF-8 ("),
        ("rows.json", b'["\xe9"]', "rows.json: not JSON in UTF-8 ("),
        ("rows.json", b'{"problem": "p"}', "rows.json: must be a list of objects, found dict"),
        ("rows.jsonl.gz", b"plain text", "rows.jsonl.gz: broken gzip file ("),
        ("rows.parquet", b"", "rows.parquet: not a readable Parquet file ("),
        ("rows.parquet", b"PAR1 and no footer PAR1", "rows.parquet: not a readable Parquet file ("),
    ],
)
def test_broken_file_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert refusal(make_source(tmp_path / name)).startswith(str(tmp_path / message))


def test_truncated_gzip(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    write_jsonl_gz(path)
    path.write_bytes(path.read_bytes()[:-12])
    assert refusal(make_source(path)).startswith(f"{path}: broken gzip file (")


def test_damaged_gzip(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    write_jsonl_gz(path)
    content = bytearray(path.read_bytes())
    content[10] = 0xFF  # an invalid deflate block: zlib complains, not gzip
    path.write_bytes(bytes(content))
    assert refusal(make_source(path)).startswith(f"{path}: broken gzip file (")


def test_half_a_surrogate_is_named(tmp_path: Path) -> None:
    path = make_jsonl(tmp_path / "rows.jsonl", {"problem": "half \ud800", "answer": "1"})
    with pytest.raises(InputError, match=r"rows\.jsonl:1: column 'problem'"):
        write_problems(tmp_path, [make_source(path)], excluded=set())


def test_endlessly_nested_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("[" * 100_000)
    assert refusal(make_source(tmp_path / "rows.jsonl")).startswith(f"{tmp_path / 'rows.jsonl'}:1: not JSON (")


def test_truncated_parquet(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    write_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    assert refusal(make_source(path)).startswith(f"{path}: not a readable Parquet file (")


@pytest.mark.parametrize("path", ["hf://nobody/no-such-dataset", "no/such/folder", "rows.csv"])
def test_unknown_dataset(path: str) -> None:  # offline: conftest sets HF_HUB_OFFLINE
    message = refusal(make_source(path))
    assert message.startswith(f"{path}: neither a .jsonl, .jsonl.gz, .json or .parquet file nor a dataset that loads (")
    assert "\n" not in message


def test_a_script_of_a_dataset_does_not_run(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "rows")
    (folder / "rows.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert "Dataset scripts are no longer supported" in refusal(make_source(folder))
    assert not (tmp_path / "ran").exists()


def test_a_pickle_in_a_dataset_does_not_run(tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    content = f"cos\nmkdir\n(S'{tmp_path / 'ran'}'\ntR.".encode()
    with tarfile.open(tmp_path / "rows" / "train.tar", "w") as archive:
        for ending in ("pth", "pickle", "pyd"):
            member = tarfile.TarInfo(f"0.{ending}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    assert "nor a dataset that loads (" in refusal(make_source(tmp_path / "rows"))
    assert not (tmp_path / "ran").exists()


def test_a_folder_is_not_read_instead_of_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "owner" / "name").mkdir(parents=True)
    (tmp_path / "owner" / "name" / "train.jsonl").write_text('{"problem": "2 + 2", "answer": "5"}\n')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"hf://owner/name: the folder .*owner/name would be read instead"):
        list(read_table(RowFile(path="hf://owner/name")))
    assert len(list(read_table(RowFile(path="owner/name")))) == 1
