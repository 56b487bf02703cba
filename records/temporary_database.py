"""A SQLite file that lasts as long as a stage's work, for what would otherwise grow in memory with the traces.

SQLite serves as a store of sorted rows, without what makes it a database: nobody else opens the file and nobody reads
it after a crash, so it needs no journal, no syncing and no locks (which network file systems may lack).
"""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

CACHE_MIB = 32
"""Memory for pages of the file. What does not fit is written out."""
SETTINGS = f"""
PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{CACHE_MIB << 10};
"""


@contextmanager
def temporary_database(path: Path, tables: str) -> Iterator[sqlite3.Connection]:
    """Yield a new database with these tables (SQL), and remove its file at the end. `path` has a hidden name: a killed
    process leaves the file, no manifest lists it, and the next call overwrites it. Errors: OSError if the disk is
    full."""
    path.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?nolock=1", uri=True, isolation_level=None)) as opened:
            opened.executescript(SETTINGS + tables)
            opened.execute("BEGIN")  # one transaction, never committed: pages are written only to make room
            yield opened
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
        raise
    finally:
        path.unlink(missing_ok=True)
