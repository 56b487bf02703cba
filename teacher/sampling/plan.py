"""Resolves the config's sampling section once; the loop, the accounts and the difficulty read only the result."""

from dataclasses import dataclass, replace

from configs.sampling import Budget, Price, Sampling, SecondChance, TeacherSampling
from records.requests import Settings
from teacher.sampling.stopping import Rule


@dataclass(frozen=True)
class SamplingPlan:
    """The resolved settings. Made by `plan_sampling` from a teacher's section, or that of a model under evaluation."""

    rule: Rule
    """When the first pass over a problem ends."""
    settings: Settings
    """Settings of the first pass."""
    seed: int
    shard_size: int
    """Size of a shard in traces."""
    second_chances: tuple[SecondChance, ...]
    budget: Budget
    price: Price
    speculate: bool
    """True if an idle engine draws traces that may not be needed."""
    completions: int = 1
    """About how many whole traces one draw may cost in tokens: more than one if it is a search."""

    @property
    def needs_judge(self) -> bool:
        """True if verdicts decide what is drawn next."""
        return self.rule.accept is not None or bool(self.second_chances)

    @property
    def max_tokens(self) -> int:
        """The longest completion that any pass allows."""
        return max(self.settings.max_tokens, *(chance.max_tokens or 0 for chance in self.second_chances), 0)


def plan_sampling(sampling: Sampling) -> SamplingPlan:
    """Return the plan of a config's section."""
    settings = Settings(
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        top_k=sampling.top_k,
        max_tokens=sampling.max_tokens,
    )
    if not isinstance(sampling, TeacherSampling):
        return SamplingPlan(
            rule=Rule(accept=None, n=sampling.n),
            settings=settings,
            seed=sampling.seed,
            shard_size=sampling.shard_size,
            second_chances=(),
            budget=Budget(),
            price=Price(),
            speculate=False,
        )
    settings = replace(
        settings,
        stop_loops=sampling.stop_loops,
        thinking_tokens=sampling.thinking_tokens,
        logprobs=sampling.logprobs,
    )
    rule = Rule(accept=None, n=sampling.n)
    if sampling.accept is not None:
        rule = Rule(sampling.accept, sampling.max_n, sampling.give_up_below)
    return SamplingPlan(
        rule=rule,
        settings=settings,
        seed=sampling.seed,
        shard_size=sampling.shard_size,
        second_chances=tuple(sampling.second_chances),
        budget=sampling.budget,
        price=sampling.price,
        speculate=sampling.speculate and sampling.judged,
        completions=sampling.search.completions if sampling.search else 1,
    )
