"""The rules over whole problems: the band of pass rates, and problems with nearly the same prompt."""

from collections import Counter
from collections.abc import Iterator

from configs.selection import NearDuplicates, Selection
from filters.counting.pass_rates import PassRate
from filters.reasons import DUPLICATE_PROMPT, TOO_EASY, TOO_HARD
from filters.selection.index import Index
from filters.selection.near_duplicates import Signature, band_keys, similarity


def keep_in_band(index: Index, config: Selection, pass_rate: PassRate, left_out: Counter[str]) -> None:
    """Keep problems within the band of pass rates. A problem without a known rate stays."""
    for problem in index.with_candidates():
        rate = problem.pass_rate(pass_rate)
        if rate is not None and not config.min_pass_rate <= rate <= config.max_pass_rate:
            left_out[TOO_HARD if rate < config.min_pass_rate else TOO_EASY] += problem.traces
            index.drop(problem)


def keep_distinct_prompts(index: Index, rule: NearDuplicates, left_out: Counter[str]) -> None:
    """Of problems with nearly the same prompt keep only the first. Needs the signatures of the prompts, and removes
    them."""
    for problem in index.with_candidates():
        if problem.first is None:
            continue
        prompt = index.signature(problem.first)
        keys = [*band_keys(prompt, rule)]
        if any(similarity(other, prompt) >= rule.threshold for other in sharing(index, keys)):
            left_out[DUPLICATE_PROMPT] += problem.traces
            index.drop(problem)
        else:
            index.add_bands(problem.first, keys)
    index.clear_signatures()


def sharing(index: Index, keys: list[bytes]) -> Iterator[Signature]:
    """Yield the signatures of the kept prompts that share a band with this one."""
    for position in dict.fromkeys(index.sharing(keys)):
        yield index.signature(position)
