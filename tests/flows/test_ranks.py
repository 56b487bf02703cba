"""Functions and trainings in several processes, on the CPU: what they give back, how they fail, how they end.

One file, so that the processes of all its tests are forked from one that has imported TRL.
"""

import random
import shutil
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest import exists, free_port, wait_until_gone
from grpo_makers import BY_LENGTH, make_grpo, reward, write_prompts
from rank_makers import DDP, fail_in_one, ignore, killed_in_its_sleep, tell_rank
from ranked_launchers import pids_in, start
from ranked_trainings import SETTINGS, assert_same_training, fit_and_kill, fit_in_two, ledger_of
from safetensors.torch import load_file
from training_makers import answers, fit, make_training, write_dataset
from transformers import AutoModelForCausalLM

from configs.launch import Launch
from flows.run.ranks import RankFailed, run_in_ranks
from records.errors import InputError
from records.hashing import sha256_of
from records.training_counts import TrainingCounts


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
        run_in_ranks(partial(fail_in_one, how), DDP, 2, how, ignore)
    assert time.monotonic() - started < 120, "rank 0 sleeps for 600 s"


def test_a_rank_killed_after_it_returned_keeps_nobody_waiting() -> None:
    assert run_in_ranks(killed_in_its_sleep, DDP, 2, "sleep", ignore) == "done"


def test_ranks_end_with_a_killed_launcher(tmp_path: Path) -> None:
    wait = "run_in_ranks(partial(tell_pid, folder, wait_long), DDP, 2, 'kill', ignore, libraries=())"
    launcher = start(tmp_path, "launcher", wait)
    ranks = pids_in(tmp_path)
    assert all(exists(pid) for pid in ranks)
    launcher.kill()
    launcher.wait()
    for pid in ranks:
        wait_until_gone(pid)


def test_ranks_of_one_machine_listen_to_no_other_one(tmp_path: Path) -> None:
    """torch's store would, without a password, and what its launcher finds there it unpickles."""
    launcher = start(
        tmp_path, "launcher", "run_in_ranks(partial(exchange, folder), DDP, 2, 'meet', ignore, libraries=())"
    )
    try:
        pids = [launcher.pid, *pids_in(tmp_path)]
        sockets = [socket for pid in pids for socket in psutil.Process(pid).net_connections("inet")]
        listening = [socket for socket in sockets if socket.status == psutil.CONN_LISTEN]
    finally:
        launcher.kill()
        launcher.wait()
    assert len(listening) == 2, "gloo's, one of each rank"
    assert {socket.laddr.ip for socket in listening} == {"127.0.0.1"}


def test_a_full_disk_does_not_hold_up_the_launcher(tmp_path: Path) -> None:
    """As torch's file store would: a heartbeat that is torn in it is read for ever. No file may grow here."""
    no_bytecode = "sys.dont_write_bytecode = True; os.environ['PYTHONDONTWRITEBYTECODE'] = '1'; "  # it would be torn
    full = f"{no_bytecode}import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900)); "
    run = "run_in_ranks(outlast_a_heartbeat, DDP, 2, 'full', ignore, libraries=())"
    launcher = start(tmp_path, "launcher", full + run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert launcher.wait(60) == 0
    finally:
        launcher.kill()
        launcher.wait()


@pytest.mark.slow
def test_machines_meet_at_the_rendezvous(tmp_path: Path) -> None:
    launch = Launch(shard="ddp", nodes=2, rendezvous=f"localhost:{free_port()}")
    joins = f"tell_rank, Launch(**{launch.model_dump()}), 1, 'meet', ignore, hosts=False, libraries=()"
    other = start(tmp_path, "other", f"run_in_ranks({joins})")
    assert run_in_ranks(tell_rank, launch, 1, "meet", ignore)[1:] == ("2", "0")
    assert other.wait(60) == 0


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("several") / "data", answers(11))


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
    training = make_training(SETTINGS, held_out=2)
    step, delay = draws.randint(0, 6), draws.uniform(0, 0.05)  # a step takes 0.07 s on a fast machine
    fit_and_kill(killed, tiny_model, data, training, step, delay)
    shutil.copytree(killed, tmp_path / "alone")

    again = fit_in_two(killed, tiny_model, data, training)
    folder, whole = in_two
    assert sha256_of(killed / "model.safetensors") == sha256_of(folder / "model.safetensors"), f"{step=} {delay=}"
    assert ledger_of(killed) == ledger_of(folder)
    assert (again.loss, again.held_out_loss, again.tokens) == (whole.loss, whole.held_out_loss, whole.tokens)
    fit(tmp_path / "alone", tiny_model, data, training)
    assert_same_training(tmp_path / "alone", folder)


