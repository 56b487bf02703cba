"""Judge the completions in a table against their references.

    retort judge completions.jsonl.gz judged.parquet --verifier math --bare
    retort judge completions.parquet judged.parquet --config configs/demo/tiny.yaml

It writes IN's rows, with added columns outcome (pass, fail, unknown), reason, extracted and verdicts, to the Parquet
file OUT, and prints how many rows have each outcome and reason.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from configs.load import load_config
from configs.sources import Verifier
from flows.command_line import exit_status

COLUMNS = ("reference", "completion", "prompt", "extra", "verifier")


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="retort judge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("input", type=Path, metavar="IN", help=".jsonl, .jsonl.gz, .json or .parquet")
    parser.add_argument("output", type=Path, metavar="OUT", help=".parquet")
    parser.add_argument(
        "--config", help="a pair's YAML: judge as its run does, with its section `judging`, benchmarks and hints"
    )
    parser.add_argument(
        "--verifier", choices=sorted(get_args(Verifier)), default="math", help="for rows without a column `verifier`"
    )
    parser.add_argument(
        "--allow",
        choices=sorted(get_args(Verifier)),
        nargs="+",
        default=[],
        metavar="NAME",
        help="further verifiers that rows may name; only --verifier by default, as a file is data and chooses no code",
    )
    parser.add_argument(
        "--bare", action="store_true", help="judge the completion as it is; no closed reasoning is required"
    )
    parser.add_argument(
        "--lenient",
        action="store_true",
        help="read answers that are not announced as well, for measuring: adds extraction, lenient_outcome and "
        "lenient_extracted",
    )
    for column in COLUMNS:
        parser.add_argument(
            f"--{column}-column", default=column, metavar="NAME", help=f"column that holds the {column}"
        )
    return parser.parse_args(argv)


def judge(arguments: argparse.Namespace) -> Counter[str]:
    """Judge the file, and return the number of rows for each outcome and reason. Errors: ConfigError, InputError."""
    from configs.judging import Judging
    from filters.chain import all_filters
    from filters.judge_file import Columns, RowForm, judge_file
    from filters.rules.answer_format import AnswerFormat
    from filters.rules.rule import Filter
    from flows.stages.problems import benchmark_prompts

    judging = Judging()
    rules: list[Filter] = [] if arguments.bare else [AnswerFormat(require_box=False)]
    if arguments.config:
        config = load_config(arguments.config)
        judging = config.judging
        rules = all_filters(judging, benchmark_prompts(config), config.sampling.hints if config.sampling else ())
    columns = Columns(**{name: getattr(arguments, f"{name}_column") for name in COLUMNS})
    allowed = frozenset(arguments.allow)
    form = RowForm(columns, arguments.verifier, allowed, arguments.bare, arguments.lenient)
    return judge_file(arguments.input, arguments.output, form, judging, rules)


def show(counts: Counter[str]) -> int:
    """Print the funnel, and return the exit status."""
    total = max(sum(count for name, count in counts.items() if not name.startswith("lenient")), 1)
    for name, count in counts.most_common():
        print(f"{name:32}{count:>12,}{count / total:>9.1%}")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parse(argv)
    return exit_status(lambda: show(judge(arguments)))


if __name__ == "__main__":
    sys.exit(main())
