"""The one place where what a command prints is made harmless for a terminal: names come from configs, files, models and
servers, and could hold escape sequences."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import TextIOWrapper
from typing import Any, TextIO

from records.clean import harmless


class Unread(BrokenPipeError):
    """Nobody reads any more what is printed on the descriptor of this number."""


class Harmless:
    """A stream that passes on harmless text; in everything else it is the one that it was made of. Errors: Unread."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        try:
            self.stream.write(harmless(text))
        except BrokenPipeError as error:
            raise Unread(self.stream.fileno()) from error
        return len(text)

    def flush(self) -> None:
        try:
            self.stream.flush()
        except BrokenPipeError as error:
            raise Unread(self.stream.fileno()) from error

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextmanager
def harmless_output() -> Iterator[None]:
    """Within the block standard output and standard error pass on harmless text, or nothing if they are closed. The
    block ends without an error when nobody reads one of them any more."""
    for number in range(3):
        fill(number)
    with redirect_stdout(passed_on(sys.stdout)), redirect_stderr(passed_on(sys.stderr)):
        try:
            yield
        except Unread as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), error.args[0])  # Python writes what is left when it ends


def passed_on(stream: TextIO | None) -> Any:
    if isinstance(stream, TextIOWrapper) and stream.errors == "strict":
        stream.reconfigure(errors="backslashreplace")  # Latin-1 has no minus sign, and the results are full of them
    return stream and Harmless(stream)


def fill(number: int) -> None:
    """Open the null device under a standard stream's number if that is closed: the next file that is opened would have
    it, and get what libraries print."""
    try:
        os.fstat(number)
    except OSError:
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
