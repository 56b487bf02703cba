"""A sampler whose completions depend on their batch draws a torn shard anew, as a whole."""

import shutil
from pathlib import Path

from sampling_makers import Counting, contents, draw, make_job, write_problems

from configs.sampling import Sampling
from configs.teachers import FakeTeacher
from records.requests import Completion


class Batched(Counting):
    batch_invariant = False

    def __init__(self) -> None:
        super().__init__(FakeTeacher(kind="fake", in_flight=7))
        self.batches: list[int] = []

    def finished(self) -> list[Completion]:
        self.batches.append(len(self.in_flight))
        return super().finished()


def test_a_sampler_that_is_not_batch_invariant_draws_torn_shards_whole(tmp_path: Path) -> None:
    job = make_job(
        write_problems(tmp_path / "problems", 10), Sampling(n=3, max_tokens=50), shard_size=6, whole_shards=True
    )
    draw(tmp_path / "whole", job, sampler := Batched())
    assert sampler.batches == [6] * 5
    (tmp_path / "out").mkdir()
    shutil.copy(tmp_path / "whole" / "shaping.json", tmp_path / "out")
    (tmp_path / "out" / "traces-00000.jsonl").write_text("torn")
    draw(tmp_path / "out", job, sampler := Batched())
    assert sampler.batches == [6] * 5
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
