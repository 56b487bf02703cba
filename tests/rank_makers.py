"""What tests run in ranks. The ranks import it by name, so it imports nothing heavy."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from configs.launch import Launch
from records.errors import InputError

DDP = Launch(shard="ddp", processes=2)


def ignore(*_: Any, **__: Any) -> None:
    """Take no notice of progress."""


def tell_rank(progress: Any) -> tuple[str, ...]:
    progress(int(os.environ["RANK"]), 2, note="at work")
    return os.environ["RANK"], os.environ["WORLD_SIZE"], os.environ["LOCAL_RANK"]


def fail_in_one(how: str, progress: Any) -> None:
    if os.environ["RANK"] == "0":
        time.sleep(600)
    if how == "mistake":
        raise InputError("rows.jsonl:3: no such column")
    if how == "full":
        Path("/dev/full").write_text("x" * 100_000)
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    raise KeyError("bug")


def tell_pid(folder: Path, function: Any, progress: Any) -> Any:
    (folder / os.environ["RANK"]).write_text(str(os.getpid()))
    return function(progress=progress)


def exchange(folder: Path, progress: Any) -> None:
    """Tell the pid, and add up numbers with the other ranks for ever."""
    import torch
    import torch.distributed as dist

    dist.init_process_group("gloo")
    (folder / os.environ["RANK"]).write_text(str(os.getpid()))
    while True:
        dist.all_reduce(torch.ones(1))
        time.sleep(0.05)


def wait_long(progress: Any) -> None:
    time.sleep(600)


def outlast_a_heartbeat(progress: Any) -> None:
    """Return after torch's launcher would have told for the second time that it is there."""
    time.sleep(12)


def killed_in_its_sleep(progress: Any) -> str:
    """Return, and let one rank be killed while the launcher wakes it because all have returned: it is stopped before,
    so that the launcher waits for it."""
    if os.environ["RANK"] == "1":
        subprocess.Popen(["bash", "-c", f"sleep 0.5; kill -STOP {os.getpid()}; sleep 3; kill -9 {os.getpid()}"])
    else:
        time.sleep(1.5)
    return "done"


def tell_error(folder: Path, function: Any, progress: Any) -> Any:
    """Write down how the rank failed, and give the other one time to do so before the launcher ends it."""
    try:
        return function(progress=progress)
    except Exception as error:
        (folder / f"{os.environ['RANK']}.error").write_text(f"{type(error).__name__}: {error}")
        deadline = time.monotonic() + 60
        while len(list(folder.glob("*.error"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        raise
