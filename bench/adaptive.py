"""Compares adaptive sampling with fixed n, on simulated pass rates and on a teacher's traces; run by `bench.sampling`.

The problems' pass rates are drawn from Beta distributions (many easy problems, a hard tail); the fake sampler draws
traces of 3 to 300 words. Fixed n is the smallest n with at least as many accepted traces and solved problems as
adaptive sampling; for both, at most `accept` accepted traces per problem count. Both draw the same traces."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from configs.models import Prompt
from configs.sampling import TeacherSampling
from configs.teachers import FakeTeacher
from records.counts import SamplingCounts
from records.hashing import problem_id
from records.parquet import read_rows, read_traces, write_rows
from records.requests import Request
from records.rows import MATH, Problem, Trace, Verdict
from records.schemas import PROBLEM
from teacher.engines.fake import FakeSampler
from teacher.sampling.stage import SamplingJob, sample_traces

SPREADS = {"easy, hard tail": (0.8, 0.3), "two humps": (0.6, 0.35), "even": (1.0, 1.0)}
ACCEPT, MAX_N = 4, 64
Entries = Iterator[dict[str, Any]]


class Metered(FakeSampler):
    """Adds up wasted tokens: the part of each cancelled completion that had been drawn by then."""

    wasted = 0.0

    def cancel(self, request: Request) -> None:
        tokens = self.draw(request).completion_tokens
        self.wasted += tokens / 2  # cancelled at a random time, on average half-way
        super().cancel(request)


def write_problems(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True)
    problems = (Problem(problem_id(f"{at} + 1?"), f"{at} + 1?", f"a{at + 1}", MATH, "made") for at in range(count))
    write_rows(folder / "problems.parquet", problems, PROBLEM)
    return folder


def quiet(*_: Any, **__: Any) -> None:
    pass


def judge(traces: list[Trace]) -> list[list[Verdict]]:
    """Accept the traces whose answer is the reference, as the fake sampler writes it if it is right."""
    right = (trace.closed and trace.answer == f"\\boxed{{{trace.reference}}}" for trace in traces)
    return [[Verdict("bench", "1", "pass" if passes else "fail")] for passes in right]


def run(folder: Path, problems: Path, sampling: TeacherSampling, sampler: FakeSampler) -> SamplingCounts:
    folder.mkdir()
    return sample_traces(
        folder, SamplingJob(problems, sampling, Prompt(), "m", "fake", judge=judge), lambda: sampler, quiet
    )


def adaptive(folder: Path, count: int) -> Entries:
    problems = write_problems(folder / "problems", count)
    for name, spread in SPREADS.items():
        teacher = FakeTeacher(kind="fake", spread=spread, steps=300, latency_s=0.0)
        fixed = TeacherSampling(n=MAX_N, max_tokens=400, stop_loops=False)
        run(folder / f"{name} fixed", problems, fixed, FakeSampler(teacher))
        drawn = outcomes(folder / f"{name} fixed")
        for speculates in (False, True):
            sampler = Metered(teacher)
            sampling = TeacherSampling(accept=ACCEPT, max_n=MAX_N, max_tokens=400, speculate=speculates)
            counts = run(folder / f"{name} {speculates}", problems, sampling, sampler)
            tokens = counts.reasoning_tokens + counts.answer_tokens + sampler.wasted
            n, accepted, fixed_tokens = least_n(drawn, counts.accepted, counts.solved)
            ratio = round((tokens / counts.accepted) / (fixed_tokens / accepted), 3)
            yield {
                "name": f"{name}{', speculating' if speculates else ''}",
                "ours": round(tokens / counts.accepted, 1),
                "baseline": round(fixed_tokens / accepted, 1),
                "ratio": ratio,
                "unit": "tokens/accepted",
                "fixed_n": n,
                "draws": round(counts.traces / count, 2),
                "solved": counts.solved,
            }


def outcomes(folder: Path) -> list[list[tuple[bool, int]]]:
    """Return (accepted, tokens) of every trace, by problem, in order."""
    found: dict[str, list[tuple[bool, int]]] = {}
    for row in read_rows(folder, ["problem_id", "reference", "answer", "completion_tokens"]):
        right = row["answer"] == f"\\boxed{{{row['reference']}}}"
        found.setdefault(row["problem_id"], []).append((right, row["completion_tokens"]))
    return list(found.values())


def least_n(drawn: list[list[tuple[bool, int]]], accepted: int, solved: int) -> tuple[int, int, int]:
    """Return the smallest n that brings as many accepted traces and solved problems, with its accepted traces and
    tokens."""
    for n in range(1, MAX_N + 1):
        right = [sum(passes for passes, _ in traces[:n]) for traces in drawn]
        counted = sum(min(ACCEPT, found) for found in right)
        if (counted >= accepted and sum(map(bool, right)) >= solved) or n == MAX_N:
            return n, counted, sum(tokens for traces in drawn for _, tokens in traces[:n])
    raise AssertionError("returned above")


def replay(judged: Path, accept: int) -> dict[str, Any]:
    """Compute which of a fixed number of judged traces per problem, such as the demo's with `sampling.n`, adaptive
    sampling would have drawn. It solves the same problems with as many accepted traces, at most `accept` for each."""
    drawn: dict[str, list[tuple[int, int, int, bool]]] = {}
    for trace in read_traces(judged):
        key = (trace.attempt, trace.sample_index, trace.completion_tokens, trace.accepted)
        drawn.setdefault(trace.problem_id, []).append(key)
    fixed = ours = accepted = draws = 0
    for traces in drawn.values():
        fixed += sum(tokens for *_, tokens, _ in traces)
        found = 0
        for *_, tokens, passes in sorted(traces):
            if found < accept:
                ours, draws, found = ours + tokens, draws + 1, found + passes
        accepted += found
    entry = {"name": f"{len(drawn):,} problems of {judged.name}", "ours": round(ours / accepted, 1)}
    entry |= {"baseline": round(fixed / accepted, 1), "ratio": round(ours / fixed, 3), "unit": "tokens/accepted"}
    return entry | {"draws": round(draws / len(drawn), 2)}
