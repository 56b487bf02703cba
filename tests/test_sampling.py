"""The sampling loop with the fake teacher: journal, kill -9, shards, seeds."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from conftest import ROOT, make_problem

from configs.models import FakeTeacher
from configs.schema import Sampling
from records.parquet import PROBLEM, read_traces, write_rows
from teacher.fake import FakeSampler
from teacher.sampling import read_journal, sample_traces

SAMPLING = Sampling(n=3, max_tokens=50)
KILLS = 8
SCRIPT = """
import sys
from pathlib import Path
from configs.models import FakeTeacher
from configs.schema import Sampling
from teacher.fake import FakeSampler
from teacher.sampling import sample_traces
make = lambda: FakeSampler(FakeTeacher(kind="fake", latency_s=0.002))
folder, problems = Path(sys.argv[1]), Path(sys.argv[2])
sample_traces(folder, problems, Sampling(n=3, max_tokens=50), 40, "fake", True, make, lambda *a, **k: None)
"""


def write_problems(folder: Path, count: int) -> Path:
    folder.mkdir()
    write_rows(folder / "problems.parquet", (make_problem(f"{i} + 1?", str(i + 1)) for i in range(count)), PROBLEM)
    return folder


def draw(folder: Path, problems: Path, shard_size: int = 40, starts: list[int] | None = None) -> dict[str, object]:
    folder.mkdir(exist_ok=True)

    def start() -> FakeSampler:
        if starts is not None:
            starts.append(1)
        return FakeSampler(FakeTeacher(kind="fake"))

    return sample_traces(folder, problems, SAMPLING, shard_size, "fake", True, start, lambda *a, **k: None)


def test_every_request_becomes_one_trace_in_order(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 50)
    counts = draw(tmp_path / "out", problems)
    traces = list(read_traces(tmp_path / "out"))
    assert counts["traces"] == len(traces) == 150
    assert [trace.sample_index for trace in traces[:6]] == [0, 1, 2, 0, 1, 2]
    assert len({(trace.problem_id, trace.sample_index) for trace in traces}) == 150
    assert len({trace.seed for trace in traces}) == 150
    assert len({trace.request_fingerprint for trace in traces}) == 150


def test_a_trace_does_not_depend_on_its_neighbours(tmp_path: Path) -> None:
    few, many = write_problems(tmp_path / "few", 5), write_problems(tmp_path / "many", 50)
    draw(tmp_path / "a", few, shard_size=7)
    draw(tmp_path / "b", many)
    assert list(read_traces(tmp_path / "a")) == list(read_traces(tmp_path / "b"))[:15]


def test_killed_at_any_instant_the_result_is_the_same(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 100)
    draw(tmp_path / "whole", problems)
    (tmp_path / "killed").mkdir()
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "killed"), str(problems)]
    instants = random.Random(0)
    killed = 0
    for _ in range(KILLS):
        process = subprocess.Popen(command, cwd=ROOT)
        while process.poll() is None and not list((tmp_path / "killed").glob("*.jsonl")):
            time.sleep(0.002)
        time.sleep(instants.uniform(0, 0.06))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    assert killed >= KILLS // 2
    subprocess.run(command, cwd=ROOT, check=True)
    names = sorted(file.name for file in (tmp_path / "whole").iterdir())
    assert sorted(file.name for file in (tmp_path / "killed").iterdir()) == names
    for name in names:
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_torn_last_line_is_cut_away(tmp_path: Path) -> None:
    journal = tmp_path / "traces-00000.jsonl"
    whole = '{"problem_id": "a", "sample_index": 0}\n'
    journal.write_text(whole + '{"problem_id": "a", "sam')
    assert read_journal(journal).keys() == {("a", 0)}
    assert journal.read_text() == whole


def test_finished_shards_need_no_sampler(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 20)
    starts: list[int] = []
    first = draw(tmp_path / "out", problems, starts=starts)
    second = draw(tmp_path / "out", problems, starts=starts)
    assert (len(starts), first["traces"], second["traces"]) == (1, 60, 60)


def test_a_sampler_that_is_not_batch_invariant_draws_torn_shards_whole(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 10)
    out = tmp_path / "out"
    out.mkdir()
    drawn: list[int] = []

    class Batched(FakeSampler):
        batch_invariant = False

        def sample(self, requests):  # type: ignore[no-untyped-def]
            requests = list(requests)
            drawn.append(len(requests))
            yield from super().sample(requests)

    (out / "traces-00000.jsonl").write_text(f'{{"problem_id": "{make_problem("0 + 1?").id}", "sample_index": 0}}\n')
    sample_traces(
        out, problems, SAMPLING, 30, "fake", True, lambda: Batched(FakeTeacher(kind="fake")), lambda *a, **k: None
    )
    assert drawn == [30]
    assert os.listdir(out) == ["traces-00000.parquet"]
