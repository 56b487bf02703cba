"""Reads the samples of each thinking budget from anybody's table of verdicts."""

from dataclasses import replace
from pathlib import Path

from eval.metrics.samples import Samples
from eval.verdict_table.columns import Columns
from eval.verdict_table.reading import read_table
from eval.verdict_table.rows import table_rows
from records.clean import clean_text
from records.errors import InputError
from records.tables import columns_of

BUDGET = "budget"
MOST_BUDGETS = 100
"""Budgets of a table, which is read once for each."""
NONE = ("", "None")
"""An empty cell of CSV, and null of JSON: no budget."""


def read_budgets(
    path: Path, columns: Columns, column: str | None, *, key: str | None = None, in_order: bool = False
) -> dict[str, Samples]:
    """Return the samples under each budget; empty if the table has no column of budgets. `column` names it, `budget` if
    None. Errors: InputError as for `read_table`, if a named column is missing, and if there are no tokens."""
    name = column or BUDGET
    with_budget = replace(columns, optional=columns.optional | {BUDGET: name})
    found: dict[str, None] = {}
    for place, row in table_rows(path, with_budget, key):
        if name not in row:
            if column:
                raise InputError(f"{place}: has no column {column!r}; it has {columns_of(row)}")
            return {}
        if all(str(row[one]) == value for one, value in columns.where):
            found[str(row[name])] = None
        if len(found) > MOST_BUDGETS:
            raise InputError(
                f"{place}: column {name!r} holds more than {MOST_BUDGETS} budgets; name the right one with "
                "--budget-column"
            )
    budgets = {}
    for value in found:
        of_budget = replace(with_budget, where=(*columns.where, (name, value)))
        samples = read_table(path, of_budget, key=key, in_order=in_order).samples
        if samples.tokens is None:
            raise InputError(f"{path}: budgets differ in the tokens spent; name their column with --tokens-column")
        budgets["" if value in NONE else clean_text(value)] = samples
    return budgets
