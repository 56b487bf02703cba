"""Formats what quantizing a model costs: for the terminal, Prefect and the report."""

from collections.abc import Callable
from dataclasses import dataclass

from eval.paired import ALL
from eval.report.tables import markdown_table, text_table
from records.comparisons import Comparisons, Cost, Figure, Paired, QuantizedModel

COLUMNS = (
    *("precision", "problems of", "accuracy", "change from full", "p", "loses at most", "lost", "gained"),
    *("tokens", "on disk", "in memory", "tokens/s"),
)
FULL = "full"


@dataclass(frozen=True, slots=True)
class QuantizationTable:
    """One model's table as text. Made by `quantization_tables`; read by the terminal and the page."""

    model: str
    line: str
    """The verdict."""
    rows: list[dict[str, str]]
    """By column; a column that a row has nothing for is absent."""
    notes: list[str]
    """Why figures are missing."""


def quantization_tables(found: Comparisons, costs: list[Cost]) -> list[QuantizationTable]:
    return [table_of(model, found.confidence, costs) for model in found.quantized]


def table_of(model: QuantizedModel, confidence: float, costs: list[Cost]) -> QuantizationTable:
    """Return a row for full precision, one for each quantized one over all benchmarks, and if there are several
    benchmarks one for each of them."""
    several = len({pair.benchmark for pair in model.pairs} - {ALL}) > 1
    rows = [{"precision": FULL, "accuracy": percent(model.full)}]
    rows += [row_of(pair, confidence) for pair in model.pairs if pair.benchmark == ALL]
    own = {cost.precision: cost for cost in costs if cost.model == model.model}
    notes: dict[str, None] = {}
    for row in rows:
        if cost := own.get(row["precision"]):
            row.update(cost_cells(cost))
            notes |= dict.fromkeys(f"{row['precision']}, {one}" for one in reasons(cost))
    if several:
        rows += [row_of(pair, confidence) for pair in model.pairs if pair.benchmark != ALL]
    return QuantizationTable(model.model, model.line, rows, list(notes))


def row_of(pair: Paired, confidence: float) -> dict[str, str]:
    row = {"precision": pair.precision, "problems of": pair.benchmark or "all benchmarks"}
    row["accuracy"] = percent(pair.accuracy)
    if pair.change.value is None or pair.at_least is None:
        return row | {"change from full": pair.change.why}
    row["change from full"] = f"{points(pair.change.value)} {interval(pair.change, points)}"
    row |= {"p": f"{pair.p:.2g}", "lost": f"{pair.lost:,}", "gained": f"{pair.gained:,}"}
    row["loses at most"] = f"{100 * max(0.0, -pair.at_least):.2f} ({confidence:.0%})"
    if pair.tokens.value is not None:
        row["tokens"] = f"{whole(pair.tokens.value)} {interval(pair.tokens, whole)}"
    return row


def cost_cells(cost: Cost) -> dict[str, str]:
    cells = {"on disk": size(cost.disk_bytes), "in memory": size(cost.memory_bytes)}
    if cost.tokens_per_s.value is not None:
        cells["tokens/s"] = f"{cost.tokens_per_s.value:,.0f}"
    return {column: cell for column, cell in cells.items() if cell}


def reasons(cost: Cost) -> list[str]:
    """Return why figures are missing, each reason once."""
    named = {"size": cost.disk_bytes, "tokens/s": cost.tokens_per_s}
    return [f"{name}: {figure.why}" for name, figure in named.items() if figure.value is None]


def percent(figure: Figure) -> str:
    if figure.value is None:
        return figure.why
    bounds = (f"{100 * bound:.1f}" for bound in (figure.low, figure.high) if bound is not None)
    return f"{100 * figure.value:.1f}% [{', '.join(bounds)}]"


def points(share: float) -> str:
    return f"{100 * share:+z.2f}".replace("-", "−")


def whole(tokens: float) -> str:
    return f"{tokens:+z,.0f}".replace("-", "−")


def interval(figure: Figure, form: Callable[[float], str]) -> str:
    """Format an interval, such as `[−1.20, +0.40]`; empty if there is none."""
    if figure.low is None or figure.high is None:
        return ""
    return f"[{form(figure.low)}, {form(figure.high)}]"


def size(figure: Figure) -> str:
    """Format bytes, such as `3.10 GB`; empty if they are not known."""
    if figure.value is None:
        return ""
    return f"{figure.value / 1e9:,.2f} GB" if figure.value >= 1e9 else f"{figure.value / 1e6:,.2f} MB"


def quantization_text(tables: list[QuantizationTable]) -> str:
    """Return all tables for a terminal, each with its verdict; empty if no model was quantized."""
    parts = []
    for table in tables:
        notes = "".join(f"\n{note}" for note in table.notes)
        parts.append(f"{table.model}, quantized\n{text_table(table.rows, COLUMNS)}{notes}\n{table.line}")
    return "\n\n".join(parts)


def quantization_markdown(tables: list[QuantizationTable]) -> str:
    """Return all tables in Markdown, each after its verdict."""
    return "\n\n".join(f"{table.model}: {table.line}\n\n{markdown_table(table.rows, COLUMNS)}" for table in tables)
