"""Reads the judged answers of one model under all its thinking budgets."""

from pathlib import Path

from eval.metrics.judged import read_readings
from eval.metrics.samples import Samples
from records.parquet import read_batches


def samples_by_budget(judged: Path) -> dict[str, Samples]:
    """Return the samples under each budget, in the order of the passes that drew them; the empty one has none. Their
    tokens are those of the reasoning."""
    names = dict.fromkeys(name for batch in read_batches(judged, ["budget"]) for name in batch["budget"].to_pylist())
    return {name: read_readings(judged, budget=name).strict for name in names}
