"""The index of all traces, in a file: what selection holds in memory does not grow with them. The only file of
selection with SQL."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np

from filters.selection.candidates import Candidate, ProblemCandidates
from filters.selection.entry import Entry
from filters.selection.majority import Majority
from filters.selection.near_duplicates import Signature
from records.temporary_database import temporary_database

FILE = ".index.sqlite"
AT_ONCE = 256
"""Problems read at a time."""
# A key has its type declared: SQLite uses no index to compare an INTEGER with a column of no type.
TABLES = """
CREATE TABLE problem (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE entry (problem INTEGER, position INTEGER, decided, accepted, first_pass, verdict, answer, reference,
    length, source, digest, score, PRIMARY KEY (problem, position)) WITHOUT ROWID;
CREATE TABLE problem_candidates (rank INTEGER PRIMARY KEY, number INTEGER UNIQUE, id, decided, passed, share, first,
    texts, duplicates);
CREATE TABLE candidate (problem INTEGER, place INTEGER, position, length, source, score,
    PRIMARY KEY (problem, place)) WITHOUT ROWID;
CREATE TABLE disputed (position INTEGER PRIMARY KEY, answer, votes, n);
CREATE TABLE signature (position INTEGER PRIMARY KEY, minhash);
CREATE TABLE band (key, position, PRIMARY KEY (key, position)) WITHOUT ROWID;
CREATE TABLE best (problem INTEGER, turn INTEGER, position, length, source, score, PRIMARY KEY (problem, turn))
    WITHOUT ROWID;
"""


@contextmanager
def temporary_index(folder: Path) -> Iterator["Index"]:
    """Yield an empty index in a hidden file of the folder, and remove the file at the end. Errors: OSError if the disk
    is full."""
    with temporary_database(folder / FILE, TABLES) as connection:
        yield Index(connection)


class Index:
    """Writes and reads the tables. A method that yields reads on while its caller writes to other tables."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.latest = ("", 0)
        """Identity and number of the latest problem. Most traces follow another one of their problem."""

    def add_entries(self, entries: Iterable[tuple[str, Entry]]) -> None:
        """Add traces with their problem's identity, in order."""
        rows = ((self.number_of(problem), *values(entry)) for problem, entry in entries)
        self.connection.executemany(f"INSERT INTO entry VALUES ({marks(12)})", rows)

    def number_of(self, problem: str) -> int:
        """Return the problem's number, from 1 in order of appearance."""
        if self.latest[0] != problem:
            query = "SELECT number FROM problem WHERE id = ?"
            row = self.connection.execute(query, (problem,)).fetchone()
            if row is None:
                self.connection.execute("INSERT INTO problem (id) VALUES (?)", (problem,))
                row = self.connection.execute(query, (problem,)).fetchone()
            self.latest = (problem, row[0])
        return self.latest[1]

    def problems(self) -> Iterator[tuple[int, str, list[Entry]]]:
        """Yield every problem's number, identity and traces, in order of appearance."""
        rows = self.connection.execute(
            "SELECT number, id, entry.* FROM problem JOIN entry ON problem = number ORDER BY number, position"
        )
        for (number, identity), group in groupby(rows, key=itemgetter(0, 1)):
            yield number, identity, [Entry(*row[3:]) for row in group]

    def add_problem(self, problem: ProblemCandidates, candidates: Iterable[Entry]) -> None:
        self.connection.execute(f"INSERT INTO problem_candidates VALUES ({marks(9)})", values(problem))
        rows = ((problem.number, place, c.position, c.length, c.source, c.score) for place, c in enumerate(candidates))
        self.connection.executemany(f"INSERT INTO candidate VALUES ({marks(6)})", rows)

    def with_candidates(self) -> Iterator[ProblemCandidates]:
        """Yield the problems with candidates by rank. The caller may drop the ones that it has seen."""
        query, rank = f"SELECT * FROM problem_candidates WHERE rank > ? ORDER BY rank LIMIT {AT_ONCE}", -1
        while rows := self.connection.execute(query, (rank,)).fetchall():
            yield from (ProblemCandidates(*row) for row in rows)
            rank = rows[-1][0]

    def drop(self, problem: ProblemCandidates) -> None:
        """Leave out a problem with all its candidates."""
        self.connection.execute("DELETE FROM problem_candidates WHERE rank = ?", (problem.rank,))

    def candidates(self, problem: int) -> list[Candidate]:
        rows = self.connection.execute(
            "SELECT position, length, source, score FROM candidate WHERE problem = ? ORDER BY place", (problem,)
        )
        return [Candidate(*row) for row in rows]

    def numbers_by_id(self) -> Iterator[int]:
        """Yield the numbers of the problems with candidates, sorted by the problems' identities."""
        query = "SELECT number FROM problem CROSS JOIN problem_candidates USING (number) ORDER BY problem.id"
        return (number for (number,) in self.connection.execute(query))

    def add_disputed(self, position: int, winner: Majority) -> None:
        """Record a majority against the reference. `position` is that of the problem's first trace."""
        row = (position, winner.answer, winner.votes, winner.n)
        self.connection.execute(f"INSERT INTO disputed VALUES ({marks(4)})", row)

    def disputed(self) -> Iterator[tuple[int, str, int, int]]:
        """Yield the position of each disputed problem's first trace, the majority's answer, its votes and all votes."""
        yield from self.connection.execute("SELECT * FROM disputed ORDER BY position")

    def add_signatures(self, signed: Iterable[tuple[int, Signature]]) -> None:
        """Add signatures by the positions of their traces."""
        rows = ((position, signature.tobytes()) for position, signature in signed)
        self.connection.executemany("INSERT INTO signature VALUES (?, ?)", rows)

    def signature(self, position: int) -> Signature:
        """Return a signature that was added. Errors: TypeError if there is none."""
        query = "SELECT minhash FROM signature WHERE position = ?"
        (values,) = self.connection.execute(query, (position,)).fetchone()
        return np.frombuffer(values, dtype=np.uint32)

    def clear_signatures(self) -> None:
        self.connection.execute("DELETE FROM signature")

    def add_bands(self, position: int, keys: Iterable[bytes]) -> None:
        """Record under which keys `sharing` finds a signature."""
        self.connection.executemany("INSERT OR IGNORE INTO band VALUES (?, ?)", ((key, position) for key in keys))

    def sharing(self, keys: Iterable[bytes]) -> Iterator[int]:
        """Yield the positions of the signatures that share a key; some come more than once."""
        for key in keys:
            yield from (row[0] for row in self.connection.execute("SELECT position FROM band WHERE key = ?", (key,)))

    def add_best(self, problem: int, ranked: Iterable[Candidate]) -> None:
        rows = ((problem, turn, *values(candidate)) for turn, candidate in enumerate(ranked))
        self.connection.executemany(f"INSERT INTO best VALUES ({marks(6)})", rows)

    def best(self, problem: int, turn: int) -> Candidate | None:
        """Return the problem's candidate at this place among its best, counted from 0; None if there are fewer."""
        query = "SELECT position, length, source, score FROM best WHERE problem = ? AND turn = ?"
        row = self.connection.execute(query, (problem, turn)).fetchone()
        return Candidate(*row) if row else None


def values(row: Entry | Candidate | ProblemCandidates) -> tuple[object, ...]:
    """Return the fields. `dataclasses.astuple` would deep-copy every one."""
    return tuple(getattr(row, name) for name in row.__slots__)


def marks(count: int) -> str:
    return ", ".join("?" * count)
