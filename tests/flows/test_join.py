"""Several machines train together: `retort join` takes part, refuses what is unequal, and ends with the others."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from command import artifact
from command_server import CommandServer
from conftest import ROOT, free_port
from ranked_launchers import pids_in, start

from configs.load import load_config
from flows import join
from flows.distill import plan_distillation
from flows.run.meeting import FILE, Meeting, Terms, check_terms, meeting_in
from records.errors import InputError
from records.files import write_json
from records.hashing import sha256_of

CONFIG = str(ROOT / "configs" / "demo" / "fake.yaml")


def settings(run_dir: Path, port: int, *more: str) -> list[str]:
    launch = ["launch.device=cpu", "launch.shard=ddp", "launch.nodes=2", f"launch.rendezvous=127.0.0.1:{port}"]
    return [f"run_dir={run_dir}", *launch, *more]


def terms(run_dir: Path, port: int, *more: str) -> Terms:
    """What the machine that trains announces."""
    return plan_distillation(load_config(CONFIG, settings(run_dir, port, *more))).student.terms


@contextmanager
def waiting(run_dir: Path, port: int, announced: Terms) -> Iterator[None]:
    """A training that waits at an address."""
    run_dir.mkdir(exist_ok=True)
    write_json(run_dir / FILE, Meeting("1", announced))
    with socket.create_server(("127.0.0.1", port)):
        yield


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("training.settings.save_steps=3", "training.settings.save_steps: 3 here, but 2 on the machine that trains"),
        ("training.settings.learning_rate=1.0", "training.settings.learning_rate: 1.0 here, but 0.003 on the machine"),
        ("sampling.seed=9", "stage: train-sft-"),
        ("launch.shard=fsdp2", "launch.shard: fsdp2 here, but ddp on the machine that trains; give both"),
        ("launch.rendezvous=127.0.0.1:9", "launch.rendezvous: 127.0.0.1:9 here, but 127.0.0.1:"),
        ("launch.nodes=3", "launch.nodes: 3 here, but 2 on the machine that trains"),
    ],
)
def test_unequal_configs_are_refused(
    setting: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    with waiting(tmp_path, port, terms(tmp_path, port)):
        assert join.main([CONFIG, *settings(tmp_path, port), setting]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {message}")
    assert error.count("\n") == 1


def test_unequal_installations_are_refused(tmp_path: Path) -> None:
    own = terms(tmp_path, 1)
    check_terms(own, replace(own))
    with pytest.raises(InputError, match=r"^packages\.torch: .* here, but 1\.0 on the machine .*; install the same"):
        check_terms(own, replace(own, packages=own.packages | {"torch": "1.0"}))
    with pytest.raises(InputError, match=r"^code: \w+ here, but older on the machine that trains; install the same"):
        check_terms(own, replace(own, code="older"))


def test_a_training_of_another_version_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / FILE).write_text('{"number": "1"}')
    assert join.main([CONFIG, *settings(tmp_path, 1)]) == 2
    assert ": another version of Retort wrote it; install the same here" in capsys.readouterr().err


def test_a_training_that_is_over_is_not_joined(tmp_path: Path) -> None:
    port = free_port()
    assert meeting_in(tmp_path) is None
    with waiting(tmp_path, port, terms(tmp_path, port)):
        assert meeting_in(tmp_path) == Meeting("1", terms(tmp_path, port))
    assert meeting_in(tmp_path) is None, "a killed machine leaves the file, and answers no more"
    own = terms(tmp_path, port)
    for address in (None, "", "nowhere", "localhost:x", "localhost:99999", "x" * 300 + ":1", ["a"]):
        forged = replace(own, launch=own.launch | {"rendezvous": address})
        write_json(tmp_path / FILE, Meeting("1", forged))
        assert meeting_in(tmp_path) is None, address
    write_json(tmp_path / FILE, Meeting("1", replace(own, launch={})))
    assert meeting_in(tmp_path) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["configs/none.yaml"], "tiny.yaml"),
        ([CONFIG], "launch.nodes: set it to the number of machines"),
        ([CONFIG, "launch.shard=ddp", "launch.nodes=2"], "several machines need launch.rendezvous"),
        ([CONFIG, "launch.shard=ddp", "launch.nodes=2", "launch.rendezvous=node0"], "launch.rendezvous"),
    ],
)
def test_mistakes(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert join.main(arguments) == 2
    assert message in capsys.readouterr().err


def test_another_run_directory_is_told(tmp_path: Path) -> None:
    now = time.monotonic()
    join.check_heard(0.0, tmp_path, "node0:29500")
    join.check_heard(now, tmp_path, "node0:29500")
    line = f"^node0:29500 answers, but no training waits in {tmp_path}: run_dir must be the same folder on all machines"
    with pytest.raises(InputError, match=line):
        join.check_heard(now - join.HIDDEN_S - 1, tmp_path, "node0:29500")


@pytest.mark.parametrize("killed", ["host", "other"])
def test_a_machine_that_ends_ends_the_other_in_one_line(killed: str, tmp_path: Path) -> None:
    launch = f"Launch(shard='ddp', nodes=2, rendezvous='127.0.0.1:{free_port()}')"
    call = "run_in_ranks(partial(exchange, folder), {}, 1, 'meet', ignore, hosts={}, libraries=())"
    machines = {
        name: start(tmp_path, name, call.format(launch, name == "host"), stderr=subprocess.PIPE)
        for name in ("host", "other")
    }
    pids = pids_in(tmp_path)
    machines[killed].kill()
    (left,) = (machine for name, machine in machines.items() if name != killed)
    error = left.communicate(timeout=120)[1].decode()
    assert "InputError: launch.nodes: the training ended on another machine" in error.splitlines()[-1], error
    machines[killed].communicate()
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_two_machines_train_what_one_does(tmp_path: Path, commands: CommandServer) -> None:
    port, together = free_port(), tmp_path / "together"
    alone = tmp_path / "alone"
    two = ["launch.device=cpu", "launch.shard=ddp", "launch.processes=2"]
    done = commands.run("distill", CONFIG, f"run_dir={alone}", *two)
    assert done.returncode == 0, done.stdout + done.stderr
    shutil.copytree(alone, together, symlinks=True)
    for stage in ("train-sft", "publish", "report"):
        shutil.rmtree(artifact(together, stage))

    command = [sys.executable, "-m", "flows", "join", CONFIG, *settings(together, port)]
    joining = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    done = commands.run("distill", CONFIG, *settings(together, port))
    output = joining.communicate(timeout=60)[0]
    assert done.returncode == 0, done.stdout + done.stderr + output
    assert joining.returncode == 0, output
    assert "train-sft: training with the others" in output
    assert "6/6 (100%)" in output
    assert not (together / FILE).exists()

    made, wanted = artifact(together, "train-sft"), artifact(alone, "train-sft")
    for file in ("model.safetensors", "training/ledger.parquet"):
        assert sha256_of(made / file) == sha256_of(wanted / file)
