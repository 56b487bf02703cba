"""Judges the completions of reinforcement learning, in the killable workers that judge traces."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from configs.judging import Judging
from filters.chain import all_filters
from filters.reasons import PASS
from filters.rules.language import Language
from filters.workers import workers
from records.rows import Trace, Verdict


@contextmanager
def reward_judge(judging: Judging) -> Iterator[Callable[[list[Trace]], list[list[Verdict]]]]:
    """Yield a function that returns the verdicts of each trace.

    They are those of the judge stage, except that a trace of mixed language gets its verifier's verdict too: the
    language is a reward of its own. No benchmark is looked for, because problems that resemble one are never asked.
    """
    rules = all_filters(judging)
    others = [rule for rule in rules if rule.name != Language.name]
    with workers(judging, rules) as pool, workers(judging, others) as any_language:

        def judge(traces: list[Trace]) -> list[list[Verdict]]:
            verdicts = pool.judge(traces)
            mixed = [at for at, one in enumerate(verdicts) if fails_in_language_alone(one)]
            for at, again in zip(mixed, any_language.judge(traces[at] for at in mixed), strict=True):
                verdicts[at] = [*verdicts[at], again[-1]]
            return verdicts

        yield judge


def fails_in_language_alone(verdicts: list[Verdict]) -> bool:
    failed = [verdict.filter for verdict in verdicts if verdict.outcome != PASS]
    return failed == [Language.name]
