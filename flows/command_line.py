"""What commands have in common: how they end, and how they write a file that the user named."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from configs.errors import ConfigError
from records.errors import InputError

INTERRUPTED = 130
"""Exit status after Ctrl-C, as of a shell: 128 and the signal's number."""


def exit_status(work: Callable[[], int]) -> int:
    """Do the work of a command that writes nothing before its end, and return the exit status: 2 and one line for a
    user's mistake, 130 after Ctrl-C."""
    try:
        return work()
    except (ConfigError, InputError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return INTERRUPTED


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Within the block the file that the user named is written. Errors: InputError if it cannot be."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error})") from error