@pytest.mark.parametrize("lora", [None, {"r": 4}], ids=["full", "lora"])
def test_weights_sharded_over_two_processes(
    lora: dict[str, Any] | None, data: Path, tiny_model: Path, tmp_path: Path
) -> None:
    training = make_training(SETTINGS, held_out=2, lora=lora)
    fit(tmp_path / "one", tiny_model, data, training)
    two = fit_in_two(tmp_path / "two", tiny_model, data, training, "fsdp2")
    assert_same_training(tmp_path / "one", tmp_path / "two")
    assert list(tmp_path.glob("two/.work/checkpoints/*/pytorch_model_fsdp.bin")), "accelerate's, of a sharded model"

    # What the trainer gathered has every weight in its own shape and type.
    gathered, weights = tmp_path / "two" / ".work" / "weights", "adapter_model.safetensors"
    if lora is None:
        assert shapes(tied(gathered)) == shapes(tied(tmp_path / "one"))
    else:
        assert shapes(load_file(gathered / weights)) == shapes(load_file(tmp_path / "one" / "adapter" / weights))

    # Killed before the weights were written, it takes no further step.
    before = sha256_of(tmp_path / "two" / "model.safetensors")
    (tmp_path / "two" / "model.safetensors").unlink()
    assert fit_in_two(tmp_path / "two", tiny_model, data, training, "fsdp2") == two
    assert sha256_of(tmp_path / "two" / "model.safetensors") == before

    # Killed in its midst, it ends as the unbroken one, to the last bit.
    killed, draws = tmp_path / "killed", random.Random()
    step, delay = draws.randint(2, 6), draws.uniform(0, 0.05)
    fit_and_kill(killed, tiny_model, data, training, step, delay, "fsdp2")
    again = fit_in_two(killed, tiny_model, data, training, "fsdp2")
    assert sha256_of(killed / "model.safetensors") == before, f"{step=} {delay=}"
    assert ledger_of(killed) == ledger_of(tmp_path / "two")
    assert (again.loss, again.held_out_loss, again.tokens) == (two.loss, two.held_out_loss, two.tokens)


def tied(folder: Path) -> dict[str, Any]:
    """Load a model, and return its weights: gathered from several processes, a tied one stands there twice."""
    return dict(AutoModelForCausalLM.from_pretrained(folder).state_dict())


def shapes(weights: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {name: (tensor.dtype, tensor.shape) for name, tensor in weights.items()}


def test_two_ranks_answer_the_prompts_of_one_process(tiny_model: Path, tmp_path: Path) -> None:
    prompts = write_prompts(tmp_path / "prompts", 8)
    config = make_grpo({"gradient_accumulation_steps": 2, "max_steps": 3, "eval_steps": 3}, held_out=3)
    reward(tmp_path / "one", tiny_model, prompts, config)
    call = partial(reward, tmp_path / "two", tiny_model, prompts, config, judging=BY_LENGTH, device="cpu", shard="ddp")
    two: TrainingCounts = run_in_ranks(call, DDP, 2, "grpo", ignore)
    assert (two.steps, two.held_out_rows) == (3, 3)
    one, both = (ledger_of(tmp_path / name) for name in ("one", "two"))

    def asked(entries: list[dict[str, Any]]) -> list[tuple[int, str]]:
        return sorted((entry["step"], entry["problem_id"]) for entry in entries)

    assert asked(one) == asked(both)
    assert {entry["reward"] for entry in both} >= {0.0, 1.0}
    again = run_in_ranks(call, DDP, 2, "grpo-again", ignore)
    assert again == two
