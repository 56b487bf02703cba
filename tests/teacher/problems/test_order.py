"""The order of problems is seeded, mixes the sources, and depends only on the problems."""

import os
import random
from pathlib import Path

import pytest
from conftest import make_problem

from configs.sources import ProblemFile
from records.counts import ProblemsCounts
from records.parquet import read_problems
from teacher.problems.order import in_seeded_order, order_key
from teacher.problems.sources import write_problems

PROBLEMS = [make_problem(f"{at} + 1?", str(at + 1)) for at in range(2000)]


def test_the_order_depends_on_seed_and_problems_alone(tmp_path: Path) -> None:
    shuffled = random.Random(0).sample(PROBLEMS, len(PROBLEMS))
    ordered = list(in_seeded_order(PROBLEMS, 0, tmp_path))
    assert (
        ordered
        == list(in_seeded_order(shuffled, 0, tmp_path))
        == sorted(PROBLEMS, key=lambda problem: order_key(0, problem.id))
    )
    assert ordered != list(in_seeded_order(PROBLEMS, 1, tmp_path))
    fewer = {problem.id for problem in PROBLEMS[::3]}
    assert list(in_seeded_order(PROBLEMS[::3], 0, tmp_path)) == [problem for problem in ordered if problem.id in fewer]
    assert not list(tmp_path.iterdir()), "nothing is left behind"


def test_no_files_stay_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    ordered = in_seeded_order(PROBLEMS, 0, tmp_path)
    next(ordered)
    ordered.close()  # type: ignore[attr-defined]
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("problems", [[], [make_problem("é \ud800\n\x00 日本", '"\\')]])
def test_texts_of_any_kind_come_back(tmp_path: Path, problems: list) -> None:  # type: ignore[type-arg]
    assert list(in_seeded_order(problems, 0, tmp_path)) == problems


def test_every_part_holds_the_mix_of_the_whole(tmp_path: Path) -> None:
    ordered = list(in_seeded_order(PROBLEMS, 0, tmp_path))
    first_half = {problem.id for problem in PROBLEMS[:1000]}
    for count in (100, 400, 1000):  # four standard errors of a binomial
        share = sum(problem.id in first_half for problem in ordered[:count]) / count
        assert abs(share - 0.5) < 4 * (0.25 / count) ** 0.5


def test_problems_are_written_mixed_only_with_a_seed(tmp_path: Path) -> None:
    sources = []
    for name in ("a", "b"):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(f'{{"problem": "{name} {at}?", "answer": "{at}"}}\n' for at in range(50)))
        sources.append(ProblemFile(kind="file", path=str(path)))
    read = {}
    for seed in (None, 0, 1):
        (tmp_path / f"{seed}").mkdir()
        counts = write_problems(tmp_path / f"{seed}", [*sources, sources[0]], set(), seed)
        assert counts == ProblemsCounts(problems=100, repeated=50, in_benchmark=0, without_reference=0)
        read[seed] = [problem.prompt for problem in read_problems(tmp_path / f"{seed}")]
    assert read[None] == [f"{name} {at}?" for name in ("a", "b") for at in range(50)]
    assert sorted(read[0]) == sorted(read[1]) == sorted(read[None])
    assert len({tuple(order) for order in read.values()}) == 3
