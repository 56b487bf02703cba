"""An artifact is named by its inputs and resumed by its name, and counts only if it is complete."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import make_trace
from hypothesis import given
from hypothesis import strategies as st

from records.artifact import artifact_of, build_once, is_complete, read_manifest
from records.batches import BATCH_ROWS
from records.counts import ScoreCounts
from records.errors import InputError
from records.files import MANIFEST, write_json
from records.hashing import WHOLE_HASH_BYTES, files_under, fingerprint, hash_path, problem_id, request_seed
from records.parquet import TRACE, count_rows, read_rows, read_traces, write_rows
from records.rows import Trace, Verdict

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


# build_once


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
    with pytest.raises(InputError, match=r"manifest\.json: broken .*; delete "):
        build_once(tmp_path, "stage", INPUTS, make_build([]))


def test_write_json_is_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "value.json"
    write_json(path, {"verdict": Verdict("f", "1", "pass")})
    assert json.loads(path.read_text())["verdict"]["outcome"] == "pass"
    for value in (float("nan"), object()):
        with pytest.raises((TypeError, ValueError)):
            write_json(path, value)
    assert json.loads(path.read_text())["verdict"]["outcome"] == "pass"


# Identity


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), Path("a"), {1, 2}, b"a", {"a": [object()]}])
def test_nothing_unstable_has_a_fingerprint(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        fingerprint(value)


def test_fingerprint_ignores_key_order_alone() -> None:
    assert fingerprint({"a": 1, "b": {"c": 2, "d": 3}}) == fingerprint({"b": {"d": 3, "c": 2}, "a": 1})
    assert len({fingerprint(value) for value in ([1, 2], [2, 1], {"a": 1}, {"a": "1"}, {"a": None}, {})}) == 6
    assert len(fingerprint({})) == 12


def test_problem_id_folds_case_width_and_space() -> None:
    same = ["What is 2 + 2?", "what  IS 2 + 2?", " What is\n2\t+ 2? ", "What is ２ ＋ ２？", "What\u00a0is 2 + 2?"]
    assert len({problem_id(prompt) for prompt in same}) == 1
    assert len(problem_id(same[0])) == 16


def test_problem_id_keeps_what_differs_apart() -> None:
    different = [
        "2 + 2",
        "2 - 2",
        "-2 + 2",
        "2 * 2",
        "2 / 2",
        "22",
        "2.2",
        "x < 2",
        "x > 2",
        "x ≤ 2",
        "√2",
        "2!",
        "12 + 2",
    ]
    assert len({problem_id(prompt) for prompt in different}) == len(different)
    assert problem_id("half a surrogate \ud800")


@given(st.integers(), st.text(), st.integers(min_value=0))
def test_request_seed_has_31_bits_and_repeats(seed: int, problem: str, sample_index: int) -> None:
    drawn = request_seed(seed, problem, sample_index)
    assert 0 <= drawn < 2**31
    assert drawn == request_seed(seed, problem, sample_index)


def test_request_seed_depends_on_each_part() -> None:
    seeds = {request_seed(seed, problem, index) for seed in range(8) for problem in "abcdefgh" for index in range(8)}
    assert len(seeds) == 512


def make_model_folder(folder: Path, weights: bytes = b"weights") -> Path:
    (folder / "inner").mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "inner" / "weights.bin").write_bytes(weights)
    return folder


def test_hash_path_is_content_without_place_or_date(tmp_path: Path) -> None:
    here, there = make_model_folder(tmp_path / "here"), make_model_folder(tmp_path / "far" / "there")
    os.utime(there / "config.json", (0, 0))
    (there / ".cache").mkdir()
    (there / ".cache" / "lock").touch()
    assert hash_path(here) == hash_path(there)
    assert hash_path(here / "config.json") == hash_path(there / "config.json")
    other = make_model_folder(tmp_path / "other", b"weight5")
    assert hash_path(other) != hash_path(here)
    (there / "config.json").rename(there / "renamed.json")
    assert hash_path(there) != hash_path(here)


def test_hash_path_of_large_files_sees_size_and_both_ends(tmp_path: Path) -> None:
    def large(name: str, size: int, first: bytes = b"a", last: bytes = b"z") -> str:
        folder = make_model_folder(tmp_path / name)
        with (folder / "inner" / "weights.bin").open("wb") as file:
            file.write(first)
            file.seek(size - 1)
            file.write(last)
        return hash_path(folder)

    size = WHOLE_HASH_BYTES + 1
    assert large("same", size) == large("again", size)
    others = {large("size", size + 1), large("first", size, first=b"b"), large("last", size, last=b"y")}
    assert len(others | {hash_path(tmp_path / "same")}) == 4


# Rows


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
