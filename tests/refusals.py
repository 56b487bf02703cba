"""What a user's mistake is told in: one line, of a call or of a command."""

from collections.abc import Callable
from pathlib import Path

import pytest

from records.errors import InputError


def refusal_of(call: Callable[[], object], kind: type[Exception] = InputError) -> str:
    """The one line of the error that a call ends with."""
    with pytest.raises(kind) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def command_refusal(
    capsys: pytest.CaptureFixture[str], main: Callable[[list[str]], int], *arguments: str | Path
) -> str:
    """Run a command, which must end with status 2, print nothing, and tell one line; return the line."""
    assert main([*map(str, arguments)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert line.startswith("error: ")
    return line
