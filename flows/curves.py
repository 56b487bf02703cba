"""Compute what more test-time compute is worth, from a table of verdicts: more samples, more thinking, a teacher.

    retort curves samples.jsonl --json curves.json
    retort curves student.jsonl --against teacher.jsonl --price 8
    retort curves budgets.csv --budget-column think

FILE is a table as `retort score` reads it. Several samples of a problem give best-of-n, majority and pass@k for every n
up to theirs, and what it brings to give hard problems more samples. A column `budget` gives accuracy against the tokens
spent. A second table, the teacher's, gives a cascade: the student answers, and the teacher where its samples disagree
(docs/test_time_compute.md). The JSON is a list of curves with their points and facts.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from flows.command_line import exit_status, writing
from flows.score import add_table_options, columns_of
from records.errors import InputError


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="retort curves", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(config=None, by="")
    parser.add_argument("file", type=Path, metavar="FILE", help=".jsonl, .json, .csv (each also .gz) or .parquet")
    parser.add_argument("--against", type=Path, metavar="FILE2", help="the teacher's answers to the same problems")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the curves there")
    parser.add_argument("--price", metavar="P", help="price of a token of FILE2 in tokens of FILE: also show the cost")
    parser.add_argument("--budget-column", metavar="NAME", help="column that names the thinking budget of a sample")
    add_table_options(parser)
    return parser.parse_args(argv)


def curves(arguments: argparse.Namespace) -> int:
    """Compute, print and write the curves. Errors: InputError."""
    from eval.report.scaling_text import COLUMNS, facts_of, point_rows
    from eval.report.tables import text_table
    from eval.scaling.allocation import allocation_curves
    from eval.scaling.by_samples import sample_curves
    from eval.scaling.cascade import cascade_curves
    from eval.scaling.table import read_budgets
    from eval.scaling.thinking import thinking_curve
    from eval.verdict_table.reading import read_table
    from filters.answer_classes import equivalent_answers
    from records.files import write_json

    price = price_of(arguments.price)
    given = {"key": arguments.rows, "in_order": arguments.in_order}
    equivalent = equivalent_answers if arguments.equal == "math" else None
    budgets = read_budgets(arguments.file, columns_of(arguments), arguments.budget_column, **given)
    if budgets:
        found = [thinking_curve(budgets)]
    else:
        samples = read_table(arguments.file, columns_of(arguments), **given).samples
        found = [*sample_curves(samples, equivalent), *allocation_curves(samples, equivalent)]
    if arguments.against:
        if budgets:
            raise InputError("--against: a cascade needs one sample set of each problem; choose one with --where")
        theirs = read_table(arguments.against, columns_of(arguments, against=True), **given).samples
        names = str(arguments.file), str(arguments.against)
        found += cascade_curves(samples, theirs, equivalent, names, price)
    if not found:
        raise InputError(
            f"{arguments.file}: has one sample of each problem, no budgets and no second table, so there is no curve; "
            "give several samples, --budget-column or --against"
        )
    if arguments.json:
        with writing(arguments.json):
            write_json(arguments.json, [asdict(curve) for curve in found])
    for curve in found:
        print(text_table([row | {"x": f"{row['x']} {curve.x}"} for row in point_rows(curve)], COLUMNS))
        print("".join(f"{fact}\n" for fact in facts_of(curve)))
    return 0


def price_of(text: str | None) -> float | None:
    """Errors: InputError unless it is a number above 0."""
    if text is None:
        return None
    try:
        price = float(text)
    except ValueError:
        price = 0.0
    if not 0 < price < float("inf"):
        raise InputError(f"--price {text}: must be a number above 0, such as 8 for a teacher's token at 8 times")
    return price


def main(argv: Sequence[str] | None = None) -> int:
    return exit_status(partial(curves, parse(argv)))


if __name__ == "__main__":
    sys.exit(main())
