"""Compare the evaluations of several runs side by side, paired where the problems are the same.

    retort compare runs/sft runs/sft_long
    retort compare runs/seed_0 runs/seed_1 runs/seed_2 --json compared.json --markdown compared.md
    retort compare runs/tiny/score-2db14e96baee runs/tiny/score-8a1f0c2be6d4 --mixed

RUN is a run directory, of which the evaluation is used that its report shows, or the directory of an evaluation
(score-…). Differences are those of each run to the first one that measured the same benchmark, model and precision
(docs/howto/compare.md). Runs that differ in more than the model are not compared, and the reason is told. The JSON is
a list of rows as of `retort score`, each with run, against, benchmark, model and precision.
"""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from flows.command_line import exit_status, writing
from records.errors import InputError


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="retort compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(config=None)
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="two or more; differences are to the first")
    parser.add_argument("--common", action="store_true", help="compare on the problems that all runs have")
    parser.add_argument(
        "--mixed", action="store_true", help="compare different judging, sampling and runtimes all the same, labelled"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the rows there")
    parser.add_argument("--markdown", type=Path, metavar="OUT", help="write the tables there")
    return parser.parse_args(argv)


def compare(arguments: argparse.Namespace) -> int:
    """Compute, print and write the comparison. Errors: InputError."""
    from eval.comparing.evaluated_run import read_runs
    from eval.comparing.showing import as_markdown, as_text, json_rows
    from eval.comparing.side_by_side import Choices, side_by_side
    from filters.answer_classes import equivalent_answers
    from records.files import write_json, write_whole

    if len(arguments.runs) < 2:
        raise InputError(f"{arguments.runs[0]}: there is nothing to compare it with; name a second run")
    runs = read_runs(arguments.runs)
    rows = side_by_side(runs, Choices(arguments.mixed, arguments.common, equivalent_answers))
    if arguments.json:
        with writing(arguments.json):
            write_json(arguments.json, json_rows(rows))
    if arguments.markdown:
        with writing(arguments.markdown):
            write_whole(arguments.markdown, as_markdown(runs, rows))
    print(as_text(runs, rows))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    return exit_status(partial(compare, parse(argv)))


if __name__ == "__main__":
    sys.exit(main())
