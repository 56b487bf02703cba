"""Runs a config's evaluation by search with several seeds, and shows what each search is worth at equal tokens.

    python -m bench.decoding [configs/demo/search.yaml] [key.path=value …] [--seeds 1 2 3] [--run-dir DIR] [--json FILE]

All runs lie in one run directory: what does not depend on the seed is made once, and the same command continues an
interrupted measurement. A difference has two intervals: over the problems, each with the mean of its differences with
all seeds (what holds for other problems with these trainings), and Student's t over the seeds (what holds for other
trainings on the same problems).
"""

import json
from collections.abc import Iterator, Sequence

from bench.by_seed import parser_of, run_with_seed, with_each_seed
from bench.decoding_table import Measured, markdown, summary
from configs.measuring import STUDENT
from eval.metrics.comparison import matched
from eval.metrics.judged import read_readings
from eval.scaling.equal_tokens import at_equal_tokens
from eval.scaling.reranking import BEST, MAJORITY, WEIGHTED
from eval.scaling.scored import with_scores
from eval.scaling.searches import read_search
from filters.answer_classes import equivalent_answers
from flows.stages.curves import SearchComparison
from records.errors import InputError


def measure(config: str, overrides: Sequence[str], seed: int) -> dict[str, Measured]:
    """Run the pair with one seed in every training stage, and return its searches by name. Errors: InputError if the
    config has none."""
    curves = run_with_seed(config, overrides, seed).curves
    compared = [one for one in curves.compared if one.measured.variant.model == STUDENT] if curves else []
    if not compared:
        raise InputError(f"{config}: the student searches nothing; set evaluation.n above 1 and evaluation.search")
    return dict(pair for one in compared for pair in measured(one))


def measured(one: SearchComparison) -> Iterator[tuple[str, Measured]]:
    """Yield each search of a comparison, under the name of its benchmark, scorer and settings, with what its tokens
    find otherwise, problem by problem."""
    scored = with_scores(read_readings(one.measured.judged.path).strict, one.scored.path, one.aggregate)
    for found in one.searches:
        search = read_search(found.judged.path)
        equal = at_equal_tokens(search, matched(search, scored.samples, (found.name, "draws")), equivalent_answers)
        ways = {"search": equal.searched, BEST: equal.best_of, WEIGHTED: equal.weighted, MAJORITY: equal.majority}
        values = {
            way: dict(zip(search.problems, column.tolist(), strict=True))
            for way, column in ways.items()
            if column is not None
        }
        name = f"{one.measured.benchmark}: {found.name}, {one.scored.scorer_name}"
        yield name, Measured(values, float(equal.tokens.mean()), float(equal.draws.mean()), int(equal.short.sum()))


def main() -> None:
    parser = parser_of(__doc__, "configs/demo/search.yaml")
    arguments = parser.parse_intermixed_args()
    found = with_each_seed(parser, arguments, measure, told=list)
    table = summary(found)
    print("\n".join(markdown(table)))
    if arguments.json:
        arguments.json.write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
