"""Files are written whole or not at all."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from records.errors import InputError
from records.files import whole_file, write_json, write_whole


@dataclass
class Point:
    name: str


def test_text_and_bytes_replace_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_whole(path, "first, and longer")
    write_whole(path, "2 × 2")
    assert path.read_bytes() == "2 × 2".encode()
    write_whole(path, b"\xff")
    assert path.read_bytes() == b"\xff"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt()])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a.txt"
    write_whole(path, "old")

    def write_half() -> None:
        with whole_file(path) as temporary:
            temporary.write_text("new")
            raise error

    with pytest.raises(type(error)):
        write_half()
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_what_json_cannot_hold_is_an_error_and_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    for value in (float("nan"), object(), Point):
        with pytest.raises((ValueError, TypeError), match="JSON"):
            write_json(path, {"a": value})
    assert path.read_text() == '{\n  "a": 1\n}\n'


def test_json_is_written_as_it_reads(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", [Point("×")])
    assert (tmp_path / "a.json").read_bytes() == '[\n  {\n    "name": "×"\n  }\n]\n'.encode()


def test_a_link_in_place_of_the_temporary_file_is_not_followed(tmp_path: Path) -> None:
    victim, path = tmp_path / "victim", tmp_path / "a.json"
    for plant in (path.with_name(".a.json.tmp").symlink_to, path.with_name(".a.json.tmp").hardlink_to):
        victim.write_text("precious")
        plant(victim)
        write_json(path, {"a": 1})
        assert victim.read_text() == "precious"
        assert not path.is_symlink()
        assert path.read_text() == '{\n  "a": 1\n}\n'


@pytest.mark.parametrize("plant", ["link", "hard link", "file", "nothing"])
def test_what_replaces_the_temporary_file_meanwhile_is_not_written_to(tmp_path: Path, plant: str) -> None:
    """By somebody who may write to the same folder, or by a second writer of the same file."""
    victim, path, temporary = tmp_path / "victim", tmp_path / "a.json", tmp_path / ".a.json.tmp"
    victim.write_text("precious")
    write_whole(path, "old")

    def write() -> None:
        with whole_file(path) as file:
            temporary.unlink()
            if plant == "link":
                temporary.symlink_to(victim)
            elif plant == "hard link":
                temporary.hardlink_to(victim)
            elif plant == "file":
                temporary.write_text("half of another")
            file.write_text("new")

    with pytest.raises(InputError, match=r"a\.json: another process writes it as well"):
        write()
    assert victim.read_text() == "precious"
    assert path.read_text() == "old"
    assert not temporary.exists()
