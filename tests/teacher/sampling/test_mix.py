"""A budget that stops sampling anywhere leaves the sources and difficulties mixed as in the whole."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import make_problem
from sampling_makers import Counting, draw, make_job, traces_in

from configs.sampling import Budget, TeacherSampling
from configs.teachers import FakeTeacher
from records.parquet import write_rows
from records.rows import Problem
from records.schemas import PROBLEM
from teacher.problems.order import in_seeded_order

COUNT = 1200
EASY, HARD = (FakeTeacher(kind="fake", spread=spread, in_flight=32) for spread in ((8.0, 2.0), (2.0, 8.0)))


class OfTwoSources(Counting):
    """Finds the first source easy and the second hard."""

    def pass_rate(self, request) -> float:  # type: ignore[no-untyped-def]
        self.config = EASY if request.problem.source == "first" else HARD
        return super().pass_rate(request)


def in_file_order() -> list[Problem]:
    """A third of the problems in one source, the rest in another, one after the other."""
    problems = [make_problem(f"{at} + 1?", f"answer-{at + 1}") for at in range(COUNT)]
    return [replace(problem, source="first" if at < COUNT // 3 else "second") for at, problem in enumerate(problems)]


def sampling(tokens: int | None = None) -> TeacherSampling:
    return TeacherSampling(
        accept=1, max_n=4, give_up_below=0, max_tokens=60, shard_size=256, budget=Budget(tokens=tokens), speculate=False
    )


def shares(mixed: bool, share_of_tokens: float, place: Path) -> Iterator[tuple[float, float, int]]:
    """By source and by difficulty: the share in a stopped run and in the whole one, and the stopped run's problems."""
    folder = place / "problems"
    folder.mkdir()
    problems = in_file_order()
    write_rows(folder / "problems.parquet", in_seeded_order(problems, 0, folder) if mixed else problems, PROBLEM)
    whole = draw(place / "whole", make_job(folder, sampling()), OfTwoSources(EASY))
    tokens = round(share_of_tokens * whole.tokens)
    stopped = draw(place / "stopped", make_job(folder, sampling(tokens)), OfTwoSources(EASY))
    assert stopped.stopped_at == f"tokens: {tokens}"
    assert stopped.tokens == pytest.approx(tokens, rel=0.1)
    sources = {problem.id: problem.source for problem in problems}
    draws = Counter(trace.problem_id for trace in traces_in(place / "whole"))
    begun = {trace.problem_id for trace in traces_in(place / "stopped")}
    for group_of in (
        sources.__getitem__,
        lambda problem: min(draws[problem], 3),
    ):  # 1, 2, or more draws: its difficulty
        every = Counter(map(group_of, draws))
        part = Counter(map(group_of, begun))
        for group in every:
            yield part[group] / len(begun), every[group] / COUNT, len(begun)


def beyond_error(part: float, whole: float, count: int) -> bool:
    """Four standard errors of a binomial."""
    return abs(part - whole) > 4 * (whole * (1 - whole) / count) ** 0.5


@pytest.mark.parametrize("share_of_tokens", [0.05, 0.2, 0.5])
def test_a_stopped_run_has_the_mix_of_the_whole(tmp_path: Path, share_of_tokens: float) -> None:
    found = list(shares(True, share_of_tokens, tmp_path))
    assert len(found) >= 5
    assert not [one for one in found if beyond_error(*one)]


@pytest.mark.parametrize("share_of_tokens", [0.05, 0.2, 0.5])
def test_the_order_of_files_would_not_have_it(tmp_path: Path, share_of_tokens: float) -> None:
    assert [one for one in shares(False, share_of_tokens, tmp_path) if beyond_error(*one)]
