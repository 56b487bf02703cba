"""Says what a preflight found: as a table in the terminal, and as facts for report and card."""

from collections.abc import Iterator

from records.preflight import Preflight
from student.cost.device import gpu_at_hand, told

BAR = 40
"""Characters of the histogram's longest bar."""


def preflight_table(found: Preflight, seconds: float) -> str:
    """Return the lines for the terminal: rows, tokens, lengths, special tokens, notes and refusals.

    `seconds` is the time that the preflight took.
    """
    rows = [("rows", f"{found.rows:,} ({found.rows / seconds:,.0f}/s)"), ("trained on", f"{found.trained:,}")]
    rows += [*left_out(found), *facts(found), *histogram(found)]
    if found.cost:
        rows.append(("estimate", told(found.cost, *(gpu_at_hand() or (None, 0)))))
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:{width}}  {fact}".rstrip() for name, fact in rows]
    lines += [f"note: {note}" for note in found.notes]
    lines += [f"refused: {refusal}" for refusal in found.refusals] or ["nothing speaks against training"]
    return "\n".join(lines)


def left_out(found: Preflight) -> Iterator[tuple[str, str]]:
    """Yield every reason for which rows are left out, and the first of them by their ids."""
    for reason, left in found.dropped.items():
        yield f"left out: {reason}", f"{left.rows:,} ({'; '.join(left.first)}{' …' * (left.rows > len(left.first))})"


def facts(found: Preflight) -> Iterator[tuple[str, str]]:
    """Yield what is known of the rows that are trained on, and the student's special tokens."""
    yield "duplicates", f"{found.duplicates:,}"
    yield "answer alone", f"{found.no_think:,}" + (f" (asked by {found.switch})" if found.no_think else "")
    yield "quote a special token", f"{found.quoting:,}"
    yield "tokens", f"{found.tokens:,}, of them {found.supervised_tokens:,} with loss"
    if found.lengths:
        of = found.lengths
        yield "tokens of a row", f"{of.shortest:,} to {of.longest:,}, median {of.median:,}, 95 % up to {of.p95:,}"
    if found.special_tokens:
        tokens = found.special_tokens
        yield "stop token", f"{tokens.stop} (a completion ends at {', '.join(tokens.ends)})"
        yield "pad token", tokens.pad
        yield "vocabulary", f"{tokens.vocabulary:,} tokens, {tokens.embedding_rows:,} embedding rows"
        yield "context", f"{tokens.context:,} tokens" if tokens.context else "not bounded by the config"


def histogram(found: Preflight) -> Iterator[tuple[str, str]]:
    counts = found.lengths.histogram if found.lengths else {}
    for bound, count in counts.items():
        yield f"  up to {int(bound):,}", f"{count:>10,}  {'#' * -(-count * BAR // max(counts.values()))}"
