"""Continued traces and surplus ones keep their logprobs."""

from pathlib import Path

import numpy as np
from sampled_logprob_makers import key_of, logprobs_in
from sampling_makers import Counting, draw, make_job, traces_in, write_problems

from configs.sampling import SecondChance, TeacherSampling
from configs.teachers import FakeTeacher
from records.logprob_files import logprobs_beside
from records.parquet import count_rows
from teacher.sampling.shard_files import SURPLUS
from teacher.sampling.stored_logprobs import traces_with_logprobs

CUT = FakeTeacher(kind="fake", accuracy=1.0, unclosed=0, steps=30)
CONTINUED = TeacherSampling(
    accept=1,
    max_n=2,
    max_tokens=10,
    shard_size=40,
    logprobs=3,
    second_chances=[SecondChance(continue_truncated=True, max_tokens=100)],
)


def test_a_continued_trace_has_those_of_both_parts(tmp_path: Path) -> None:
    sampler = Counting(CUT)
    counts = draw(tmp_path / "out", make_job(write_problems(tmp_path / "problems", 20), CONTINUED), sampler)
    traces, found = traces_in(tmp_path / "out"), logprobs_in(tmp_path / "out")
    continued = [trace for trace in traces if trace.attempt == 1]
    assert continued
    for trace in continued:
        whole, begun = found[key_of(trace)], found[trace.problem_id, 0, trace.sample_index]
        assert whole
        assert begun
        assert len(whole) == trace.completion_tokens > len(begun)
        assert np.array_equal(whole.token_ids[: len(begun)], begun.token_ids)
        assert np.array_equal(whole.top_logprobs[: len(begun)], begun.top_logprobs)
    prefixes = {request.key: request.prefix_ids for request in sampler.requests if request.attempt}
    for trace in continued:
        begun = found[trace.problem_id, 0, trace.sample_index]
        assert begun
        assert prefixes[key_of(trace)] == tuple(begun.token_ids.tolist()), "from the very tokens"
    assert counts.logprobs
    assert counts.logprobs.traces_without == 0


def test_a_trace_continued_from_its_tokens_is_another_than_one_from_its_text(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 5)
    draw(tmp_path / "with", make_job(problems, CONTINUED), Counting(CUT))
    draw(tmp_path / "without", make_job(problems, CONTINUED.model_copy(update={"logprobs": None})), Counting(CUT))
    one, other = (
        {trace.attempt: trace.request_fingerprint for trace in traces_in(tmp_path / name)}
        for name in ("with", "without")
    )
    assert one[0] == other[0]
    assert one[1] != other[1]


def test_surplus_keeps_them_for_later_runs(tmp_path: Path) -> None:
    sampling = TeacherSampling(accept=1, max_n=16, max_tokens=50, shard_size=40, logprobs=2)
    teacher = FakeTeacher(kind="fake", accuracy=0.4, in_flight=64)
    problems, run = write_problems(tmp_path / "problems", 20), tmp_path / "run"
    counts = draw(run / "sample-a", make_job(problems, sampling), Counting(teacher))
    assert counts.surplus
    files = list((run / "sample-a" / SURPLUS).glob("*.parquet"))
    for file in files:
        assert count_rows(logprobs_beside(file)) == count_rows(file)
        assert all(len(found or "") == trace.completion_tokens for trace, found in traces_with_logprobs(file))
    sampler = Counting(teacher)
    more = TeacherSampling(n=16, max_tokens=50, shard_size=40, logprobs=2)
    draw(run / "sample-b", make_job(problems, more, reuse_from=(run,)), sampler)
    assert len(sampler.requests) == 20 * 16 - counts.traces - counts.surplus
