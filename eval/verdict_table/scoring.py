"""Computes all statistics of one table of verdicts, or of two and their difference."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from eval.metrics.comparison import compare, matched
from eval.metrics.estimate import Estimate
from eval.metrics.groups import ENOUGH_FOR_BANDS, bands, groups_of
from eval.metrics.samples import Classes, Samples
from eval.metrics.statistics import AtK, accuracy_of, average_name, default_ks, describe, values_at
from eval.verdict_table.reading import VerdictTable
from records.errors import InputError

AGAINST = "against:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What is computed. Made by the command."""

    names: tuple[str, str]
    """The two tables, for messages."""
    ks: list[int] | None = None
    """Numbers of samples for pass@k and the like; None for the powers of two."""
    unknown_is_wrong: bool = False
    mixed_runtimes: bool = False
    """True to compare tables of different runtimes all the same."""
    equivalent: Classes | None = None
    """Groups equivalent answers; None if answers are equal only as text."""


def statistics_of(ours: VerdictTable, theirs: VerdictTable | None, choices: Choices) -> list[Estimate]:
    """Return the statistics of a table; with a second one also its own, under `against:`, and the differences.

    Errors: InputError for fewer samples than k, different problems, and different runtimes.
    """
    tables = [ours] if theirs is None else [ours, theirs]
    sides = [sample_of(table, choices.unknown_is_wrong) for table in tables]
    labels: list[Estimate] = []
    if theirs is not None:
        labels = check_runtimes(ours, theirs, choices)
        sides[1] = replace(matched(sides[0], sides[1], choices.names), groups=sides[0].groups)
        sides[0] = with_bands(sides[0], sides[1])
    ks = choices.ks or sorted(set(default_ks(sides[0])).intersection(*map(default_ks, sides)))
    for side, name in zip(sides, choices.names, strict=False):
        check_ks(side, ks, name)
    at_k = [values_at(side, ks, choices.equivalent) for side in sides]
    estimates = [*described(sides[0], at_k[0]), *ours.notes, *by_group(sides[0])]
    if theirs is not None:
        others = [*described(sides[1], at_k[1]), *theirs.notes, *by_group(sides[1])]
        estimates += [replace(one, metric=AGAINST + one.metric) for one in others]
        estimates += compare(sides[0], sides[1], (at_k[0], at_k[1]))
        estimates += [*differences_by_group(sides[1], sides[0]), *labels]
    return estimates


def sample_of(table: VerdictTable, unknown_is_wrong: bool) -> Samples:
    return table.samples.with_unknown_as_wrong() if unknown_is_wrong else table.samples


def described(samples: Samples, at_k: list[AtK]) -> list[Estimate]:
    """Return all statistics of one table, the first its accuracy and the second the number of right samples."""
    accuracy, *others = describe(samples, at_k)
    right, decided = samples.counts()
    count = Estimate("right", right.sum(), n_problems=int((decided > 0).sum()), n_samples=int(decided.sum()))
    return [accuracy, count, *others]


def check_ks(samples: Samples, ks: list[int], name: str) -> None:
    sizes = samples.sizes
    least = int(sizes.argmin())
    if max(ks) > sizes[least]:
        raise InputError(
            f"{name}: problem {samples.problems[least]!r} has {sizes[least]} samples, fewer than k = {max(ks)}; "
            "choose a smaller --k or add samples"
        )


def check_runtimes(ours: VerdictTable, theirs: VerdictTable, choices: Choices) -> list[Estimate]:
    """Return the label of a difference that mixes runtimes, if it is wanted all the same. Errors: InputError."""
    if ours.runtimes == theirs.runtimes:
        return []
    told = "; ".join(", ".join(sorted(table.runtimes)) or "unnamed" for table in (ours, theirs))
    if choices.mixed_runtimes:
        return [Estimate("mixed_runtimes", None, why=f"the difference mixes runtimes: {told}")]
    raise InputError(
        f"{choices.names[0]} and {choices.names[1]} come from different runtimes ({told}), which moves scores more "
        "than bits do; use one runtime for both, or compare them all the same with --mixed-runtimes"
    )


def with_bands(ours: Samples, theirs: Samples) -> Samples:
    """Group the problems of one side by how often the other side solves them, if it has enough samples to tell."""
    if theirs.sizes.min() < ENOUGH_FOR_BANDS:
        return ours
    return replace(ours, groups=ours.groups | {"against": bands(theirs)})


def by_group(samples: Samples) -> Iterator[Estimate]:
    """Yield the accuracy of every group of problems, such as `avg@8|level=5`."""
    for name, problems in groups_of(samples):
        part = samples.take(problems)
        yield accuracy_of(part, f"{average_name(part)}|{name}")


def differences_by_group(theirs: Samples, ours: Samples) -> Iterator[Estimate]:
    """Yield the difference of every group but those by `theirs`, whose own luck put problems into them."""
    for name, problems in groups_of(theirs):
        first = compare(ours.take(problems), theirs.take(problems))[0]
        yield replace(first, metric=f"{first.metric}|{name}")
