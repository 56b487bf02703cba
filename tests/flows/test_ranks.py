"""Functions and trainings in several processes, on the CPU: what they give back, how they fail, how they end.

One file, so that the processes of all its tests are forked from one that has imported TRL.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from conftest import ROOT, exists, free_port, wait_until_gone
from rank_makers import DDP, fail_in_one, tell_pid, tell_rank
from safetensors.torch import load_file
from training_makers import answers, fit, make_training, write_dataset

from configs.launch import Launch
from flows.run.ranks import RankFailed, run_in_ranks
from records.errors import InputError
from records.hashing import sha256_of
from records.training_counts import TrainingCounts
from student.data.mixing import Part
from student.data.student_files import StudentOrigin
from student.methods.sft import train


def pids_in(folder: Path, timeout_s: float = 300) -> list[int]:
    """Wait until both ranks have written their pids."""
    deadline = time.monotonic() + timeout_s
    while not all((folder / rank).exists() and (folder / rank).read_text() for rank in "01"):
        assert time.monotonic() < deadline, "the ranks never started"
        time.sleep(0.02)
    return [int((folder / rank).read_text()) for rank in "01"]


def test_the_first_rank_answers_and_tells_of_the_progress() -> None:
    news: list[Any] = []
    found = run_in_ranks(tell_rank, DDP, 2, "tell", lambda *done, note: news.append((*done, note)))
    assert found == ("0", "2", "0")
    assert news == [(0, 2, "at work")]


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ("mistake", InputError, r"^rows.jsonl:3: no such column$"),
        ("full", InputError, r"No space left on device.*free space"),
        ("killed", RankFailed, r"^rank 1 ended with signal SIGKILL"),
        ("bug", RankFailed, r"^rank 1: KeyError: 'bug'$"),
    ],
)
def test_a_rank_that_fails_ends_the_others(how: str, error: type[Exception], message: str) -> None:
    started = time.monotonic()
    with pytest.raises(error, match=message):
        run_in_ranks(partial(fail_in_one, how), DDP, 2, how, lambda *_, **__: None)
    assert time.monotonic() - started < 120, "rank 0 sleeps for 600 s"


def start(folder: Path, call: str) -> subprocess.Popen[bytes]:
    """Run a call in an interpreter of its own, which does not import TRL."""
    lines = "import sys; from functools import partial; from pathlib import Path; from rank_makers import *"
    (folder / "launcher.py").write_text(f"{lines}\nfolder = Path(sys.argv[1])\nif __name__ == '__main__': {call}\n")
    search = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    return subprocess.Popen([sys.executable, folder / "launcher.py", folder], env=os.environ | {"PYTHONPATH": search})


def test_ranks_end_with_a_killed_launcher(tmp_path: Path) -> None:
    wait = "run_in_ranks(partial(tell_pid, folder, wait_long), DDP, 2, 'kill', print, libraries=())"
    launcher = start(tmp_path, wait)
    ranks = pids_in(tmp_path)
    assert all(exists(pid) for pid in ranks)
    launcher.kill()
    launcher.wait()
    for pid in ranks:
        wait_until_gone(pid)


@pytest.mark.slow
def test_machines_meet_at_the_rendezvous(tmp_path: Path) -> None:
    launch = Launch(shard="ddp", nodes=2, rendezvous=f"localhost:{free_port()}")
    joins = f"tell_rank, Launch(**{launch.model_dump()}), 1, 'meet', print, hosts=False, libraries=()"
    other = start(tmp_path, f"run_in_ranks({joins})")
    assert run_in_ranks(tell_rank, launch, 1, "meet", lambda *_, **__: None)[1:] == ("2", "0")
    assert other.wait(60) == 0


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("several") / "data", answers(11))


def fit_in_two(folder: Path, model: Path, data: Path, training: Any, shard: Any = "ddp") -> TrainingCounts:
    folder.mkdir(exist_ok=True)
    function = partial(train, folder, training, StudentOrigin(str(model)), [Part(data)], device="cpu", shard=shard)
    telling = partial(tell_pid, folder, function)
    counts: TrainingCounts = run_in_ranks(telling, DDP, 2, folder.name, lambda *_, **__: None)
    return counts


def log_of(folder: Path) -> dict[str, list[Any]]:
    return pq.read_table(folder / "training" / "log.parquet").to_pydict()


def ledger_of(folder: Path) -> list[dict[str, Any]]:
    return pq.read_table(folder / "training" / "ledger.parquet").to_pylist()


def assert_same_training(one: Path, other: Path) -> None:
    """The same rows in the same steps, and all numbers alike up to the order in which float32 is added up: they were
    seen to differ by 2e-7, the gradient norm of sharded adapters by 1e-5."""
    assert ledger_of(one) == ledger_of(other)
    logs = log_of(one), log_of(other)
    for exact in ("step", "tokens", "supervised"):
        assert logs[0][exact] == logs[1][exact]
    for near in ("loss", "eval_loss", "learning_rate", "grad_norm"):
        pairs = [pair for pair in zip(logs[0][near], logs[1][near], strict=True) if pair != (None, None)]
        assert pairs
        assert all(mine == pytest.approx(theirs, rel=1e-4) for mine, theirs in pairs), near
    weights = load_file(one / "model.safetensors"), load_file(other / "model.safetensors")
    assert weights[0].keys() == weights[1].keys()
    assert max(float((weights[0][name] - weights[1][name]).abs().max()) for name in weights[0]) < 1e-4


SETTINGS = {"gradient_accumulation_steps": 2, "max_steps": -1, "num_train_epochs": 3, "save_steps": 2}
"""9 rows in batches of 2 x 2: the last batch of an epoch is filled up."""


@pytest.fixture(scope="module")
def in_two(tmp_path_factory: pytest.TempPathFactory, data: Path, tiny_model: Path) -> tuple[Path, TrainingCounts]:
    """A training in two processes."""
    folder = tmp_path_factory.mktemp("in-two") / "student"
    return folder, fit_in_two(folder, tiny_model, data, make_training(SETTINGS, held_out=2))


def test_two_processes_train_as_one(
    in_two: tuple[Path, TrainingCounts], data: Path, tiny_model: Path, tmp_path: Path
) -> None:
    folder, two = in_two
    one = fit(tmp_path / "one", tiny_model, data, make_training(SETTINGS, held_out=2))
    assert_same_training(tmp_path / "one", folder)
    assert (one.tokens, one.steps, one.parameters) == (two.tokens, two.steps, two.parameters)
    assert (one.held_out_loss, one.loss) == pytest.approx((two.held_out_loss, two.loss), rel=1e-4)


def test_killed_ranks_continue_in_any_number(
    in_two: tuple[Path, TrainingCounts], data: Path, tiny_model: Path, tmp_path: Path
) -> None:
    killed, draws = tmp_path / "killed", random.Random()
    killed.mkdir()
    training = make_training(SETTINGS, held_out=2)
    step, delay = draws.randint(0, 8), draws.uniform(0, 0.3)
    killer = threading.Thread(target=kill_ranks, args=(killed, step, delay))
    killer.start()
    with pytest.raises(RankFailed, match="SIGKILL"):
        fit_in_two(killed, tiny_model, data, training)
    killer.join()
    shutil.copytree(killed, tmp_path / "alone")

    again = fit_in_two(killed, tiny_model, data, training)
    folder, whole = in_two
    assert sha256_of(killed / "model.safetensors") == sha256_of(folder / "model.safetensors"), f"{step=} {delay=}"
    assert ledger_of(killed) == ledger_of(folder)
    assert (again.loss, again.held_out_loss, again.tokens) == (whole.loss, whole.held_out_loss, whole.tokens)
    fit(tmp_path / "alone", tiny_model, data, training)
    assert_same_training(tmp_path / "alone", folder)


def kill_ranks(folder: Path, step: int, delay_s: float) -> None:
    """Kill both ranks of a training some time after a step."""
    ranks, journal = pids_in(folder), folder / ".work" / "steps.jsonl"
    while step and not (journal.exists() and journal.read_bytes().count(b"\n") >= step):
        time.sleep(0.005)
    time.sleep(delay_s)
    for pid in ranks:
        os.kill(pid, signal.SIGKILL)


def test_weights_sharded_over_two_processes(data: Path, tiny_model: Path, tmp_path: Path) -> None:
    training = make_training(SETTINGS, held_out=2, lora={"r": 4})
    fit(tmp_path / "one", tiny_model, data, training)
    two = fit_in_two(tmp_path / "two", tiny_model, data, training, "fsdp2")
    assert_same_training(tmp_path / "one", tmp_path / "two")
    assert list(tmp_path.glob("two/.work/checkpoints/*/pytorch_model_fsdp.bin")), "accelerate's, of a sharded model"

    # Killed before the weights were written, it takes no further step.
    before = sha256_of(tmp_path / "two" / "model.safetensors")
    (tmp_path / "two" / "model.safetensors").unlink()
    assert fit_in_two(tmp_path / "two", tiny_model, data, training, "fsdp2") == two
    assert sha256_of(tmp_path / "two" / "model.safetensors") == before
