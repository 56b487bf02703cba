"""Starts launchers of ranks in interpreters of their own."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from conftest import ROOT


def start(folder: Path, name: str, call: str, **named: Any) -> subprocess.Popen[bytes]:
    """Run a call in an interpreter that does not import TRL."""
    lines = """
import sys
from functools import partial
from pathlib import Path
from configs.launch import Launch
from flows.run.ranks import run_in_ranks
from rank_makers import *
"""
    script = folder / f"{name}.py"
    script.write_text(f"{lines}\nfolder = Path(sys.argv[1])\nif __name__ == '__main__': {call}\n")
    search = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    return subprocess.Popen([sys.executable, script, folder], env=os.environ | {"PYTHONPATH": search}, **named)


def pids_in(folder: Path, timeout_s: float = 300) -> list[int]:
    """Wait until both ranks have written their pids."""
    deadline = time.monotonic() + timeout_s
    while not all((folder / rank).exists() and (folder / rank).read_text() for rank in "01"):
        assert time.monotonic() < deadline, "the ranks never started"
        time.sleep(0.02)
    return [int((folder / rank).read_text()) for rank in "01"]
