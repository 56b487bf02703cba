"""The difficulty of a problem for the teacher, estimated from its first pass."""

from collections.abc import Callable
from itertools import accumulate

from configs.sampling import Sampling
from records.difficulty import difficulty
from teacher.sampling.plan import plan_sampling
from teacher.sampling.problem_state import ProblemState
from teacher.sampling.stopping import Rule, pass_rate


def difficulty_of(problem: ProblemState) -> str:
    """Return the band of a problem, estimated from the judged traces of its first pass."""
    first = problem.pass_states[0]
    outcomes = [entry.accepted for _, entry in first.counted() if entry.accepted is not None]
    return difficulty(estimate(len(outcomes), outcomes.count(True), first.tally.rule) if outcomes else None)


def pass_rates(sampling: Sampling | None) -> Callable[[int, int], float]:
    """Return the function that estimates a pass rate from how many traces of the first pass were decided and how many
    accepted. `sampling` is None for recorded traces."""
    rule = plan_sampling(sampling).rule if sampling else Rule(accept=None, n=1)
    return lambda decided, accepted: estimate(decided, accepted, rule)


def estimate(n: int, accepted: int, rule: Rule) -> float:
    """Estimate a pass rate: without bias if drawing can have ended by the rule or by the budget after these outcomes.
    Otherwise, because verdicts changed since or traces are missing in the middle, it is the accepted share."""
    possible = rule.accept is None or can_come(n, accepted, rule)
    return pass_rate(n, accepted, rule) if possible else accepted / n


def can_come(n: int, accepted: int, rule: Rule) -> bool:
    """Return True if some order of the outcomes lets drawing reach n traces with `accepted` successes.

    Drawing lasts longest if the successes come first, except the last ones, which end it: only this order is tried."""
    assert rule.accept is not None, "else nothing ends early"
    early = min(accepted, rule.accept - 1)
    order = [True] * early + [False] * (n - accepted) + [True] * (accepted - early)
    return not any(rule.ends(drawn, so_far) for drawn, so_far in enumerate(accumulate(order[:-1]), start=1))
