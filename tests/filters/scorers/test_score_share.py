"""A directory of judged traces gets a score for every row, whoever is killed; and what was not read is counted."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, make_trace
from scorer_makers import make_reward_model

from configs.scorers import ProcessScorer
from filters.scorers.score import gather, missing, score_share
from filters.scorers.scoring import Scorer, Scoring, TraceText, over_steps
from records.errors import InputError
from records.parquet import read_rows, write_rows
from records.rows import Trace
from records.schemas import TRACE
from records.scores import read_aggregates, read_trace_scores
from records.scoring_counts import ScoringPart
from records.share import WorkerSlot


def judged_files(folder: Path, files: Sequence[list[Trace]]) -> Path:
    folder.mkdir()
    for number, traces in enumerate(files):
        write_rows(folder / f"judged-{number:05}.parquet", traces, TRACE)
    return folder


def by_length(traces: Sequence[TraceText], told: Callable[[int, int], None]) -> list[Scoring]:
    """A scorer that gives every step one over its length."""
    found = []
    for trace in traces:
        steps = trace.steps()
        scores: list[float | None] = [1 / len(step) if step.strip() else None for step in steps]
        found.append(Scoring(scores, left_out=None if steps else "no_steps", tokens=len(trace.reasoning)))
        told(1, len(trace.reasoning))
    return found


def score(folder: Path, judged: Path, scorer: Scorer = by_length, slot: WorkerSlot | None = None) -> ScoringPart:
    folder.mkdir(exist_ok=True)
    return score_share(folder, judged, "short", lambda: scorer, lambda *_, **__: None, slot or WorkerSlot())


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("scores-*.parquet")}


TRACES = [
    make_trace(prompt="a?", sample_index=2, reasoning="One.\nTwo.", answer="Three."),
    make_trace(prompt="b?", attempt=1, reasoning="", answer=""),
    make_trace(prompt="b?", reasoning="", answer="So 4."),
]


def test_every_row_gets_its_score_in_its_place(tmp_path: Path) -> None:
    judged = judged_files(tmp_path / "judged", [TRACES[:2], [], TRACES[2:]])
    part = score(tmp_path / "scores", judged)
    assert missing(tmp_path / "scores", judged) == 0
    rows = list(read_trace_scores(tmp_path / "scores"))
    assert [(one.problem_id, one.attempt, one.sample_index) for one in rows] == [
        (one.problem_id, one.attempt, one.sample_index) for one in TRACES
    ]
    first, empty, last = rows
    assert (first.steps, first.ends) == ([1 / 5, 1 / 4, 1 / 6], [5, 9, 15])
    assert (first.min, first.last, first.product) == (1 / 6, 1 / 6, pytest.approx(1 / 120))
    assert first.mean == pytest.approx((1 / 5 + 1 / 4 + 1 / 6) / 3)
    assert (empty.steps, empty.ends, empty.mean, empty.left_out) == ([], [], None, "no_steps")
    assert (last.scorer, last.outcome, last.left_out) == ("short", None, None)
    text = TRACES[0].reasoning + TRACES[0].answer
    starts = [0, *first.ends[:-1]]
    assert [text[start:end] for start, end in zip(starts, first.ends, strict=True)] == ["One.\n", "Two.", "Three."]
    counts = gather(tmp_path / "scores", [part])
    assert (counts.traces, counts.scored, counts.left_out, counts.steps) == (3, 2, {"no_steps": 1}, 4)
    assert counts.tokens == len("One.\nTwo.")
    assert read_aggregates(tmp_path / "scores", "last").tolist()[::2] == [1 / 6, 1 / 5]
    assert str(read_aggregates(tmp_path / "scores", "last")[1]) == "nan"


def test_steps_without_a_score_are_left_out_of_the_sums() -> None:
    assert over_steps([None, 0.5, None, 0.25]) == {"mean": 0.375, "min": 0.25, "product": 0.125, "last": 0.25}
    assert over_steps([None]) == over_steps([]) == dict.fromkeys(("mean", "min", "product", "last"))


def test_a_finished_file_is_never_scored_twice(tmp_path: Path) -> None:
    judged = judged_files(tmp_path / "judged", [[trace] for trace in TRACES])
    score(tmp_path / "alone", judged)
    seen: list[str] = []

    def dies(traces: Sequence[TraceText], told: Callable[[int, int], None]) -> list[Scoring]:
        seen.extend(trace.prompt for trace in traces)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return by_length(traces, told)

    with pytest.raises(KeyboardInterrupt):
        score(tmp_path / "again", judged, dies)
    assert missing(tmp_path / "again", judged) == 2
    seen.clear()
    seen += ["", ""]
    score(tmp_path / "again", judged, dies)
    assert seen == ["", "", "b?", "b?"]
    assert contents(tmp_path / "again") == contents(tmp_path / "alone")


def test_workers_share_the_files(tmp_path: Path) -> None:
    judged = judged_files(tmp_path / "judged", [[trace] for trace in TRACES * 4])
    score(tmp_path / "alone", judged)
    slots = [WorkerSlot(index, 3, "x") for index in range(3)]
    threads = [threading.Thread(target=score, args=(tmp_path / "three", judged, by_length, slot)) for slot in slots]
    (tmp_path / "three").mkdir()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert contents(tmp_path / "three") == contents(tmp_path / "alone")


def test_progress_counts_traces_and_tokens(tmp_path: Path) -> None:
    judged = judged_files(tmp_path / "judged", [TRACES[:1], TRACES[1:]])
    told: list[tuple[int, Any, float]] = []

    def progress(done: int, total: int | None, **counts: float) -> None:
        told.append((done, total, counts["tokens"]))

    (tmp_path / "scores").mkdir()
    score_share(tmp_path / "scores", judged, "short", lambda: by_length, progress, WorkerSlot())
    assert told == [(1, 3, 9), (2, 3, 9), (3, 3, 9)]
    (tmp_path / "scores" / "scores-00001.parquet").unlink()
    told.clear()
    score_share(tmp_path / "scores", judged, "short", lambda: by_length, progress, WorkerSlot())
    assert told == [(1, 2, 0), (2, 2, 0)], "what was scored before is no part of the work"


def test_a_reward_model_killed_at_25_instants_writes_the_same_bytes(tmp_path: Path) -> None:
    from filters.scorers.models import ProcessModel

    model = make_reward_model(tmp_path / "model", "trl")
    traces = [make_trace(prompt=f"{at} + 1?", reasoning="x\n" * (at % 40), answer=f"{at}.") for at in range(480)]
    judged = judged_files(tmp_path / "judged", [traces[at : at + 12] for at in range(0, 480, 12)])
    scorer = ProcessScorer(kind="process", path=str(model), dtype="float32", batch_tokens=400)
    (tmp_path / "alone").mkdir()
    start = lambda: ProcessModel(scorer, str(model))  # noqa: E731
    score_share(tmp_path / "alone", judged, "steps", start, lambda *_, **__: None, WorkerSlot())
    (tmp_path / "killed").mkdir()
    script = Path(__file__).with_name("killed_scoring.py")
    places = [str(tmp_path / "killed"), str(judged), str(model)]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    found = subprocess.run(
        [sys.executable, str(script), *places],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert int(found.stdout.splitlines()[-1]) >= 10, "too few attempts were killed to show anything"
    assert sum(1 for _ in read_rows(tmp_path / "killed")) == 480
    assert contents(tmp_path / "killed") == contents(tmp_path / "alone")


def test_a_copy_that_a_synchronized_folder_keeps_is_not_read_as_a_part(tmp_path: Path) -> None:
    judged = judged_files(tmp_path / "judged", [TRACES[:1], TRACES[1:]])
    score(tmp_path / "scores", judged)
    copy = tmp_path / "scores" / "scores-00000 (conflicted copy).parquet"
    copy.write_bytes((tmp_path / "scores" / "scores-00000.parquet").read_bytes())
    with pytest.raises(InputError, match=r"conflicted copy\)\.parquet: is none of this stage's files.*; move it away"):
        score(tmp_path / "scores", judged)
    copy.unlink()
    assert gather(tmp_path / "scores", [score(tmp_path / "scores", judged)]).traces == 3
