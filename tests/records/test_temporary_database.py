"""A temporary database leaves no file behind, whatever happens."""

import errno
from pathlib import Path

import pytest

from records.temporary_database import temporary_database

TABLE = "CREATE TABLE numbers (n INTEGER PRIMARY KEY);"


def test_the_file_goes_away_and_a_killed_process_leaves_nothing_that_matters(tmp_path: Path) -> None:
    path = tmp_path / ".numbers with a space?#%.sqlite"
    path.write_bytes(b"half a file, of a killed process")
    with pytest.raises(ZeroDivisionError), temporary_database(path, TABLE) as database:  # noqa: PT012
        database.execute("INSERT INTO numbers VALUES (7)")
        assert [*tmp_path.iterdir()] == [path]
        raise ZeroDivisionError
    assert not [*tmp_path.iterdir()]


def test_a_full_disk_is_an_error_of_the_operating_system(tmp_path: Path) -> None:
    path = tmp_path / ".numbers.sqlite"
    with pytest.raises(OSError, match="No space left") as error, temporary_database(path, TABLE) as database:  # noqa: PT012
        database.execute("PRAGMA max_page_count = 10")
        database.executemany("INSERT INTO numbers VALUES (?)", ((n,) for n in range(100_000)))
    assert error.value.errno == errno.ENOSPC
    assert not [*tmp_path.iterdir()]
