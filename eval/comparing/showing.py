"""Formats a comparison of runs for the terminal, as Markdown and as rows of JSON."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from eval.comparing.accounts import account_rows, setting_rows
from eval.comparing.evaluated_run import EvaluatedRun
from eval.comparing.side_by_side import LEFT_OUT, MIXED, Row
from eval.metrics.comparison import DIFFERENCE
from eval.metrics.estimate import Estimate
from eval.report.estimates import estimate_row
from eval.report.tables import markdown_table, text_table

COLUMNS = ("benchmark", "variant", "run", "problems", "accuracy", "difference", "p", "would show", "worse", "better")
SMALLEST = "smallest_difference"
FLIPS = {"worse": ("lost", "worse"), "better": ("gained", "better")}
"""Columns of flips by the names that they have with one sample per problem and with several."""


def table_rows(rows: list[Row]) -> list[dict[str, str]]:
    """Return one row of text per benchmark, variant and run."""
    table = []
    for group in by_run(rows):
        first = group[0]
        found = {row.estimate.metric: row.estimate for row in group}
        own, difference = first.estimate, found.get(DIFFERENCE)
        table.append(
            {"benchmark": first.benchmark, "variant": str(first.variant), "run": first.run}
            | {"problems": f"{own.n_problems:,}", "accuracy": with_interval(own)}
            | (difference_cells(difference, found) if difference else {})
        )
    return table


def by_run(rows: list[Row]) -> Iterable[list[Row]]:
    """Group rows by benchmark, variant and run; the first of each group is the run's accuracy."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.benchmark, row.variant, row.run), []).append(row)
    return groups.values()


def difference_cells(difference: Estimate, found: dict[str, Estimate]) -> dict[str, str]:
    if difference.value is None:
        return {"difference": "not compared"}
    cells = {"difference": with_interval(difference), "p": estimate_row(difference)["p"]}
    if SMALLEST in found:
        cells["would show"] = estimate_row(found[SMALLEST])["value"]
    flips = {column: found[name] for column, names in FLIPS.items() for name in names if name in found}
    return cells | {column: estimate_row(estimate)["value"] for column, estimate in flips.items()}


def with_interval(estimate: Estimate) -> str:
    row = estimate_row(estimate)
    return " ".join(filter(None, (row["value"], row.get("95% interval"))))


def notes(rows: list[Row]) -> list[str]:
    """Return what a reader must know besides the table: why runs are not compared, what a difference mixes, and how
    many problems are left out."""
    told = []
    for row in rows:
        estimate = row.estimate
        if estimate.metric == DIFFERENCE and estimate.value is None:
            told.append(estimate.why.replace("not computed", "not compared"))
        elif estimate.metric == MIXED:
            told.append(f"mixed: {estimate.why}")
        elif estimate.metric == LEFT_OUT:
            told.append(f"{row.variant} on {row.benchmark}: {row.run}: {estimate.why}")
    return told


def json_rows(rows: list[Row]) -> list[dict[str, Any]]:
    """Return the rows in the form of `retort score`, each with what it is of."""
    return [
        {"run": row.run, "against": row.against, "benchmark": row.benchmark, **asdict(row.variant)}
        | asdict(row.estimate)
        for row in rows
    ]


def tables(runs: list[EvaluatedRun], rows: list[Row]) -> list[tuple[str, list[dict[str, str]], tuple[str, ...]]]:
    """Return heading, rows and columns of every table: accuracy, accounts of the runs, and settings that differ."""
    names = tuple(run.name for run in runs)
    return [
        ("Accuracy", table_rows(rows), COLUMNS),
        ("What the runs did", account_rows(runs), ("", *names)),
        ("Settings that differ", setting_rows(runs), ("setting", "stage", *names)),
    ]


def as_text(runs: list[EvaluatedRun], rows: list[Row]) -> str:
    (_, accuracy, columns), *others = tables(runs, rows)
    parts = ["\n".join([text_table(accuracy, columns), *notes(rows)])]
    parts += [f"{heading}:\n{text_table(table, columns)}" for heading, table, columns in others if table]
    return "\n\n".join(parts)


def as_markdown(runs: list[EvaluatedRun], rows: list[Row]) -> str:
    (heading, accuracy, columns), *others = tables(runs, rows)
    told = [f"- {note}" for note in notes(rows)]
    parts = [f"## {heading}", markdown_table(accuracy, columns), *(["\n".join(told)] if told else [])]
    parts += [
        part
        for heading, table, columns in others
        if table
        for part in (f"## {heading}", markdown_table(table, columns))
    ]
    return "\n\n".join(parts) + "\n"
