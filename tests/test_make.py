"""`make` detects the hardware, and switching it installs the other lock file instead of mixing the two."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT

CPU_SYNC, GPU_SYNC = "requirements/cpu.txt", "requirements/gpu.txt"


def make(folder: Path, *arguments: str, smi: str | None = None) -> str:
    """What `make` prints, with an `nvidia-smi` that runs `smi` first on the path."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    tool = tools / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{smi or 'exit 127'}\n")
    tool.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name not in ("HARDWARE", "MAKEFLAGS")}
    environment |= {"PATH": f"{tools}:{environment['PATH']}", "UV_FIND_LINKS": ""}  # asking pip takes a second
    done = subprocess.run(["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A tree with all that `make setup` depends on, and a .venv whose programs do nothing."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "uv", "retort"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    return tmp_path


def stamps(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / ".venv").glob(".*-ready"))


@pytest.mark.parametrize(
    ("smi", "hardware"),
    [
        (None, "cpu"),
        ("exit 9", "cpu"),
        ("echo 'No devices found.'", "cpu"),
        ("echo 'Unable to determine the device handle for GPU 0000:01:00.0'; exit 15", "cpu"),
        ("echo 'GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-0)'", "gpu"),
    ],
)
def test_the_hardware_is_found_out_and_said(copy: Path, smi: str | None, hardware: str) -> None:
    assert f"HARDWARE={hardware}" in make(copy, smi=smi)
    printed = make(copy, "-n", "setup", smi=smi)
    assert f"requirements/{hardware}.txt" in printed
    assert f"hardware: {hardware}" in printed


def test_hardware_given_wins(copy: Path) -> None:
    lists_a_gpu = "echo 'GPU 0: NVIDIA H100'"
    assert CPU_SYNC in make(copy, "-n", "setup", "HARDWARE=cpu", smi=lists_a_gpu)
    assert GPU_SYNC in make(copy, "-n", "setup", "HARDWARE=gpu")


def test_switching_installs_the_other_lock_and_back_again(copy: Path) -> None:
    for hardware in ("gpu", "cpu", "gpu"):
        assert "uv pip sync" in make(copy, "setup", f"HARDWARE={hardware}")
        assert stamps(copy) == [f".{hardware}-ready"]
        assert "uv pip sync" not in make(copy, "setup", f"HARDWARE={hardware}")


def test_an_installation_that_failed_leaves_no_stamp(copy: Path) -> None:
    make(copy, "setup", "HARDWARE=cpu")
    (copy / ".venv" / "bin" / "uv").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(subprocess.CalledProcessError):
        make(copy, "setup", "HARDWARE=gpu")
    assert stamps(copy) == []


def test_python_keeps_what_it_compiled(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (copy / ".venv" / "bin" / "retort").write_text('#!/bin/sh\necho "set: [$PYTHONDONTWRITEBYTECODE]"\n')
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "set: []" in make(copy, "distill", "HARDWARE=cpu")


def test_a_pair_of_ones_own(copy: Path) -> None:
    printed = make(copy, "-n", "distill", "CONFIG=my.yaml", "ARGS=sampling.seed=1", "HARDWARE=cpu")
    assert ".venv/bin/retort distill my.yaml sampling.seed=1" in printed
