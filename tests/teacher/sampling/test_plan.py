"""A config's sampling section is resolved into the right plan."""

import pytest

from configs.sampling import Budget, Price, Sampling, SecondChance, TeacherSampling
from teacher.sampling.plan import plan_sampling
from teacher.sampling.stopping import Rule


def test_a_model_under_evaluation_is_sampled_plainly() -> None:
    plan = plan_sampling(Sampling(n=3, max_tokens=50, seed=7, shard_size=40))
    assert (plan.rule, plan.seed, plan.shard_size, plan.max_tokens) == (Rule(accept=None, n=3), 7, 40, 50)
    assert (plan.budget, plan.price, plan.second_chances) == (Budget(), Price(), ())
    assert (plan.speculate, plan.needs_judge, plan.settings.stop_loops) == (False, False, False)


def test_n_and_accept_make_the_rule() -> None:
    assert plan_sampling(TeacherSampling(n=5, max_tokens=50)).rule == Rule(accept=None, n=5)
    adaptive = TeacherSampling(accept=2, max_n=9, give_up_below=0.1, max_tokens=50)
    assert plan_sampling(adaptive).rule == Rule(accept=2, n=9, give_up_below=0.1)


@pytest.mark.parametrize(
    ("changes", "speculates"),
    [
        ({}, False),
        ({"accept": 1}, True),
        ({"accept": 1, "speculate": False}, False),
        ({"second_chances": [SecondChance(max_n=2)]}, True),
    ],
)
def test_speculation_needs_verdicts(changes: dict[str, object], speculates: bool) -> None:
    plan = plan_sampling(TeacherSampling.model_validate({"max_tokens": 50} | changes))
    assert plan.speculate == speculates
    assert plan.needs_judge == bool(changes)


@pytest.mark.parametrize(("tokens", "longest"), [(49, 50), (50, 50), (51, 51), (None, 50)])
def test_the_longest_pass_bounds_a_completion(tokens: int | None, longest: int) -> None:
    plan = plan_sampling(TeacherSampling(max_tokens=50, second_chances=[SecondChance(max_tokens=tokens)]))
    assert plan.max_tokens == longest
