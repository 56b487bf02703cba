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
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from configs.models import Prompt
from configs.sampling import TeacherSampling
from configs.teachers import FakeTeacher
from eval.metrics.comparison import matched
from eval.metrics.samples import NO_ANSWER, Samples, sorted_samples
from eval.scaling.equal_tokens import AtEqualTokens, at_equal_tokens
from records.hashing import problem_id
from records.parquet import read_traces, write_rows
from records.requests import Completion, Request
from records.rows import MATH, Problem
from records.schemas import PROBLEM
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


def samples_of(folder: Path, noise: float) -> Samples:
    """Return the traces of a folder with their scores, and with the tokens of the whole search that found them."""
    numbers: dict[str, int] = {}
    rows = []
    for trace in read_traces(folder):
        at = numbers.setdefault(trace.problem_id, len(numbers))
        spent = trace.searched.completion_tokens if trace.searched else trace.completion_tokens
        right = f"{{{trace.reference}}}" in trace.answer
        rows.append((at, trace.sample_index, right, trace.answer, spent, share_right(trace.reasoning, noise)))
    problem, number, verdicts, answers, tokens, scores = (np.array(column) for column in zip(*rows, strict=True))
    spellings, codes = np.unique(answers, return_inverse=True)
    samples, _ = sorted_samples(
        list(numbers),
        problem.astype(np.int32),
        number.astype(np.int64),
        verdicts=verdicts.astype(np.int8),
        answers=np.where(answers == "", NO_ANSWER, codes).astype(np.int32),
        spellings=spellings.tolist(),
        tokens=tokens.astype(np.float64),
        scores=scores.astype(np.float64),
    )
    return samples


def run(problems: int, accuracy: float, noise: float) -> dict[str, dict[str, float]]:
    """Return for each search the means over problems, and its µs/expansion."""
    teacher = FakeTeacher(kind="fake", accuracy=accuracy, unclosed=0.02)
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "problems").mkdir()
        prompts = [f"Problem {at}" for at in range(problems)]
        rows = (Problem(problem_id(prompt), prompt, f"answer {prompt}", MATH, "made") for prompt in prompts)
        write_rows(folder / "problems" / "problems.parquet", rows, PROBLEM)
        sample(folder / "plain", folder / "problems", teacher, None, noise)
        draws = samples_of(folder / "plain", noise)
        for label, search in SEARCHES.items():
            started = time.perf_counter()
            sample(folder / label, folder / "problems", teacher, search, noise)
            seconds = time.perf_counter() - started
            expansions = sum(trace.searched.expansions for trace in read_traces(folder / label) if trace.searched)
            searches = samples_of(folder / label, noise)
            equal = at_equal_tokens(searches, matched(searches, draws, (label, "plain")), None)
            found[label] = means(equal) | {"us_per_expansion": 1e6 * seconds / expansions}
    return found


def means(equal: AtEqualTokens) -> dict[str, float]:
    columns = {field.name: getattr(equal, field.name) for field in fields(equal)}
    found = {name: float(values.mean()) for name, values in columns.items() if values is not None}
    return found | {"short": int(equal.short.sum())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=300)
    parser.add_argument("--accuracy", type=float, default=0.5, help="share of the steps that are right")
    parser.add_argument("--noise", type=float, default=0.2, help="share of the steps that the scorer takes wrong")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found = run(arguments.problems, arguments.accuracy, arguments.noise)
    print(
        f"{'':10}{'tokens':>8}{'search':>8}{'best-of':>9}{'weighted':>10}{'majority':>10}{'draws':>7}{'short':>7}"
        f"{'µs/expansion':>14}"
    )
    for label, one in found.items():
        print(
            f"{label:10}{one['tokens']:8.0f}{one['searched']:8.3f}{one['best_of']:9.3f}{one['weighted']:10.3f}"
            f"{one['majority']:10.3f}{one['draws']:7.1f}{one['short']:7}{one['us_per_expansion']:14.0f}"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
