"""An artifact is named by its inputs and resumed by its name, and counts only if it is complete."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from records.artifact import artifact_of, build_once, git_commit, is_complete, read_manifest
from records.counts import ScoreCounts
from records.errors import InputError
from records.files import MANIFEST, write_json
from records.hashing import files_under, fingerprint
from records.rows import Verdict

INPUTS = {"n": 4, "model": "m"}


def make_build(calls: list[Path], text: str = "content") -> Callable[[Path], ScoreCounts]:
    def build(folder: Path) -> ScoreCounts:
        calls.append(folder)
        (folder / "inner").mkdir(exist_ok=True)
        (folder / "inner" / "file.txt").write_text(text)
        (folder / ".unfinished").write_text("not part of it")
        return ScoreCounts(scores=len(calls))

    return build


def failing_build(folder: Path) -> ScoreCounts:
    (folder / "half.txt").write_text("half")
    raise RuntimeError("killed")


def test_a_machine_without_git_tells_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    git_commit.cache_clear()
    commit = git_commit()
    git_commit.cache_clear()
    assert commit is None


def test_a_repository_around_an_installation_is_not_asked(tmp_path: Path) -> None:
    """Its commit is none of Retort's, and its config names programs that git runs."""
    shutil.copytree(ROOT / "records", tmp_path / "site" / "records")
    commands = [
        "init -q",
        f"config core.fsmonitor {tmp_path}/hook",
        "add .",
        "-c user.name=a -c user.email=a commit -qm a",
    ]
    (tmp_path / "hook").write_text(f"#!/bin/sh\ntouch {tmp_path}/it_ran\n")
    for command in commands:
        subprocess.run(["git", *command.split()], cwd=tmp_path, check=True)
    (tmp_path / "hook").chmod(0o755)
    code = "import sys; sys.path.insert(0, 'site'); from records.artifact import git_commit; print(git_commit())"
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert (done.stdout, (tmp_path / "it_ran").exists()) == ("None\n", False)


def test_builds_once(tmp_path: Path) -> None:
    calls: list[Path] = []
    first = build_once(tmp_path, "stage", INPUTS, make_build(calls))
    second = build_once(tmp_path, "stage", INPUTS, make_build(calls))
    assert first == second
    assert calls == [first.path] == [tmp_path / f"stage-{fingerprint(INPUTS)}"]


def test_failed_build_is_incomplete_and_built_again_from_what_it_left(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="killed"):
        build_once(tmp_path, "stage", INPUTS, failing_build)
    artifact = artifact_of(tmp_path, "stage", INPUTS)
    assert not is_complete(artifact)
    assert (artifact.path / "half.txt").exists()
    calls: list[Path] = []
    assert build_once(tmp_path, "stage", INPUTS, make_build(calls)) == artifact
    assert len(calls) == 1
    assert is_complete(artifact)


def test_other_inputs_or_stage_are_another_artifact(tmp_path: Path) -> None:
    calls: list[Path] = []
    build = make_build(calls)
    artifacts = [
        build_once(tmp_path, "stage", INPUTS, build),
        build_once(tmp_path, "stage", INPUTS | {"n": 5}, build),
        build_once(tmp_path, "other", INPUTS, build),
    ]
    assert len({artifact.path for artifact in artifacts}) == len(calls) == 3


def test_manifest(tmp_path: Path) -> None:
    artifact = build_once(tmp_path, "stage", INPUTS, make_build([]))
    manifest = read_manifest(artifact)
    digest = hashlib.sha256(b"content").hexdigest()
    assert manifest["files"] == {"inner/file.txt": {"bytes": 7, "sha256": digest}}
    assert (manifest["stage"], manifest["fingerprint"]) == ("stage", artifact.fingerprint)
    assert (manifest["inputs"], manifest["counts"]) == (INPUTS, {"scores": 1})
    assert manifest["provenance"]["wall_s"] >= 0
    assert {"argv", "host", "python", "commit", "packages", "started"} <= set(manifest["provenance"])
    assert "pyarrow" in manifest["provenance"]["packages"]


@pytest.mark.parametrize("damage", [Path.unlink, lambda file: file.write_text("longer content")])
def test_changed_file_is_refused(tmp_path: Path, damage: Callable[[Path], Any]) -> None:
    artifact = build_once(tmp_path, "stage", INPUTS, make_build([]))
    damage(artifact.path / "inner" / "file.txt")
    with pytest.raises(InputError) as caught:
        build_once(tmp_path, "stage", INPUTS, make_build([]))
    file = artifact.path / "inner" / "file.txt"
    assert str(caught.value) == f"{file}: changed since it was made; delete {artifact.path} to build it again"


@pytest.mark.parametrize("content", [b"", b'{"files": {', b"\xff\xfe"])
def test_broken_manifest_is_refused(tmp_path: Path, content: bytes) -> None:
    artifact = build_once(tmp_path, "stage", INPUTS, make_build([]))
    (artifact.path / MANIFEST).write_bytes(content)
    with pytest.raises(InputError, match=r"manifest\.json: broken .*; if a run made it, delete "):
        build_once(tmp_path, "stage", INPUTS, make_build([]))


def test_write_json_is_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "value.json"
    write_json(path, {"verdict": Verdict("f", "1", "pass")})
    assert json.loads(path.read_text())["verdict"]["outcome"] == "pass"
    for value in (float("nan"), object()):
        with pytest.raises((TypeError, ValueError)):
            write_json(path, value)
    assert json.loads(path.read_text())["verdict"]["outcome"] == "pass"


def test_a_public_manifest_tells_nothing_of_this_machine(tmp_path: Path) -> None:
    for public in (True, False):
        artifact = build_once(tmp_path, f"{public}", INPUTS, make_build([]), public=public)
        told = read_manifest(artifact)["provenance"].keys()
        assert ({"argv", "host"} <= told) is not public
        assert {"python", "commit", "packages"} <= told


def test_hidden_files_are_unfinished_but_the_hubs_scores_are_not(tmp_path: Path) -> None:
    for name in (".eval_results/a.yaml", ".eval_results/.a.yaml.tmp", ".work/b", "c", ".d.tmp", "manifest.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert files_under(tmp_path) == [".eval_results/a.yaml", "c"]


@pytest.mark.parametrize(("folder", "file"), [(0o755, 0o644), (0o750, 0o640), (0o700, 0o600)])
def test_who_may_read_an_artifacts_folder_may_read_its_files(tmp_path: Path, folder: int, file: int) -> None:
    def build(place: Path) -> ScoreCounts:
        place.chmod(folder)
        (place / "model.safetensors").write_bytes(b"weights")
        (place / "model.safetensors").chmod(0o600)
        return ScoreCounts(scores=1)

    made = build_once(tmp_path, "train", {}, build)
    assert (made.path / "model.safetensors").stat().st_mode & 0o777 == file
    assert is_complete(made)
