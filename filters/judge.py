"""Runs every filter on every trace, streaming; rejected traces stay, with all their verdicts."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from configs.schema import Judging
from filters.answer_format import AnswerFormat
from filters.contamination import Contamination, contamination
from filters.funnel import Funnel
from filters.language import Language
from filters.length_bounds import LengthBounds
from filters.matches import Matches
from filters.math_answer import VERSION as MATH_VERSION
from filters.reasoning_gym_answer import VERSION as REASONING_GYM_VERSION
from filters.reasons import PASS
from filters.refusal import Refusal
from filters.repetition import Repetition
from filters.verifiers import WORKER_VERSION, Verifiers, evidence_of, verifiers
from records.parquet import TRACE, batched, count_rows, read_traces, write_rows
from records.rows import Trace

VERSION = ".".join(
    [
        "1",
        AnswerFormat.version,
        LengthBounds.version,
        Refusal.version,
        Repetition.version,
        Language.version,
        Contamination.version,
        MATH_VERSION,
        REASONING_GYM_VERSION,
        WORKER_VERSION,
    ]
)
"""Changes with any filter's version, so that traces are judged again when a rule changes."""
Filter = AnswerFormat | LengthBounds | Refusal | Repetition | Language | Contamination


def judge_traces(
    folder: Path, traces: Path, config: Judging, benchmarks: dict[str, list[str]], progress: Callable[..., None]
) -> dict[str, Any]:
    """Write the traces of a directory with their verdicts to `judged.parquet`; returns the funnel.

    `benchmarks` holds the prompts of every benchmark by name; none of them may reach the dataset.
    """
    total, funnel, verify_s = count_rows(traces), Funnel(), 0.0
    filters, matches = trace_filters(config, benchmarks), Matches(benchmarks)

    def judged(pool: Verifiers) -> Iterator[Trace]:
        nonlocal verify_s
        for batch in batched(read_traces(traces)):
            checked = [replace(trace, verdicts=[rule.judge(trace) for rule in filters]) for trace in batch]
            # The reference is compared only with what passed: nothing but a closed, formatted answer is evidence.
            answered = [trace for trace in checked if all(verdict.outcome == PASS for verdict in trace.verdicts)]
            started = time.monotonic()
            verified = zip(answered, pool.verify([evidence_of(trace) for trace in answered]), strict=True)
            verify_s += time.monotonic() - started
            final = {id(trace): [*trace.verdicts, verdict] for trace, verdict in verified}
            for trace in checked:
                row = replace(trace, verdicts=final.get(id(trace), trace.verdicts))
                funnel.add(row)
                matches.add(row)
                yield row
            progress(funnel.sampled, total, accepted=funnel.accepted)

    with verifiers(config.workers, config.timeout_s, config.memory_mib) as pool:
        write_rows(folder / "judged.parquet", judged(pool), TRACE)
    return {**funnel.counts(), **matches.counts(), "verifier_s": round(verify_s, 3)}


def trace_filters(config: Judging, benchmarks: dict[str, list[str]]) -> list[Filter]:
    """The filters the config asks for, in the order in which their reasons count."""
    filters: list[Filter] = [Refusal()] if config.reject_refusals else []
    filters += [AnswerFormat(config.require_box), LengthBounds(config.min_tokens, config.max_tokens)]
    filters += [Repetition(config.repetition)] if config.repetition else []
    filters += [Language(config.language)] if config.language else []
    return [*filters, contamination(config.decontamination, benchmarks)]


if __name__ == "__main__":
    import sys

    from filters.judge_file import main

    sys.exit(main())
