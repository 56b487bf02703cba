"""The sampling loop: requests in shards, each finished trace journaled at once, finished shards as Parquet.

`kill -9` at any instant costs at most the completions in flight: a torn last journal line is cut away, a shard's
journal is removed only after its Parquet file has its final name.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from configs.schema import Sampling
from records.artifact import fingerprint, request_seed
from records.parquet import TRACE, batched, read_problems, read_rows, write_rows
from records.rows import CUT_OFF, Completion, Problem, Request, Trace
from teacher.reasoning import split_reasoning

VERSION = "1"
Key = tuple[str, int]


class Sampler(Protocol):
    """What draws completions. Made once a stage and only if a shard is missing: an engine takes a minute to start."""

    @property
    def batch_invariant(self) -> bool:
        """Whether a completion is the same whatever it was batched with; if not, torn shards are drawn whole."""

    def sample(self, requests: Iterable[Request]) -> Iterator[Completion]: ...

    def timings(self) -> dict[str, float]: ...


def sample_traces(
    folder: Path,
    problems: Path,
    sampling: Sampling,
    shard_size: int,
    teacher: str,
    thinks: bool,
    make_sampler: Callable[[], Sampler],
    progress: Callable[..., None],
) -> dict[str, Any]:
    """Draw `sampling.n` traces per problem of `problems` into `traces-NNNNN.parquet` files; returns counts."""
    sampler: Sampler | None = None
    counts: Counter[str] = Counter()
    total = sampling.n * sum(1 for _ in read_problems(problems))
    shaping = fingerprint([teacher, sampling.model_dump(exclude={"n", "shard_size"}), VERSION])
    for number, requests in enumerate(batched(plan_requests(problems, sampling), shard_size)):
        shard = folder / f"traces-{number:05}.parquet"
        if shard.exists():
            counts.update(row["finish_reason"] for row in read_rows(shard, ["finish_reason"]))
            continue
        sampler = sampler or make_sampler()
        journal = shard.with_suffix(".jsonl")
        if not sampler.batch_invariant:
            journal.unlink(missing_ok=True)
        done = read_journal(journal)
        counts.update(row["finish_reason"] for row in done.values())
        missing = [request for request in requests if key_of(request) not in done]
        with journal.open("a", encoding="utf-8") as file:
            for completion in sampler.sample(missing):
                row = asdict(to_trace(completion, teacher, thinks, shaping))
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                file.flush()
                done[key_of(completion.request)] = row
                counts[completion.finish_reason] += 1
                progress(counts.total(), total, truncated=counts[CUT_OFF])
        write_rows(shard, (done[key_of(request)] for request in requests), TRACE)
        journal.unlink()
    timings = sampler.timings() if sampler else {}
    return {"traces": counts.total(), "finish_reasons": dict(counts), **timings}


def plan_requests(problems: Path, sampling: Sampling) -> Iterator[Request]:
    """Every request of the stage, problem by problem, with a seed from its own content."""
    for problem in read_problems(problems):
        for index in range(sampling.n):
            yield Request(problem, index, request_seed(sampling.seed, problem.id, index))


def key_of(request: Request) -> Key:
    return request.problem.id, request.sample_index


def to_trace(completion: Completion, teacher: str, thinks: bool, shaping: str) -> Trace:
    request = completion.request
    problem: Problem = request.problem
    reasoning, answer, closed = split_reasoning(completion.text, thinks)
    return Trace(
        problem_id=problem.id,
        sample_index=request.sample_index,
        prompt=problem.prompt,
        reference=problem.reference,
        verifier=problem.verifier,
        source=problem.source,
        extra=problem.extra,
        reasoning=reasoning,
        answer=answer,
        closed=closed,
        finish_reason=completion.finish_reason,
        prompt_tokens=completion.prompt_tokens,
        completion_tokens=completion.completion_tokens,
        seed=request.seed,
        teacher=teacher,
        request_fingerprint=fingerprint([shaping, problem.id, request.sample_index]),
    )


def read_journal(path: Path) -> dict[Key, dict[str, Any]]:
    """Rows of an interrupted shard by key. A torn last line, left by a kill, is cut off the file."""
    rows: dict[Key, dict[str, Any]] = {}
    if not path.exists():
        return rows
    with path.open("rb+") as file:
        whole = 0
        for line in file:
            if not line.endswith(b"\n"):
                break
            row = json.loads(line)
            rows[row["problem_id"], row["sample_index"]] = row
            whole += len(line)
        file.truncate(whole)
        os.fsync(file.fileno())
    return rows
