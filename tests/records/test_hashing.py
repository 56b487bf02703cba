"""Fingerprints, problem ids, seeds and hashes of files depend on content, and on all of it."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.hashing import WHOLE_HASH_BYTES, fingerprint, hash_path, problem_id, request_seed


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


def make_large_folder(folder: Path, changed: dict[int, bytes], size: int = 4 * WHOLE_HASH_BYTES) -> Path:
    make_model_folder(folder)
    with (folder / "inner" / "weights.bin").open("wb") as file:
        file.truncate(size)
        for place, content in changed.items():
            file.seek(place)
            file.write(content)
    return folder


def test_hash_path_of_large_files_sees_size_and_a_sample_of_all_parts(tmp_path: Path) -> None:
    size = 4 * WHOLE_HASH_BYTES
    folder = make_large_folder(tmp_path / "one", {})
    assert hash_path(folder) == hash_path(make_large_folder(tmp_path / "again", {}))
    trained = os.urandom(3 << 20)  # a matrix between tensors that stay as they are
    changes: dict[str, dict[int, bytes]] = {
        "first": {0: b"b"},
        "last": {size - 1: b"y"},
        **{f"between-{at}": {at * size // 7: trained} for at in range(1, 6)},
    }
    others = {hash_path(make_large_folder(tmp_path / name, changed)) for name, changed in changes.items()}
    longer = hash_path(make_large_folder(tmp_path / "longer", {}, size + 1))
    assert len(others | {longer, hash_path(folder)}) == len(changes) + 2


def test_every_byte_of_a_table_counts(tmp_path: Path) -> None:
    """A wrong reference in the middle of a large file of a dataset's folder, corrected by one digit."""
    before = make_large_folder(tmp_path / "before", {})
    after = make_large_folder(tmp_path / "after", {WHOLE_HASH_BYTES + 5_000: b"3"})
    assert hash_path(before, whole=True) != hash_path(after, whole=True)
    assert hash_path(before, whole=True) == hash_path(make_large_folder(tmp_path / "same", {}), whole=True)


def test_a_table_may_have_rows_in_a_file_named_as_our_manifest(tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text("[]")
    before = hash_path(tmp_path, whole=True), hash_path(tmp_path)
    (tmp_path / "manifest.json").write_text('[{"problem": "1 + 1"}]')
    after = hash_path(tmp_path, whole=True), hash_path(tmp_path)
    assert (before[0] != after[0], before[1] == after[1]) == (True, True)
