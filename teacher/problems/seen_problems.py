"""Numbers the traces of each problem while they are imported. The numbers are kept in a file, so that memory does not
grow with the problems."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from records.temporary_database import temporary_database

FILE = ".problems.sqlite"
TABLE = "CREATE TABLE problem (id TEXT PRIMARY KEY, traces INTEGER) WITHOUT ROWID;"
SEEN = "INSERT INTO problem VALUES (?, 1) ON CONFLICT DO UPDATE SET traces = traces + 1 RETURNING traces"


@contextmanager
def temporary_problems(folder: Path) -> Iterator["SeenProblems"]:
    """Yield a table without problems in a hidden file of the folder, and remove the file at the end."""
    with temporary_database(folder / FILE, TABLE) as connection:
        yield SeenProblems(connection)


class SeenProblems:
    """Counts the traces of each problem."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def next_index(self, problem: str) -> int:
        """Count one more trace of a problem and return its sample_index, from 0."""
        ((traces,),) = self.connection.execute(SEEN, (problem,)).fetchall()
        return int(traces) - 1

    def count(self) -> int:
        """Return the number of problems."""
        ((problems,),) = self.connection.execute("SELECT COUNT(*) FROM problem")
        return int(problems)
