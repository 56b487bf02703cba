"""`retort` lists its subcommands and explains a wrong one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from flows.__main__ import COMMANDS, main


def test_help_lists_the_commands_with_what_they_do(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["--help"], ["-h"], []):
        assert main(argv) == 0
        lines = capsys.readouterr().out.splitlines()
        assert all(any(line.strip().startswith(name) for line in lines) for name in COMMANDS)
        assert "  distill      Distil a teacher into a student, from problems to a published checkpoint." in "\n".join(
            lines
        )


def test_an_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["distil", "configs/demo/tiny.yaml"]) == 2
    assert capsys.readouterr().err == "error: no command 'distil'; did you mean distill?\n"
    assert main(["xyz"]) == 2
    assert (
        capsys.readouterr().err
        == "error: no command 'xyz'; there are distill, evaluate, judge, score, compare, curves, lm-eval, preflight, "
        "join, settings, fake-server\n"
    )


def test_arguments_reach_the_module(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["distill", "configs/none.yaml"]) == 2
    assert "no such config" in capsys.readouterr().err


def test_a_path_that_cannot_be_is_one_short_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "long.yaml"
    config.write_text((ROOT / "configs" / "demo" / "fake.yaml").read_text())
    for long in ("x" * 5000, f"{tmp_path}/{'x' * 300}"):
        assert main(["distill", str(config), f"run_dir={long}", "--dry-run"]) == 2
        told = capsys.readouterr().err
        assert "File name too long" in told
        assert told.endswith(
            "give a shorter name, or one without links that lead to themselves, then run the same command again\n"
        )
        assert len(told) < 1500


def test_a_dry_run_has_nothing_to_warn_of(tmp_path: Path) -> None:
    """Libraries that read a config's settings warned of this machine's processor."""
    words = [
        sys.executable,
        "-m",
        "flows",
        "distill",
        "configs/demo/fake.yaml",
        "--dry-run",
        f"run_dir={tmp_path / 'run'}",
    ]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


NOBODY = 65534


def as_another_user(argv: list[str]) -> tuple[int, str]:
    """Run a command in a forked process that is not root. Return its exit status and what it says."""
    said, says = os.pipe()
    process = os.fork()
    if not process:
        os.dup2(says, 2)
        sys.stderr = os.fdopen(2, "w")
        if os.getuid() == 0:
            os.setuid(NOBODY)
        status = 99
        try:
            status = main(argv)
        finally:
            sys.stderr.flush()
            os._exit(status)
    os.close(says)
    with os.fdopen(said) as file:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), file.read()


def test_what_another_user_forbids_is_one_line(tmp_path: Path) -> None:
    import flows.compare  # noqa: F401  (the other user may not read the checkout)

    tmp_path.chmod(0o000)
    status, said = as_another_user(["compare", str(tmp_path / "run"), str(tmp_path / "run")])
    tmp_path.chmod(0o700)
    assert (status, said.count("\n")) == (2, 1)
    assert said.startswith("error: [Errno 13] Permission denied: ")
    assert said.endswith(": correct the permissions, then run the same command again\n")
