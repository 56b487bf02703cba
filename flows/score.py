"""Compute accuracy, pass@k, majority votes and paired differences, with intervals, from a table of verdicts.

    retort score verdicts.jsonl
    retort score nf4.csv --against full.csv --problem-column idx --correct-column is_correct --json scores.json
    retort score runs/tiny/eval-judge-held_out-student-nf4-c9ec84d9029d

FILE has a row for each sample: which problem, which sample, right or wrong; and, where known, the answer, a score and
the tokens. A cell may also hold a list, one entry per sample. Or FILE is a folder of a run that holds judged traces
(eval-judge-… or judge-…). Every figure stands with its 95 % interval, and a difference with its p-value and the
smallest difference that so many problems and samples could show (docs/evaluation.md). The JSON is a list of rows:
metric, value, low, high, n_problems, n_samples, p, why.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from eval.verdict_table.columns import DEFAULTS, Columns
from flows.command_line import exit_status, writing
from records.errors import InputError

HELP = {
    "problem": "names the problem; several columns, separated by commas, name it together",
    "sample": "numbers the samples of a problem; not needed if each problem has one",
    "correct": "says right or wrong: true or false, 1 or 0, pass or fail, or unknown; may be a list",
    "answer": "holds the extracted answer, for majority votes",
    "score": "holds a stored score, for best-of-k",
    "tokens": "holds the completion's tokens",
    "truncated": "says whether the completion was cut off",
    "looped": "says whether the completion was stopped because it repeated itself",
    "reference": "holds the reference; letters of options are checked to be spread evenly",
    "runtime": "names what the model ran in; tables of different runtimes are not compared",
    "total": "holds a problem's number of samples, if the column of verdicts counts the right ones",
}


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="retort score", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(config=None)
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help=".jsonl, .json, .csv (each also .gz), .parquet, or a run's folder of judged traces",
    )
    parser.add_argument("--against", type=Path, metavar="FILE2", help="compare FILE with it on the same problems")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the rows there")
    parser.add_argument("--k", metavar="K,K,…", help="numbers of samples for pass@k and the like; default: powers of 2")
    parser.add_argument("--by", default="", metavar="NAME,…", help="also score by the values of these columns")
    parser.add_argument(
        "--unknown",
        choices=("leave-out", "wrong"),
        default="leave-out",
        help="what an unknown verdict counts as; by default it is neither right nor wrong, and its share is shown",
    )
    parser.add_argument(
        "--mixed-runtimes", action="store_true", help="compare tables of different runtimes all the same"
    )
    add_table_options(parser)
    return parser.parse_args(argv)


def add_table_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how tables are read and answers compared."""
    parser.add_argument("--where", action="append", default=[], metavar="NAME=VALUE", help="use only these rows")
    parser.add_argument("--against-where", action="append", metavar="NAME=VALUE", help="those of FILE2, if others")
    parser.add_argument("--rows", metavar="KEY", help="name of the list of rows in a JSON object")
    parser.add_argument("--in-order", action="store_true", help="number the samples of a problem as they come")
    parser.add_argument(
        "--equal",
        choices=("math", "text"),
        default="math",
        help="how answers are compared for majority votes: by the math verifier (0.5 = 1/2), or letter by letter",
    )
    for name, text in HELP.items():
        parser.add_argument(f"--{name}-column", metavar="NAME", help=f"column that {text}")
    for name in HELP:
        parser.add_argument(f"--against-{name}-column", metavar="NAME", help=argparse.SUPPRESS)
    parser.epilog = "--against-problem-column, --against-correct-column and so on name the columns of FILE2, if others."


def columns_of(arguments: argparse.Namespace, *, against: bool = False) -> Columns:
    """Return the columns of FILE, or those of FILE2, which are the same unless they are named apart."""
    options = vars(arguments)
    named = {name: options[f"{name}_column"] for name in HELP}
    conditions, groups = arguments.where, arguments.by
    if against:
        named |= {name: options[f"against_{name}_column"] or named[name] for name in HELP}
        conditions, groups = arguments.against_where or conditions, ""
    return Columns(
        problem=tuple((named["problem"] or "problem").split(",")),
        correct=named["correct"] or "correct",
        total=named["total"],
        optional={name: named[name] or name for name in DEFAULTS},
        required=frozenset(name for name in DEFAULTS if named[name]),
        groups=tuple(filter(None, groups.split(","))),
        where=tuple(condition_of(text) for text in conditions),
    )


def condition_of(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"--where {text}: must be NAME=VALUE")
    return name, value


def score(arguments: argparse.Namespace) -> int:
    """Compute, print and write the rows. Errors: InputError."""
    from eval.report.estimates import COLUMNS, estimate_rows
    from eval.report.tables import text_table
    from eval.verdict_table.judged import read_judged_or_table
    from eval.verdict_table.scoring import Choices, statistics_of
    from filters.answer_classes import equivalent_answers
    from records.files import write_json

    given = {"key": arguments.rows, "in_order": arguments.in_order}
    ours = read_judged_or_table(arguments.file, columns_of(arguments), **given)
    theirs = None
    if arguments.against:
        theirs = read_judged_or_table(arguments.against, columns_of(arguments, against=True), **given)
    choices = Choices(
        names=(str(arguments.file), str(arguments.against)),
        ks=ks_of(arguments.k),
        unknown_is_wrong=arguments.unknown == "wrong",
        mixed_runtimes=arguments.mixed_runtimes,
        equivalent=equivalent_answers if arguments.equal == "math" else None,
    )
    estimates = statistics_of(ours, theirs, choices)
    if arguments.json:
        with writing(arguments.json):
            write_json(arguments.json, [asdict(estimate) for estimate in estimates])
    print(text_table(estimate_rows(estimates), COLUMNS))
    return 0


def ks_of(text: str | None) -> list[int] | None:
    if text is None:
        return None
    parts = text.split(",")
    if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise InputError(f"--k {text}: must be whole numbers above 0, separated by commas, such as 1,8,64")
    return sorted({int(part) for part in parts})


def main(argv: Sequence[str] | None = None) -> int:
    return exit_status(partial(score, parse(argv)))


if __name__ == "__main__":
    sys.exit(main())
