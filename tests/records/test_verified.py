"""An artifact's files are those of its manifest, to the byte: read whole once, then known by a stamp."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import make_trace

from records import verified
from records.artifact import artifact_of, build_once, is_complete, verify
from records.counts import ScoreCounts
from records.errors import InputError
from records.files import MANIFEST
from records.parquet import count_rows, read_rows, write_rows
from records.rows import Artifact
from records.schemas import TRACE
from records.verified import STAMPS, listed_files


def make_artifact(run_dir: Path, name: str = "judge") -> Artifact:
    def build(folder: Path) -> ScoreCounts:
        (folder / "data").mkdir(exist_ok=True)
        write_rows(folder / "data" / "traces-00000.parquet", [make_trace()], TRACE)
        write_rows(folder / "traces-00000.parquet", [make_trace(), make_trace(sample_index=1)], TRACE)
        (folder / "model.safetensors").write_bytes(b"0" * 64)
        return ScoreCounts(scores=1)

    return build_once(run_dir, name, {"a": 1}, build)


def flip(file: Path, at: int = 8) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


def keep_times(file: Path, at: int = 8) -> None:
    """Change a byte as a disk would, which touches no time that a program can set."""
    before = file.stat()
    flip(file, at)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("name", ["model.safetensors", "traces-00000.parquet", "data/traces-00000.parquet"])
@pytest.mark.parametrize("change", [flip, keep_times])
def test_a_changed_byte_is_found(tmp_path: Path, name: str, change: object) -> None:
    artifact = make_artifact(tmp_path)
    assert is_complete(artifact)
    change(artifact.path / name)  # type: ignore[operator]
    with pytest.raises(InputError, match=r"changed since it was made; delete .* to build it again"):
        is_complete(artifact)


def test_files_are_read_once_and_again_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    hashed = verified.sha256_of
    monkeypatch.setattr(verified, "sha256_of", lambda file: read.append(file.name) or hashed(file))
    artifact = make_artifact(tmp_path)
    assert is_complete(artifact)
    assert not read, "its SHA-256 was computed just now"
    verify(artifact, full=True)
    assert len(read) == 3
    shutil.rmtree(tmp_path / STAMPS)
    assert is_complete(artifact)
    assert len(read) == 6
    assert is_complete(artifact)
    assert len(read) == 6


@pytest.mark.parametrize("stamps", [b"", b"[1]", b"\xff", b'{"model.safetensors": 3}'])
def test_broken_stamps_count_for_nothing(tmp_path: Path, stamps: bytes) -> None:
    artifact = make_artifact(tmp_path)
    (tmp_path / STAMPS / f"{artifact.path.name}.json").write_bytes(stamps)
    assert is_complete(artifact)
    flip(artifact.path / "model.safetensors")
    (tmp_path / STAMPS / f"{artifact.path.name}.json").write_bytes(stamps)
    with pytest.raises(InputError, match="changed since"):
        is_complete(artifact)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda stamps: stamps.write_text("[" * 50_000)])
def test_what_is_no_file_of_stamps_counts_for_nothing(tmp_path: Path, make: Callable[[Path], object]) -> None:
    artifact = make_artifact(tmp_path)
    stamps = tmp_path / STAMPS / f"{artifact.path.name}.json"
    stamps.unlink()
    make(stamps)
    assert is_complete(artifact)


def test_a_copied_run_is_checked_anew(tmp_path: Path) -> None:
    first = make_artifact(tmp_path / "run")
    shutil.copytree(tmp_path / "run", tmp_path / "copy")
    copied = artifact_of(tmp_path / "copy", "judge", {"a": 1})
    assert is_complete(copied)
    shutil.copytree(first.path, tmp_path / "other" / first.path.name)
    flip(tmp_path / "other" / first.path.name / "model.safetensors")
    with pytest.raises(InputError, match="changed since"):
        is_complete(artifact_of(tmp_path / "other", "judge", {"a": 1}))


def test_a_foreign_file_is_not_read(tmp_path: Path) -> None:
    artifact = make_artifact(tmp_path)
    for folder in (artifact.path, artifact.path / "data"):
        shutil.copy(artifact.path / "traces-00000.parquet", folder / "traces-99999.parquet")
    assert is_complete(artifact)
    assert count_rows(artifact.path) == len(list(read_rows(artifact.path))) == 2
    assert count_rows(artifact.path / "data") == 1
    (artifact.path / MANIFEST).unlink()
    assert count_rows(artifact.path) == 4, "a folder that is no artifact is read whole"


def test_a_folder_with_a_manifest_of_its_own_kind_is_read_whole(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.parquet", [make_trace()], TRACE)
    (tmp_path / MANIFEST).write_text('{"files": {}}')
    assert listed_files(tmp_path, "*.parquet") == [tmp_path / "a.parquet"]


@pytest.mark.parametrize(
    "name",
    [
        *("model-00002.safetensors", "pytorch_model.bin", "adapter_config.json", "chat_template.jinja"),
        *("additional_chat_templates/tools.jinja", "model.safetensors.index.json", "tokenizer.model", "merges.txt"),
    ],
)
def test_foreign_files_of_a_model_are_refused_because_libraries_load_them(tmp_path: Path, name: str) -> None:
    artifact = make_artifact(tmp_path)
    (artifact.path / "notes.txt").write_text("may lie here")
    assert is_complete(artifact)
    (artifact.path / name).parent.mkdir(exist_ok=True)
    (artifact.path / name).write_bytes(b"x")
    with pytest.raises(InputError, match=f"{name}: is no file of this artifact"):
        is_complete(artifact)


@pytest.mark.parametrize("name", ["benchmark-../../escaped", "a/b", "", ".hidden", "a\0b", "a\nb"])
def test_no_name_leaves_the_run_directory(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot name a folder"):
        artifact_of(tmp_path, name, {})


def test_ordinary_names_do(tmp_path: Path) -> None:
    assert artifact_of(tmp_path, "eval-judge-aime_2024-student-nf4", {}).path.parent == tmp_path


def change_manifest(artifact: Artifact, change: Callable[[dict[str, Any]], object]) -> None:
    manifest = json.loads((artifact.path / MANIFEST).read_text())
    change(manifest)
    (artifact.path / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize("name", ["../../secret", "/dev/zero", "", "a\0b", "data/../../x"])
def test_a_manifest_names_no_file_outside(tmp_path: Path, name: str) -> None:
    artifact = make_artifact(tmp_path)
    change_manifest(artifact, lambda manifest: manifest["files"].update({name: {"bytes": 0, "sha256": ""}}))
    with pytest.raises(InputError, match="broken entry"):
        is_complete(artifact)


@pytest.mark.parametrize("entry", [None, 3, [], {}, {"bytes": "0", "sha256": ""}, {"bytes": True, "sha256": ""}])
def test_an_entry_says_size_and_hash(tmp_path: Path, entry: object) -> None:
    artifact = make_artifact(tmp_path)
    change_manifest(artifact, lambda manifest: manifest["files"].update({"model.safetensors": entry}))
    with pytest.raises(InputError, match=r"broken entry 'model\.safetensors'"):
        is_complete(artifact)


@pytest.mark.parametrize("target", ["/dev/zero", "fifo"])
def test_a_file_without_an_end_is_not_read(tmp_path: Path, target: str) -> None:
    artifact = make_artifact(tmp_path)
    if target == "fifo":
        os.mkfifo(artifact.path / "endless")
    else:
        (artifact.path / "endless").symlink_to(target)
    change_manifest(artifact, lambda manifest: manifest["files"].update({"endless": {"bytes": 0, "sha256": "0" * 64}}))
    with pytest.raises(InputError, match="endless: changed since"):
        is_complete(artifact)


@pytest.mark.parametrize(
    "content", [b"[]", b"3", b"{}", b'{"files": []}', b"\xff", b"[" * 100_000, b'{"files": {}, "inputs": {}}']
)
def test_a_broken_manifest_is_told(tmp_path: Path, content: bytes) -> None:
    artifact = make_artifact(tmp_path)
    (artifact.path / MANIFEST).write_bytes(content)
    with pytest.raises(InputError, match=r"manifest.json: broken \("):
        is_complete(artifact)
