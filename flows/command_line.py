"""What commands have in common: how they end, and how they write a file that the user named."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from configs.errors import ConfigError
from records.errors import InputError

INTERRUPTED, TERMINATED = 130, 143
"""Exit statuses after Ctrl-C and SIGTERM, as of a shell: 128 and the signal's number."""


class Terminated(KeyboardInterrupt):
    """SIGTERM came: whatever ends the work on Ctrl-C ends it now, and takes unfinished files away."""


def exit_status(work: Callable[[], int]) -> int:
    """Do the work of a command that writes nothing before its end, and return the exit status: 2 and one line for a
    user's mistake, 130 after Ctrl-C, 143 after SIGTERM."""
    before = signal.signal(signal.SIGTERM, terminate)
    try:
        return work()
    except (ConfigError, InputError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as ended:
        print("interrupted; nothing was written", file=sys.stderr)
        return TERMINATED if isinstance(ended, Terminated) else INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)


def terminate(*_: object) -> None:
    raise Terminated


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Within the block the file that the user named is written. Errors: InputError if it cannot be."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error})") from error
