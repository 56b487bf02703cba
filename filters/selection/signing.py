"""Signs the texts that are compared: a pass over the traces that reads only these texts."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from configs.selection import Selection
from filters.selection.index import Index
from filters.selection.near_duplicates import Signature, signature
from records.parquet import Marks, read_marked

DEFAULT_PERMUTATIONS = 128
"""Length of the signatures if only `order: diverse` needs them."""


def sign_prompts(index: Index, judged: Path, traces: int, permutations: int) -> None:
    """Sign the prompts of the problems with candidates. `traces` is the number of all traces."""
    marked = np.zeros(traces, dtype=np.bool_)
    for problem in index.with_candidates():
        if problem.first is not None:
            marked[problem.first] = True
    index.add_signatures(signed(judged, marked, ["prompt"], permutations))


def sign_candidates(index: Index, judged: Path, traces: int, config: Selection) -> None:
    """Sign the candidates of problems that have several, if a rule needs them."""
    if config.near_duplicates is None and config.order != "diverse":
        return
    marked = np.zeros(traces, dtype=np.bool_)
    for problem in index.with_candidates():
        if problem.texts > 1:
            marked[[candidate.position for candidate in index.candidates(problem.number)]] = True
    permutations = config.near_duplicates.permutations if config.near_duplicates else DEFAULT_PERMUTATIONS
    index.add_signatures(signed(judged, marked, ["reasoning", "answer"], permutations))


def signed(judged: Path, marked: Marks, texts: list[str], permutations: int) -> Iterator[tuple[int, Signature]]:
    """Yield the positions of the marked traces and the signatures of these columns, joined by line breaks."""
    if marked.any():
        for position, row in read_marked(judged, marked, texts):
            yield position, signature("\n".join(row[name] for name in texts), permutations)
