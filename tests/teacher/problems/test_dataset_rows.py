"""A dataset of a stranger reads its own files alone, fetches nothing that its rows name, and has a bound of memory."""

import gzip
import json
import resource
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from configs.sources import RowFile
from records.errors import InputError
from records.hashing import hash_path
from teacher.problems import dataset_rows
from teacher.problems.dataset_rows import check_own, read_dataset

ROW = '{"problem": "1 + 1", "answer": "2"}\n'


def make_dataset(folder: Path, header: str) -> RowFile:
    folder.mkdir()
    (folder / "train.jsonl").write_text(ROW)
    (folder / "README.md").write_text(f"---\n{header}\n---\n")
    return RowFile(path=str(folder))


def read(source: RowFile) -> list[dict[str, object]]:
    return [row for _, row in read_dataset(source)]


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """Yield the address of a server and the paths that it was asked for."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(ROW)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(ROW.encode())

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()


# A README.md's header


@pytest.mark.parametrize(
    "place", ["{outside}/secret.json", "../outside/secret.json", "../outside/*.json", "link/*.json"]
)
def test_a_header_reads_no_file_outside(tmp_path: Path, place: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.json").write_text('{"key": "SECRET"}')
    source = make_dataset(
        tmp_path / "set", f"configs: [{{config_name: default, data_files: {place.format(outside=outside)}}}]"
    )
    (tmp_path / "set" / "link").symlink_to(outside)
    with pytest.raises(InputError, match=r"README\.md has .*secret\.json read, which is not one of its own files"):
        read(source)


def test_a_header_reads_no_hidden_file_that_the_hash_passes_over(tmp_path: Path) -> None:
    source = make_dataset(tmp_path / "set", "configs: [{config_name: default, data_files: .rows/train.jsonl}]")
    (tmp_path / "set" / ".rows").mkdir()
    (tmp_path / "set" / ".rows" / "train.jsonl").write_text(ROW)
    with pytest.raises(InputError, match="not one of its own files"):
        read(source)


def test_a_header_reads_nothing_from_an_address(tmp_path: Path, asked: tuple[str, list[str]]) -> None:
    source = make_dataset(tmp_path / "set", f"configs: [{{config_name: default, data_files: {asked[0]}/rows.jsonl}}]")
    with pytest.raises(InputError, match=r"README\.md has http://.*rows\.jsonl read"):
        read(source)


@pytest.mark.parametrize(
    "file",
    [
        "/home/user/.docker/config.json",
        "https://elsewhere/rows.jsonl",
        "hf://datasets/owner/private@main/rows.jsonl",
        "zip://rows.jsonl::hf://datasets/owner/name@1a2b/rows.zip",
    ],
)
def test_a_dataset_of_the_hub_has_its_own_files_alone(file: str) -> None:
    own = "hf://datasets/owner/name@1a2b/data/train-00000.parquet"
    check_own("hf://owner/name", "owner/name", {"train": [own]})
    with pytest.raises(InputError, match="not one of its own files"):
        check_own("hf://owner/name", "owner/name", {"train": [own, file]})


@pytest.mark.parametrize(
    "header", ["data_files: rows/*.jsonl", "data_dir: rows", "data_files: [{split: train, path: rows/a.jsonl}]"]
)
def test_an_honest_header(tmp_path: Path, header: str) -> None:
    source = make_dataset(tmp_path / "set", f"configs: [{{config_name: default, {header}}}]")
    (tmp_path / "set" / "rows").mkdir()
    (tmp_path / "file").write_text(ROW.replace("2", "3"))
    (tmp_path / "set" / "rows" / "a.jsonl").symlink_to(tmp_path / "file")  # hashed as what it leads to
    (tmp_path / "way").symlink_to(tmp_path / "set")
    for path in (source.path, str(tmp_path / "way")):
        assert read(RowFile(path=path)) == [{"problem": "1 + 1", "answer": "3"}]
    before = hash_path(tmp_path / "set", whole=True)
    (tmp_path / "file").write_text(ROW)
    assert hash_path(tmp_path / "set", whole=True) != before


# Rows


def test_an_image_is_not_fetched(tmp_path: Path, asked: tuple[str, list[str]]) -> None:
    features = "[{name: problem, dtype: string}, {name: answer, dtype: string}, {name: image, dtype: image}]"
    within = "{name: within, list: {struct: [{name: image, dtype: image}]}}"
    source = make_dataset(tmp_path / "set", f"dataset_info: {{features: [{features[1:-1]}, {within}]}}")
    image = {"path": f"{asked[0]}/seen", "bytes": None}
    row = json.loads(ROW) | {"image": image, "within": [{"image": image}]}
    (tmp_path / "set" / "train.jsonl").write_text(json.dumps(row) + "\n")
    assert read(source) == [row]
    assert not asked[1]


@pytest.mark.parametrize(
    "rows",
    [
        [{"answer": 1}, {"answer": "x + 1"}, {"answer": None}],
        [{"answer": given} for given in (6.67e-11, "x + 1", 8.854e-12, 0.3, 0.57, 2**60 + 1, None)],
        [{"answer": given} for given in ("007", 7, "[1, 2]", "null", "NaN", "true", '{"a": 1}', "-", '"b"', "")],
        [{"answer": given} for given in (["1"], "[1, 2]", "2")],
        [{"answer": given, "size": size} for given, size in ((1, 6.67e-11), ("a", 0.57), ("b", 1.23456e-07))],
        [{"turns": [{"role": "user", "content": text}]} for text in ("a", [{"type": "text", "text": "b"}])],
        [{"turns": [{"role": "assistant", "content": "a", "calls": [{"input": given}]}]} for given in ({"a": 1}, "b")],
    ],
)
def test_values_of_several_types_come_as_they_are(tmp_path: Path, rows: list[dict[str, object]]) -> None:
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert read(RowFile(path=str(tmp_path))) == rows
    (tmp_path / "train.jsonl").unlink()
    (tmp_path / "train.json").write_text(json.dumps(rows))
    assert read(RowFile(path=str(tmp_path))) == rows


def test_values_of_several_types_in_a_later_part(tmp_path: Path) -> None:
    one_type = [{"answer": "x" * (1 << 20), "turns": [{"content": "a"}]} for _ in range(11)]  # it reads 10 MB at a time
    several = [{"answer": given, "turns": turns} for given, turns in ((7, [{"content": ["b"]}]), ("007", []))]
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in one_type + several))
    assert read(RowFile(path=str(tmp_path))) == (one_type + several) * 2


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('{"answer": "2024-01-01"}\n{"answer": "2024-02-01"}', [{"answer": "2024-01-01"}, {"answer": "2024-02-01"}]),
        (
            '{"a": 1}\r\n\n{"b": 18446744073709551617} {}',
            [{"a": 1, "b": None}, {"a": None, "b": 2**64 + 1}, {"a": None, "b": None}],
        ),
        ('{\n  "problem": "1 + 1"\n}', [{"problem": "1 + 1"}]),
    ],
    ids=["dates", "other columns in each row", "a row on several lines"],
)
def test_rows_are_as_they_are_written(tmp_path: Path, text: str, rows: list[dict[str, object]]) -> None:
    (tmp_path / "train.json").write_text(text)
    assert read(RowFile(path=str(tmp_path))) == rows


def test_a_header_declares_no_types_of_json(tmp_path: Path) -> None:
    label = "{name: answer, dtype: {class_label: {names: {'0': A, '1': B}}}}"
    source = make_dataset(tmp_path / "set", f"dataset_info: {{features: [{{name: problem, dtype: string}}, {label}]}}")
    rows = [{"problem": 1, "answer": "B"}, {"problem": "x", "answer": "A"}]
    (tmp_path / "set" / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert read(source) == rows


def test_a_declared_column_that_the_first_file_lacks_is_empty_there(tmp_path: Path) -> None:
    names = ("problem", "answer", "level", "note")
    features = ", ".join(f"{{name: {name}, dtype: string}}" for name in names)
    source = make_dataset(tmp_path / "set", f"dataset_info: {{features: [{features}]}}")
    later = {"problem": "2 + 2", "answer": "4", "level": "1"}
    (tmp_path / "set" / "train_2.jsonl").write_text(json.dumps(later) + "\n")
    assert read(source) == [json.loads(ROW) | {"level": None, "note": None}, later | {"note": None}]


def test_rows_without_a_column_in_common_are_refused(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text("".join(json.dumps({f"problem {at}": "1 + 1"}) + "\n" for at in range(5000)))
    with pytest.raises(InputError, match=r"\(it has more than 4,096 columns\)"):
        read(RowFile(path=str(tmp_path)))


def packed_line(folder: Path) -> None:
    with gzip.open(folder / "train.jsonl.gz", "wb", 1) as file:
        file.write(b'{"problem": "')
        for _ in range(768):
            file.write(b"x" * (1 << 20))


def one_text_for_all_rows(folder: Path) -> None:
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 1024, pa.int32()), pa.array(["x" * (2 << 20)]))
    pq.write_table(pa.table({"problem": text}), folder / "train.parquet", compression="zstd", store_schema=False)


@pytest.mark.parametrize("write", [packed_line, one_text_for_all_rows])
def test_rows_without_an_end(tmp_path: Path, write: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert callable(write)
    write(tmp_path)
    monkeypatch.setattr(dataset_rows, "MOST_GIB", 1)
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with pytest.raises(InputError, match="its rows take more than 1 GiB of memory; write shorter ones"):
        read(RowFile(path=str(tmp_path)))
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
