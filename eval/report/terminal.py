"""The score table for a terminal: what is the same everywhere is one line below it, instead of columns and rows."""

from eval.report.second_reading import read_alike, told_once
from eval.report.tables import score_columns, score_table, text_table
from records.rows import Score

RATES = ("truncated", "no_answer", "unknown", "looped")


def terminal_scores(scores: list[Score]) -> str:
    """Return the table of all scores but those of groups. Rates that are 0 for every model, and a second reading of the
    answers that finds what the first one does, are told in a line."""
    whole = [score for score in scores if not score.group]
    notes = []
    if absent := [rate for rate in RATES if is_zero(whole, rate)]:
        whole = [score for score in whole if score.metric not in absent]
        notes.append(f"{', '.join(absent).replace('_', ' ')}: none of the answers, of any model")
    if alike := sorted(read_alike(whole)):
        whole = told_once(whole)
        notes.append(f"read leniently, the answers have the same accuracy on {', '.join(alike)}")
    return "\n".join([text_table(score_table(whole), score_columns(whole)), *notes])


def is_zero(scores: list[Score], metric: str) -> bool:
    """Return True if a rate was computed for some model, and is 0 for all."""
    values = [score.value for score in scores if score.metric == metric]
    return bool(values) and all(value == 0 for value in values)
