"""Leaves the lenient reading of answers out of tables in which it finds what the strict one does."""

from records.rows import LENIENT, STRICT, Score

ACCURACY = "pass@1"


def read_alike(scores: list[Score]) -> frozenset[str]:
    """Return the benchmarks with a lenient reading by which every accuracy is what it is by the strict one."""
    by_rule: dict[str, dict[tuple[str, str, str], float | None]] = {STRICT: {}, LENIENT: {}}
    for score in scores:
        if score.metric == ACCURACY and not score.group:
            by_rule[score.extraction][score.benchmark, score.model, score.precision] = score.value
    strict, lenient = by_rule[STRICT], by_rule[LENIENT]
    differ = {place[0] for place, value in lenient.items() if strict.get(place) != value}
    return frozenset(benchmark for benchmark, _, _ in lenient) - differ


def told_once(scores: list[Score]) -> list[Score]:
    """Return the scores without the lenient ones of benchmarks that are read alike."""
    alike = read_alike(scores)
    return [score for score in scores if score.extraction == STRICT or score.benchmark not in alike]
