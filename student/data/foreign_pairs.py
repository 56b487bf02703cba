"""Turns rows with a better and a worse reply, made elsewhere, into replies and pairs of them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from configs.reward_data import PairColumns
from records.errors import InputError
from records.hashing import problem_id
from records.parquet import write_rows
from records.replies import PAIR, PAIRS, REPLIES, REPLY, Pair, Reply
from records.tables import Row, text_of
from records.thinking import split_reasoning
from records.training_counts import PairsCounts

IN_BENCHMARK, ALIKE = "in_benchmark", "alike"


def import_pairs(
    folder: Path, rows: Iterable[Row], columns: PairColumns, source: str, benchmarks: set[str]
) -> PairsCounts:
    """Write `replies.parquet` and `pairs.parquet`. Rows whose prompt is in `benchmarks`, by its hash, are left out, and
    those whose replies are alike: nothing can tell which is better, and each would count as judged wrongly.

    The `sample_index` of row i, from 0, is 2i for the better reply and 2i + 1 for the worse one, so that a ledger leads
    back to it. Errors: InputError for a cell that is no text, and if no row is left.
    """
    left_out, pairs, problems = Counter[str](), list[Pair](), set[str]()

    def replies() -> Iterator[Reply]:
        for number, (place, row) in enumerate(rows):
            prompt = text_of(row, columns.prompt, place)
            problem = problem_id(prompt)
            if problem in benchmarks:
                left_out[IN_BENCHMARK] += 1
                continue
            texts = [text_of(row, column, place) for column in (columns.chosen, columns.rejected)]
            chosen, rejected = (split_reasoning(text, thinks=False) for text in texts)
            if chosen == rejected:
                left_out[ALIKE] += 1
                continue
            problems.add(problem)
            pairs.append(Pair(2 * len(pairs), 2 * len(pairs) + 1))
            for worse, parts in enumerate((chosen, rejected)):
                yield Reply(source, problem, 0, 2 * number + worse, prompt, *parts, accepted=not worse)

    write_rows(folder / REPLIES, replies(), REPLY)
    write_rows(folder / PAIRS, pairs, PAIR)
    if not pairs:
        raise InputError(f"{source}: no pair is left to train on; left out are {dict(left_out)}")
    count = len(pairs)
    return PairsCounts(pairs=count, accepted=count, rejected=count, problems=len(problems), left_out=dict(left_out))
