"""Rollouts from the steps of judged traces: where they begin, what they say, and that a killed stage draws none
twice."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import make_trace
from sampling_makers import Counting, Dying, judge

from configs.models import Prompt
from configs.teachers import FakeTeacher
from records.errors import InputError
from records.parquet import read_rows, write_rows
from records.requests import Settings
from records.rows import Trace, Verdict
from records.schemas import TRACE
from records.share import WorkerSlot
from records.training_counts import RolloutCounts
from teacher.sampling.label_drawing import LabelJob
from teacher.sampling.rollouts import gather, label_share, missing
from teacher.sampling.step_search import StepSearch

TEXT = {"reasoning": "One.\nTwo.\nThree.\n", "answer": "So it is.\n\\boxed{4}"}


def search(kind: str = "all", right: bool = False, n: int = 2, **fields: Any) -> StepSearch:
    return StepSearch(make_trace(**TEXT | fields), right, n, kind)  # type: ignore[arg-type]


def run_through(one: StepSearch, reached: list[bool | None]) -> list[int]:
    """Answer what a search asks: from which steps the reference is reached. Return the steps in the order asked."""
    asked = []
    while wanted := one.wanted():
        for step in wanted:
            asked.append(step)
            for _ in range(one.n):
                one.record(step, reached[step])
    return asked


def test_a_rollout_begins_at_the_end_of_a_step() -> None:
    one = search()
    assert one.steps == ["One.\n", "Two.\n", "Three.\n", "So it is.\n", "\\boxed{4}"]
    assert one.beginning(0) == "<think>\nOne.\n"
    assert one.beginning(2) == "<think>\nOne.\nTwo.\nThree.\n"
    assert one.beginning(3) == "<think>\nOne.\nTwo.\nThree.\n\n</think>\n\nSo it is.\n"
    plain = search(reasoning="", answer="First. Second.")
    assert plain.beginning(0) == "First."
    assert [one.spent(step) for step in (0, 4)] == [2, 12]


def test_all_steps_have_the_share_of_their_rollouts() -> None:
    one = search(n=4)
    assert one.wanted() == [0, 1, 2, 3]
    for step, outcomes in enumerate(([True] * 4, [True, False, None, None], [None] * 4, [False] * 4)):
        for outcome in outcomes:
            one.record(step, outcome)
    assert one.wanted() == []
    assert one.labels() == [1.0, 0.5, None, 0.0, 0.0]
    right = search(right=True)
    run_through(right, [False] * 4)
    assert right.labels() == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("first", range(5))
def test_halving_finds_the_first_wrong_step(first: int) -> None:
    one = search("binary")
    asked = run_through(one, [step < first for step in range(4)])
    assert one.labels() == [1.0] * first + [0.0] + [None] * (4 - first)
    assert len(asked) <= 3


def test_a_right_trace_costs_nothing_and_an_undecided_step_ends_the_search() -> None:
    one = search("binary", right=True)
    assert run_through(one, []) == []
    assert one.labels() == [1.0] * 5
    undecided = search("binary")
    assert run_through(undecided, [True, True, None, False]) == [1, 2]
    assert undecided.labels() == [1.0, 1.0, None, None, None]


def traces(count: int = 6) -> list[Trace]:
    return [make_trace(prompt=f"{at} + 1?", reference=f"answer-{at}", **TEXT) for at in range(count)]


def make_job(folder: Path, count: int = 6, **changes: Any) -> LabelJob:
    judged = folder / "judged"
    if not judged.exists():
        judged.mkdir()
        rows = traces(count)
        for number, part in enumerate((rows[: count // 2], rows[count // 2 :])):
            write_rows(judged / f"judged-{number:05}.parquet", part, TRACE)
    job = LabelJob(
        judged=judged,
        chosen={at: at % 2 == 0 for at in range(count)},
        search="all",
        n=3,
        settings=Settings(1.0, 1.0, -1, 60),
        prompt=Prompt(),
        model="fake",
        thinks=True,
        seed=0,
        identity="made",
    )
    return replace(job, **changes)


def label(folder: Path, job: LabelJob, sampler: Counting | None = None) -> RolloutCounts:
    folder.mkdir(exist_ok=True)
    label_share(folder, job, lambda: sampler or Counting(), judge, lambda *_, **__: None, WorkerSlot())
    return gather(folder, {})


def test_steps_are_labelled_in_the_order_of_the_traces(tmp_path: Path) -> None:
    sampler, job = Counting(), make_job(tmp_path)
    counts = label(tmp_path / "labels", job, sampler)
    rows = list(read_rows(tmp_path / "labels"))
    assert [row["prompt"] for row in rows] == [trace.prompt for trace in traces()]
    assert [row["labels"][-1] for row in rows] == [1, 0] * 3
    shares = {label for row in rows for label in row["labels"][:-1]}
    assert shares <= {0, 1 / 3, 2 / 3, 1}
    assert len(shares) > 1
    assert (counts.solutions, counts.steps, counts.labelled, counts.rollouts) == (6, 30, 30, 72)
    assert counts.rollouts == len(sampler.requests) == len({request.key for request in sampler.requests})
    assert counts.prompt_tokens > counts.rollouts
    assert counts.completion_tokens > counts.rollouts
    assert {request.prefix for request in sampler.requests} == {search().beginning(step) for step in range(4)}
    assert all(request.settings.max_tokens == 60 - request.prefix_tokens for request in sampler.requests)
    assert not list((tmp_path / "labels").glob("*.jsonl"))
    assert missing(tmp_path / "labels", job.judged) == 0


def test_halving_draws_less(tmp_path: Path) -> None:
    counts = label(tmp_path / "labels", make_job(tmp_path, search="binary"))
    assert 0 < counts.rollouts <= 3 * 3 * 3  # of three wrong traces
    for row in read_rows(tmp_path / "labels"):
        assert set(row["labels"]) <= {0, 1, None}


def test_a_killed_stage_goes_on_where_it_was(tmp_path: Path) -> None:
    for kind in ("all", "binary"):
        job, drawn, attempts = make_job(tmp_path, search=kind), Counter[Any](), 0
        whole = label(tmp_path / f"whole-{kind}", job)
        while True:
            sampler = Dying(FakeTeacher(kind="fake", in_flight=4))
            sampler.left = 5
            attempts += 1
            try:
                resumed = label(tmp_path / f"killed-{kind}", job, sampler)
                break
            except RuntimeError:
                assert missing(tmp_path / f"killed-{kind}", job.judged) > 0
            finally:
                drawn.update(request.key for request in sampler.requests)
        assert attempts > 3
        assert resumed == whole
        ours, theirs = (list(read_rows(tmp_path / f"{name}-{kind}")) for name in ("whole", "killed"))
        assert ours == theirs
        assert len(drawn) == whole.rollouts
        assert sum(drawn.values()) <= whole.rollouts + 4 * attempts  # those in flight at a kill


def test_failed_rollouts_are_undecided_and_tried_again(tmp_path: Path) -> None:
    class Failing(Counting):
        def __init__(self) -> None:
            super().__init__(FakeTeacher(kind="fake", failures=0.5))

    counts = label(tmp_path / "labels", make_job(tmp_path), Failing())
    assert 0 < counts.failed < counts.rollouts == 72


def test_labels_that_are_all_wrong_teach_nothing(tmp_path: Path) -> None:
    def never(found: list[Trace]) -> list[list[Verdict]]:
        return [[Verdict("made", "1", "fail", "wrong_answer")] for _ in found]

    job = make_job(tmp_path, chosen={1: False})
    (tmp_path / "labels").mkdir()
    label_share(tmp_path / "labels", job, Counting, never, lambda *_, **__: None, WorkerSlot())
    with pytest.raises(InputError, match="all 5 labelled steps are wrong"):
        gather(tmp_path / "labels", {})
