"""Reads a run's folder of judged traces as a table of verdicts."""

from pathlib import Path

from eval.metrics.judged import COLUMNS, read_readings
from eval.verdict_table.columns import DEFAULTS, Columns
from eval.verdict_table.reading import VerdictTable, read_table
from records.artifact import is_complete
from records.errors import InputError
from records.files import MANIFEST
from records.parquet import check_columns
from records.rows import Artifact
from records.schemas import TRACE

PLAIN = Columns(optional={name: name for name in DEFAULTS})


def read_judged_or_table(path: Path, columns: Columns, *, key: str | None, in_order: bool) -> VerdictTable:
    """Read a table, or a folder of judged traces, exactly as the run itself reads it for its scores.

    Errors: InputError as for `read_table`; for a folder without judged traces, one that is not finished or was changed,
    and if its columns are named.
    """
    if not path.is_dir():
        return read_table(path, columns, key=key, in_order=in_order)
    if columns != PLAIN or key or in_order:
        raise InputError(f"{path}: a run's folder has columns that are known; leave out the options that name columns")
    if not is_complete(Artifact(path, "")):
        raise InputError(f"{path}: holds no {MANIFEST}, so it is not finished, or no artifact; run it to its end")
    check_columns(path, [name for name in COLUMNS if name in TRACE.names])
    return VerdictTable(read_readings(path).strict, [], frozenset())
