"""Every trace keeps one row of logprobs for each of its tokens, or none: cut, continued, reused, killed or resumed."""

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from logprob_makers import same
from sampled_logprob_makers import WITH, key_of, logprobs_in
from sampling_makers import Counting, contents, draw, kill_once_begun, make_job, traces_in, write_problems

from configs.sampling import TeacherSampling
from configs.teachers import FakeTeacher
from records.errors import InputError
from records.logprobs import TokenLogprobs
from records.requests import Completion
from records.rows import Trace
from teacher.engines.fake import fake_logprobs
from teacher.sampling.journal import Journal, scan

SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, "tests")
from sampling_makers import draw, make_job
from configs.sampling import TeacherSampling
asked = TeacherSampling(n=3, max_tokens=50, shard_size=40, logprobs=4)
draw(Path(sys.argv[1]), make_job(Path(sys.argv[2]), asked))
"""


def drawn_anew(trace: Trace, k: int) -> TokenLogprobs:
    """What the fake gives for a trace's words."""
    whole = f"{trace.reasoning}\n</think>\n\n{trace.answer}" if trace.closed else trace.reasoning
    return replace(fake_logprobs(whole.split(" "), k, trace.seed), vocabulary="fake")


def test_every_trace_has_its_own(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 50)
    counts = draw(tmp_path / "out", make_job(problems, WITH))
    traces, found = traces_in(tmp_path / "out"), logprobs_in(tmp_path / "out")
    assert [key_of(trace) for trace in traces] == list(found), "in the order of the traces"
    assert {trace.finish_reason for trace in traces} == {"stop", "length"}
    for trace in traces:
        assert len(found[key_of(trace)] or "") == trace.completion_tokens
        assert same(found[key_of(trace)], drawn_anew(trace, 4))
    assert counts.logprobs
    assert counts.logprobs.tokens == sum(trace.completion_tokens for trace in traces)
    assert counts.logprobs.bytes == sum(file.stat().st_size for file in (tmp_path / "out" / "logprobs").iterdir())
    assert counts.logprobs.traces_without == 0


def test_they_change_no_trace(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 20)
    counts = draw(tmp_path / "without", make_job(problems, WITH.model_copy(update={"logprobs": None})))
    draw(tmp_path / "with", make_job(problems, WITH))
    assert traces_in(tmp_path / "without") == traces_in(tmp_path / "with")
    assert counts.logprobs is None
    assert not (tmp_path / "without" / "logprobs").exists()


def test_killed_at_any_instant_they_are_the_same(tmp_path: Path) -> None:
    problems, killed = write_problems(tmp_path / "problems", 300), tmp_path / "killed"
    draw(tmp_path / "whole", make_job(problems, WITH))
    killed.mkdir()
    command = [sys.executable, "-c", SCRIPT, str(killed), str(problems)]
    instants = random.Random(0)
    assert sum(kill_once_begun(command, killed, "*.jsonl", instants.uniform(0, 0.1)) for _ in range(6)) >= 3
    subprocess.run(command, cwd=ROOT, check=True)
    assert contents(killed) == contents(tmp_path / "whole")


def test_a_line_torn_within_the_logprobs_is_no_trace(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 1)
    with pytest.raises(InterruptedError):
        draw(tmp_path / "out", make_job(problems, WITH), Interrupted())
    (file,) = (tmp_path / "out").glob("*.jsonl")
    whole = file.read_bytes()
    entries, end = scan(file)
    (key,), (entry,) = entries, entries.values()
    assert entry.logprobs_offset + entry.logprobs_length + 1 == end
    for cut in (entry.logprobs_offset - 1, entry.logprobs_offset, entry.logprobs_offset + 9, end - 1):
        file.write_bytes(whole[:cut])
        assert scan(file)[0] == {}
    file.write_bytes(whole)
    journal = Journal(file, whole.split(b'"')[3].decode())
    assert journal.entries == entries
    assert len(journal.logprobs(entry) or "") == journal.drawn(entry).completion_tokens == entry.logprob_tokens
    journal.judge(key, True, [])
    assert scan(file)[0][key].logprobs_length == entry.logprobs_length
    journal.close()


