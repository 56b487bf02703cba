"""Measures what searches over steps find with the fake teacher, beside whole draws at equal tokens.

    python -m bench.search [--problems N] [--accuracy SHARE] [--noise SHARE] [--json FILE]

Half of the fake's steps are wrong by default, and say so; the scorer reads it, and errs in a share of the steps. This
shows how the strategies spend tokens, and that the machinery counts them; how much a search is worth with a model and
its scorer is for a run to say. µs/expansion is what the search takes beside an engine that needs no time."""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from configs.models import Prompt
from configs.sampling import TeacherSampling
from configs.teachers import FakeTeacher
from eval.scaling.equal_tokens import AtEqualTokens, Tried, at_equal_tokens
from records.hashing import problem_id
from records.parquet import PROBLEM, read_traces, write_rows
from records.requests import Completion, Request
from records.rows import MATH, Problem, Trace
from records.step_scorer import Prefix
from teacher.engines.fake import FakeSampler
from teacher.engines.fake_steps import draw_steps
from teacher.sampling.stage import SamplingJob, sample_traces
from teacher.search.sampler import SearchJob, SearchSampler

DRAWS = 64
SEARCHES: dict[str, dict[str, Any]] = {
    f"{kind} {size}": {"kind": kind, "step_tokens": 50}
    | ({"simulations": size} if kind == "mcts" else {"width": size, "expand": min(4, size)})
    for kind in ("beam", "dvts", "mcts")
    for size in (4, 8, 16)
}


class StepwiseSampler(FakeSampler):
    """A fake whose whole traces consist of steps, too."""

    def draw(self, request: Request) -> Completion:
        text, finish, tokens = draw_steps(request, self.config, random.Random(request.seed))
        return Completion(request, text, finish, len(request.prefix.split()), tokens)


def score(noise: float, prefixes: Sequence[Prefix]) -> list[float | None]:
    """Return the share of a prefix's steps that the scorer takes to be right. It errs in a share `noise` of them, in
    the same ones each time."""
    return [share_right(one.reasoning, noise) for one in prefixes]


def share_right(reasoning: str, noise: float) -> float:
    lines = [line for line in reasoning.splitlines() if line.startswith("Step ")]
    seen = [(" is right," in line) != (random.Random(line).random() < noise) for line in lines]
    return sum(seen) / max(1, len(seen))


def sample(folder: Path, problems: Path, teacher: FakeTeacher, search: dict[str, Any] | None, noise: float) -> None:
    """Sample the problems into a folder: `DRAWS` plain draws each, or one search."""
    folder.mkdir()
    plain = {"n": DRAWS, "max_tokens": 400, "temperature": 1.0}
    section = {"search": {"scorer": "made"} | search, "n": 1} if search else {}
    sampling = TeacherSampling.model_validate(plain | section)
    job = SamplingJob(problems, sampling, Prompt(), "fake", "fake", search="search" if search else "")
    searching = SearchJob(sampling.search, partial(score, noise), "bench", True, folder)

    def start() -> StepwiseSampler | SearchSampler:
        return SearchSampler(searching, lambda: StepwiseSampler(teacher)) if search else StepwiseSampler(teacher)

    sample_traces(folder, job, start, lambda *_, **__: None)


def tried(trace: Trace, noise: float) -> Tried:
    tokens = trace.searched.completion_tokens if trace.searched else trace.completion_tokens
    right = f"{{{trace.reference}}}" in trace.answer
    return Tried(tokens, right, trace.answer, share_right(trace.reasoning, noise))


def run(problems: int, accuracy: float, noise: float) -> dict[str, tuple[AtEqualTokens, float]]:
    """Return the comparison of each search, and its µs/expansion."""
    teacher = FakeTeacher(kind="fake", accuracy=accuracy, unclosed=0.02)
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "problems").mkdir()
        prompts = [f"Problem {at}" for at in range(problems)]
        rows = (Problem(problem_id(prompt), prompt, f"answer {prompt}", MATH, "made") for prompt in prompts)
        write_rows(folder / "problems" / "problems.parquet", rows, PROBLEM)
        sample(folder / "plain", folder / "problems", teacher, None, noise)
        draws: dict[str, list[Tried]] = {}
        for trace in read_traces(folder / "plain"):
            draws.setdefault(trace.problem_id, []).append(tried(trace, noise))
        for label, search in SEARCHES.items():
            started = time.perf_counter()
            sample(folder / label, folder / "problems", teacher, search, noise)
            seconds = time.perf_counter() - started
            traces = list(read_traces(folder / label))
            expansions = sum(trace.searched.expansions for trace in traces if trace.searched)
            searches = [tried(trace, noise) for trace in traces]
            equal = at_equal_tokens(searches, [draws[trace.problem_id] for trace in traces])
            found[label] = (equal, 1e6 * seconds / expansions)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=300)
    parser.add_argument("--accuracy", type=float, default=0.5, help="share of the steps that are right")
    parser.add_argument("--noise", type=float, default=0.2, help="share of the steps that the scorer takes wrong")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found = run(arguments.problems, arguments.accuracy, arguments.noise)
    print(
        f"{'':10}{'tokens':>8}{'search':>8}{'best-of':>9}{'majority':>10}{'draws':>7}{'short':>7}{'µs/expansion':>14}"
    )
    for label, (one, cost) in found.items():
        print(
            f"{label:10}{one.tokens:8.0f}{one.searched:8.3f}{one.best_of:9.3f}{one.majority:10.3f}{one.draws:7.1f}"
            f"{one.short:7}{cost:14.0f}"
        )
    if arguments.json:
        rows = {label: asdict(one) | {"us_per_expansion": cost} for label, (one, cost) in found.items()}
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
