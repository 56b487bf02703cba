"""Sampling that keeps logprobs, and what it kept."""

from pathlib import Path

from configs.sampling import TeacherSampling
from records.logprob_files import read_logprobs
from records.logprobs import TokenLogprobs
from records.requests import Key
from records.rows import Trace

WITH = TeacherSampling(n=3, max_tokens=50, shard_size=40, logprobs=4)


def logprobs_in(folder: Path) -> dict[Key, TokenLogprobs | None]:
    return dict(read_logprobs(folder / "logprobs"))


def key_of(trace: Trace) -> Key:
    return trace.problem_id, trace.attempt, trace.sample_index
