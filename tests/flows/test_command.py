"""`retort` lists its subcommands and explains a wrong one."""

import pytest

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
        "join, fake-server\n"
    )


def test_arguments_reach_the_module(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["distill", "configs/none.yaml"]) == 2
    assert "no such config" in capsys.readouterr().err
