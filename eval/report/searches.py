"""Formats what searches are worth as decoding: for the terminal, the summary and the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.metrics.estimate import Estimate
from eval.metrics.formats import p_value
from eval.report.scaling_text import amount, points, sentence
from eval.report.tables import markdown_table, text_table
from eval.scaling.curve import Curve, Point
from eval.scaling.optimal_search import BAND_CHART
from eval.scaling.reranking import BEST, MAJORITY, WEIGHTED
from eval.scaling.searches import DRAWS, SHORT, gain_over

TITLE = "Search as decoding"
PLACE = ("benchmark", "model", "scorer")
SEARCH_COLUMNS = (
    *(*PLACE, "search", "tokens", "accuracy", "draws"),
    *(f"against {way}" for way in (BEST, WEIGHTED, MAJORITY)),
)
BAND_COLUMNS = (*PLACE, "for the tokens of", "difficulty", "problems", "best", "accuracy", "shown to be worse")
NONE_WORSE = "none: no method is shown to differ"
LEVEL = 0.05
NOTE = (
    "Tokens are the completion tokens of a problem, those of dropped paths included; what the scorer reads comes on "
    "top. Draws are the plain ones that the same tokens pay for, problem by problem; differences are paired, in points."
)


@dataclass(frozen=True, slots=True)
class SearchesShown:
    """The tables and sentences about searches. Made by `searches_shown`."""

    searches: list[dict[str, str]]
    """By column of SEARCH_COLUMNS; empty if none was measured."""
    bands: list[dict[str, str]]
    """By column of BAND_COLUMNS."""
    sentences: list[str]


def searches_shown(curves: Sequence[Curve]) -> SearchesShown:
    """Return what is told of the searches among a run's curves."""
    found = [curve for curve in curves if curve.chart == "search" and has_gains(curve)]
    bands = [curve for curve in curves if curve.chart == BAND_CHART]
    ordered = sorted(found, key=place_of)
    return SearchesShown(
        searches=[search_row(curve) for curve in ordered],
        bands=[band_row(curve) for curve in bands if curve.points],
        sentences=[
            *([NOTE] if found else []),
            *(line for curve in ordered for line in short_lines(curve)),
            *dict.fromkeys(sentence(fact) for curve in bands if not curve.points for fact in curve.facts),
        ],
    )


def has_gains(curve: Curve) -> bool:
    """Return True for a search, False for the lines of plain draws."""
    return any(fact.metric == gain_over(curve.name, BEST) for fact in curve.facts)


def place_of(curve: Curve) -> tuple[str, ...]:
    return curve.benchmark, curve.model, curve.scorer


def placed(curve: Curve) -> dict[str, str]:
    return dict(zip(PLACE, place_of(curve), strict=True))


def search_row(curve: Curve) -> dict[str, str]:
    facts, [point] = {fact.metric: fact for fact in curve.facts}, curve.points
    row = placed(curve) | {"search": curve.name, "tokens": amount(round(point.x)), "accuracy": accuracy(point)}
    row["draws"] = f"{facts[DRAWS].value or 0.0:.1f}"
    for way in (BEST, WEIGHTED, MAJORITY):
        if (gain := facts.get(gain_over(curve.name, way))) is not None:
            row[f"against {way}"] = gained(gain)
    return row


def accuracy(point: Point) -> str:
    if point.value is None or point.low is None or point.high is None:
        return point.why
    return f"{100 * point.value:.1f}% [{100 * point.low:.1f}, {100 * point.high:.1f}]"


def gained(gain: Estimate) -> str:
    return gain.why if gain.value is None else points(gain).replace(" points", "")


def short_lines(curve: Curve) -> list[str]:
    """Return a line for a search that costs more than all draws of some problems."""
    short = next(fact for fact in curve.facts if fact.metric == SHORT)
    if not short.value:
        return []
    return [
        f"{curve.name}, {curve.scorer}, {curve.benchmark}: {short.value:,.0f} of {short.n_problems:,} problems have "
        "too few plain draws to spend its tokens on; for these the comparison favours the search"
    ]


def band_row(curve: Curve) -> dict[str, str]:
    best, *others = curve.points
    worse = [
        f"{other.label} ({p_value(fact.p)})"
        for other, fact in zip(others, curve.facts, strict=True)
        if fact.p is not None and fact.p < LEVEL and (fact.value or 0.0) > 0
    ]
    return placed(curve) | {
        "for the tokens of": curve.name,
        "difficulty": curve.band,
        "problems": f"{best.n_problems:,}",
        "best": best.label,
        "accuracy": accuracy(best),
        "shown to be worse": ", ".join(worse) or NONE_WORSE,
    }


def searches_text(shown: SearchesShown) -> str:
    """Return everything for a terminal; empty if nothing was searched."""
    tables = [text_table(rows, columns) for rows, columns in tables_of(shown)]
    return "\n\n".join([TITLE, *tables, "\n".join(shown.sentences)]) if tables else ""


def searches_markdown(shown: SearchesShown) -> list[str]:
    """Return the section's parts in Markdown, after its heading; empty if nothing was searched."""
    tables = [markdown_table(rows, columns) for rows, columns in tables_of(shown)]
    return [f"## {TITLE}", *tables, "\n".join(f"- {line}" for line in shown.sentences)] if tables else []


def tables_of(shown: SearchesShown) -> list[tuple[list[dict[str, str]], tuple[str, ...]]]:
    both = (shown.searches, SEARCH_COLUMNS), (shown.bands, BAND_COLUMNS)
    return [(rows, columns) for rows, columns in both if rows]
