"""The rows of a reward model are all written before it is trained, and what is wrong with them is told at once."""

from pathlib import Path

from reward_makers import make_reward, write_pairs

from records.preflight import Preflight
from student.data.reward_preflight import run_reward_preflight
from student.data.student_files import StudentOrigin


def preflight(model: Path, data: Path, max_length: int = 96) -> tuple[Preflight, list[tuple[int, int]]]:
    done: list[tuple[int, int]] = []
    stage = make_reward(max_length=max_length)
    found = run_reward_preflight([data], StudentOrigin(str(model)), stage, lambda *counts: done.append(counts))
    return found, done


def test_every_text_of_the_pairs_is_counted(tiny_model: Path, tmp_path: Path) -> None:
    found, done = preflight(tiny_model, write_pairs(tmp_path, problems=3))
    assert (found.rows, found.trained, found.dropped, found.refusals) == (6, 6, {}, [])
    assert done == [(12, 12)], "told at the end, of fewer than a thousand"
    assert found.lengths is not None
    assert found.supervised_tokens == 12, "one score for each text"


def test_pairs_with_a_long_text_are_left_out_and_named(tiny_model: Path, tmp_path: Path) -> None:
    data = write_pairs(tmp_path, problems=3)
    whole, _ = preflight(tiny_model, data)
    assert whole.lengths is not None
    longest = whole.lengths.longest
    fits, _ = preflight(tiny_model, data, longest)
    assert (fits.trained, fits.refusals) == (6, [])
    tight, _ = preflight(tiny_model, data, longest - 1)
    assert tight.trained < 6
    assert tight.trained + sum(one.rows for one in tight.dropped.values()) == 6
    assert len(tight.refusals) == 1
