"""Logprobs that do not fit their trace are left out, and those of other traces refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from logprob_makers import make_logprobs
from sampled_logprob_makers import WITH, logprobs_in
from sampling_makers import Counting, draw, make_job, write_problems

from records.errors import InputError
from records.logprob_files import OF_TRACES, logprobs_beside, read_logprobs, write_with_logprobs
from records.requests import Completion
from teacher.sampling.stored_logprobs import traces_with_logprobs


class Misaligned(Counting):
    """Changes the logprobs of every third completion."""

    def __init__(self, change: Any) -> None:
        super().__init__()
        self.change = change

    def draw(self, request: Any) -> Completion:
        completion = super().draw(request)
        return replace(completion, logprobs=self.change(completion)) if request.sample_index == 1 else completion


@pytest.mark.parametrize(
    "change",
    [
        lambda completion: make_logprobs(completion.completion_tokens + 1, 4),
        lambda completion: make_logprobs(completion.completion_tokens - 1, 4),
        lambda completion: make_logprobs(completion.completion_tokens, 3),
        lambda completion: None,
    ],
    ids=["one more", "one less", "too few each", "none"],
)
def test_a_trace_whose_rows_do_not_fit_keeps_none(
    tmp_path: Path, change: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    problems = write_problems(tmp_path / "problems", 10)
    counts = draw(tmp_path / "out", make_job(problems, WITH), Misaligned(change))
    found = logprobs_in(tmp_path / "out")
    assert {index for (_, _, index), one in found.items() if one is None} == {1}
    assert sum(one is None for one in found.values()) == 10
    assert counts.logprobs
    assert counts.logprobs.traces_without == 10
    assert "10 traces keep no logprobs" in capsys.readouterr().out


def test_more_than_asked_for_are_cut(tmp_path: Path) -> None:
    problems = write_problems(tmp_path / "problems", 3)
    draw(tmp_path / "out", make_job(problems, WITH), Misaligned(lambda one: make_logprobs(one.completion_tokens, 9)))
    assert {one and one.k for one in logprobs_in(tmp_path / "out").values()} == {4}


@pytest.mark.parametrize("kept", [slice(1, None), slice(0, -1)])
def test_logprobs_of_other_traces_are_refused(tmp_path: Path, kept: slice) -> None:
    draw(tmp_path / "out", make_job(write_problems(tmp_path / "problems", 3), WITH))
    (file,) = (tmp_path / "out").glob("*.parquet")
    rows = list(read_logprobs(logprobs_beside(file)))
    others = [rows[0], *rows][kept] if kept.start else rows[kept]
    keyed = (({"problem_id": key[0], "attempt": key[1], "sample_index": key[2] + 1}, one) for key, one in others)
    write_with_logprobs(logprobs_beside(file), keyed, OF_TRACES)
    with pytest.raises(InputError, match="belongs to other traces than"):
        list(traces_with_logprobs(file))
