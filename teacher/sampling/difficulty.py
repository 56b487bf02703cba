"""How hard a problem is for the teacher: its pass rate, and names for bands of it."""

from collections.abc import Callable
from itertools import accumulate

from configs.sampling import Sampling
from teacher.sampling.plan import plan_sampling
from teacher.sampling.problem_state import ProblemState
from teacher.sampling.stopping import Rule, pass_rate

NEVER, HARD, MEDIUM, EASY, ALWAYS, UNDECIDED = "never", "hard", "medium", "easy", "always", "undecided"
DIFFICULTIES = (NEVER, HARD, MEDIUM, EASY, ALWAYS, UNDECIDED)
"""In the order in which they are shown. `never` and `always` stand alone, for recipes drop them, or spend more on them.
With 4 traces for each problem every outcome has a band of its own."""
HARD_TO, EASY_FROM = 0.25, 0.75


def difficulty(rate: float | None) -> str:
    """The band of a problem; a single estimate is noisy, so bands are rougher than averages. None: nothing is known."""
    if rate is None:
        return UNDECIDED
    if rate in (0, 1):
        return ALWAYS if rate else NEVER
    return HARD if rate <= HARD_TO else EASY if rate >= EASY_FROM else MEDIUM


def difficulty_of(problem: ProblemState) -> str:
    """The band of a problem by the traces of its first pass that were judged."""
    first = problem.pass_states[0]
    outcomes = [entry.accepted for _, entry in first.counted() if entry.accepted is not None]
    return difficulty(estimate(len(outcomes), outcomes.count(True), first.tally.rule) if outcomes else None)


def pass_rates(sampling: Sampling | None) -> Callable[[int, int], float]:
    """A problem's pass rate by how many of its first pass's traces were decided and accepted; None: recorded traces."""
    rule = plan_sampling(sampling).rule if sampling else Rule(accept=None, n=1)
    return lambda decided, accepted: estimate(decided, accepted, rule)


def estimate(n: int, accepted: int, rule: Rule) -> float:
    """Unbiased where drawing ended by the rule or was cut short by a budget. The share where it cannot have ended so:
    verdicts changed since, or traces in the middle are missing."""
    possible = rule.accept is None or can_come(n, accepted, rule)
    return pass_rate(n, accepted, rule) if possible else accepted / n


def can_come(n: int, accepted: int, rule: Rule) -> bool:
    """Whether drawing can go on to n traces with so many accepted. It goes on
    longest where successes come early: what counts is the order in which they come first, but for those that end it."""
    assert rule.accept is not None, "else nothing ends early"
    early = min(accepted, rule.accept - 1)
    order = [True] * early + [False] * (n - accepted) + [True] * (accepted - early)
    return not any(rule.ends(drawn, so_far) for drawn, so_far in enumerate(accumulate(order[:-1]), start=1))