class Interrupted(Counting):
    """Ends the run after the first completion is in the journal."""

    calls = 0

    def __init__(self) -> None:
        super().__init__(FakeTeacher(kind="fake", in_flight=1))

    def finished(self) -> list[Completion]:
        self.calls += 1
        if self.calls > 1:
            raise InterruptedError
        return super().finished()


# Reuse


@pytest.mark.parametrize(("earlier", "k"), [(4, 4), (4, 2), (4, None)])
def test_traces_with_enough_of_them_are_reused(tmp_path: Path, earlier: int, k: int | None) -> None:
    problems, run = write_problems(tmp_path / "problems", 30), tmp_path / "run"
    draw(run / "sample-a", make_job(problems, WITH.model_copy(update={"logprobs": earlier})))
    sampler = Counting()
    counts = draw(run / "sample-b", make_job(problems, asking(k), reuse_from=(run,)), sampler)
    assert (len(sampler.requests), counts.taken_over) == (0, 90)
    assert traces_in(run / "sample-a") == traces_in(run / "sample-b")
    if k:
        before, now = logprobs_in(run / "sample-a"), logprobs_in(run / "sample-b")
        assert all(same(one and one.first(k), now[key]) for key, one in before.items())
        assert counts.logprobs
        assert counts.logprobs.tokens > 0


@pytest.mark.parametrize(("earlier", "k"), [(None, 1), (3, 4)])
def test_traces_with_too_few_are_drawn_anew(tmp_path: Path, earlier: int | None, k: int) -> None:
    problems, run = write_problems(tmp_path / "problems", 10), tmp_path / "run"
    draw(run / "sample-a", make_job(problems, asking(earlier)))
    sampler = Counting()
    draw(run / "sample-b", make_job(problems, asking(k), reuse_from=(run,)), sampler)
    assert len(sampler.requests) == 30
    assert traces_in(run / "sample-a") == traces_in(run / "sample-b")


def asking(k: int | None) -> TeacherSampling:
    return WITH.model_copy(update={"logprobs": k})


def test_an_interrupted_run_gives_them_too(tmp_path: Path) -> None:
    problems, run = write_problems(tmp_path / "problems", 1), tmp_path / "run"
    with pytest.raises(InterruptedError):
        draw(run / "sample-a", make_job(problems, WITH), Interrupted())
    sampler = Counting()
    draw(run / "sample-b", make_job(problems, asking(2), reuse_from=(run,)), sampler)
    draw(tmp_path / "alone", make_job(problems, asking(2)))
    assert len(sampler.requests) == 2
    found, whole = logprobs_in(run / "sample-b"), logprobs_in(tmp_path / "alone")
    assert all(same(found[key], one) for key, one in whole.items())


def test_a_run_that_asks_for_others_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 3)
    draw(tmp_path / "out", make_job(problems, WITH))
    with pytest.raises(InputError, match="holds traces of another run"):
        draw(tmp_path / "out", make_job(problems, asking(5)))


def test_failed_requests_are_tried_again_beside_those_that_did_not(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 20)
    draw(tmp_path / "whole", make_job(problems, WITH))
    first = draw(tmp_path / "out", make_job(problems, WITH), Counting(FakeTeacher(kind="fake", failures=0.3)))
    assert first.failed
    assert first.logprobs
    assert first.logprobs.traces_without == 0, "a failed request has no tokens"
    draw(tmp_path / "out", make_job(problems, WITH))
    found, whole = logprobs_in(tmp_path / "out"), logprobs_in(tmp_path / "whole")
    assert list(found) == list(whole)
    assert all(same(found[key], one) for key, one in whole.items())
