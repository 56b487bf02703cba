"""The time of sampling, and what of it engines took to start, over all attempts."""

import time
from pathlib import Path

import pytest
from sampling_makers import Dying, draw, make_job, write_problems

from configs.teachers import FakeTeacher
from records.counts import EngineCounts
from teacher.sampling.stopwatch import Stopwatch, seconds_in


def test_the_stopwatch_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    watch = Stopwatch(tmp_path / ".clock-0", seconds_in(tmp_path))
    time.sleep(0.02)
    watch.keep()
    again = Stopwatch(tmp_path / ".clock-1", seconds_in(tmp_path))
    assert 0.02 <= watch.before + 0.02 <= again.seconds() < 1


@pytest.mark.parametrize(("content", "seconds"), [(b"", 0.0), (b"\xff\xfe", 0.0), (b"nan", 0.0), (b"41.250", 41.25)])
def test_a_clock_that_the_loss_of_a_machine_emptied_counts_nothing(
    tmp_path: Path, content: bytes, seconds: float
) -> None:
    (tmp_path / ".clock-0").write_bytes(content)
    (tmp_path / ".clock-1").write_text("0.000")
    assert seconds_in(tmp_path) == seconds


class Slow(Dying):
    """Took long to start."""

    def timings(self) -> EngineCounts:
        return EngineCounts(engine_start_s=50.0)


def test_the_starts_of_interrupted_attempts_are_counted(tmp_path: Path) -> None:
    """They are in the time of sampling, and an engine's speed leaves all of them out."""
    job, folder = make_job(write_problems(tmp_path / "problems", 50)), tmp_path / "out"
    fake = FakeTeacher(kind="fake", in_flight=10, latency_s=0.001)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            draw(folder, job, Slow(fake))
    last = Slow(fake)
    last.left = 1000
    engine = draw(folder, job, last).engine
    assert engine
    assert engine.engine_start_s == 150.0
    again = draw(folder, job, last).engine
    assert again, "nothing was left to draw, but engines had started"
    assert again.engine_start_s == 150.0
