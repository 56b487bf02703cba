"""Prefect's temporary server has a password that nothing but the flow, and its cluster's workers, are given."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from flows.run.child import run_in_child
from flows.run.server_password import VARIABLES, without_password

SCRIPT = """
import os
from flows.run.orchestrated import orchestrated
from flows.run.server_password import VARIABLES
for _ in range(2):
    orchestrated(lambda: print(*(os.environ.get(name) for name in VARIABLES)))
"""


def passwords(folder: Path, **variables: str) -> list[list[str]]:
    """Return what the two variables hold in each of two flows of one process."""
    environment = without_password(os.environ) | {"HOME": str(folder), "PYTHONPATH": str(ROOT)} | variables
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return [line.split() for line in done.stdout.splitlines()]


def test_every_process_draws_one_password(tmp_path: Path) -> None:
    one, other = passwords(tmp_path, PREFECT_API_URL=""), passwords(tmp_path, PREFECT_API_AUTH_STRING="mine")
    assert one[0] == one[1]
    assert len({*one[0], *other[0]}) == 2
    assert all(len(word) == 64 for word in (*one[0], *other[0]))


def test_a_server_of_the_users_own_keeps_its_password(tmp_path: Path) -> None:
    assert passwords(tmp_path, PREFECT_API_URL="http://127.0.0.1:4200/api") == [["None", "None"]] * 2


def read_passwords(progress: Any) -> list[str | None]:
    return [os.environ.get(name) for name in VARIABLES]


def test_stages_go_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, "secret")
    assert run_in_child(read_passwords, {}, log=tmp_path / "log", update=print) == [None, None]
