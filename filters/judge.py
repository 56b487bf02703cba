"""Runs every filter on every trace, streaming; rejected traces stay, with all their verdicts."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from configs.schema import Judging
from filters.answer_format import AnswerFormat
from filters.contamination import Contamination, contamination
from filters.funnel import Funnel
from filters.hint import QuotesHint
from filters.language import Language
from filters.length_bounds import LengthBounds
from filters.matches import Matches
from filters.refusal import Refusal
from filters.repetition import Repetition
from filters.verifiers import VERIFIERS
from filters.workers import VERSION as WORKER_VERSION
from filters.workers import Filter, Workers, workers
from records.parquet import TRACE, count_rows, read_traces, write_rows
from records.rows import Trace

RULE_VERSIONS = (
    AnswerFormat.version,
    LengthBounds.version,
    Refusal.version,
    Repetition.version,
    Language.version,
    Contamination.version,
    QuotesHint.version,
)
VERSION = ".".join(["2", WORKER_VERSION, *RULE_VERSIONS, *(verifier.version for verifier in VERIFIERS.values())])
"""Changes with any filter's version, so that traces are judged again when a rule changes."""
REPORT_EVERY = 256


def judge_traces(
    folder: Path,
    traces: Path,
    config: Judging,
    benchmarks: dict[str, list[str]],
    progress: Callable[..., None],
    hints: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Write the traces of a directory with their verdicts to `judged.parquet`; returns the funnel.

    Rejected traces stay. `benchmarks` holds the prompts of every benchmark by name; none may reach the dataset. `hints`
    are the templates in which traces were shown the answer. Errors: InputError where programs are to be judged and no
    sandbox starts."""
    total, funnel, matches = count_rows(traces), Funnel(), Matches(benchmarks)

    def judged(pool: Workers) -> Iterator[Trace]:
        for trace, verdicts in pool.stream(read_traces(traces), lambda trace: trace):
            row = replace(trace, verdicts=verdicts)
            funnel.add(row)
            matches.add(row)
            if funnel.sampled % REPORT_EVERY == 0 or funnel.sampled == total:
                progress(funnel.sampled, total, accepted=funnel.accepted)
            yield row

    with workers(config, all_filters(config, benchmarks, hints)) as pool:
        write_rows(folder / "judged.parquet", judged(pool), TRACE)
        return {**funnel.counts(), **matches.counts(), "verifier_s": round(pool.waited_s, 3)}


def all_filters(config: Judging, benchmarks: dict[str, list[str]], hints: tuple[str, ...]) -> list[Filter]:
    """What a trace has to pass besides its verifier."""
    own = [QuotesHint(hints)] if hints else []
    return [*trace_filters(config), *own, contamination(config.decontamination, benchmarks)]


def trace_filters(config: Judging) -> list[Filter]:
    """The filters the config asks for that need nothing but a trace, in the order in which their reasons count."""
    filters: list[Filter] = [Refusal()] if config.reject_refusals else []
    filters += [AnswerFormat(config.require_box), LengthBounds(config.min_tokens, config.max_tokens)]
    filters += [Repetition(config.repetition)] if config.repetition else []
    filters += [Language(config.language)] if config.language else []
    return filters


if __name__ == "__main__":
    import sys

    from filters.judge_file import main

    sys.exit(main())
