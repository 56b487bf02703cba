"""Advice for errors of the operating system or the network."""

import errno
import os
import traceback

from records.errors import InputError

FULL = "free space, then run the same command again"
FORBIDDEN = "correct the permissions, then run the same command again"
NO_SUCH_PATH = "give a shorter name, or one without links that lead to themselves, then run the same command again"
UNREACHABLE = "check the network and the address, then run the same command again"
REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), FULL),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), FORBIDDEN),
    **dict.fromkeys(
        (errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT), UNREACHABLE
    ),
    **dict.fromkeys((errno.ENAMETOOLONG, errno.ELOOP), NO_SUCH_PATH),
    errno.ENOENT: "correct its path, or make it again by running the same command",
    errno.EMFILE: "raise the limit of open files (ulimit -n), then run the same command again",
}


def outcome_of(error: Exception) -> tuple[str, str]:
    """Return how a process tells of an error: ("input", the line for the user), or ("error", its type and text), and
    then its traceback goes to the process's log."""
    if isinstance(error, InputError):
        return "input", str(error)
    traceback.print_exception(error)
    advice = remedy(error)
    return ("input", f"{error}: {advice}") if advice else ("error", f"{type(error).__name__}: {error}")


def remedy(error: BaseException) -> str | None:
    """Return the advice for an error whose cause lies outside Retort; None for anything else, which is a bug.

    Libraries that write files in Rust (safetensors) raise their own errors for a full disk, and only their text says
    so. The Hugging Face hub wraps the original error, so causes are checked as well.
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in REMEDIES:
            return REMEDIES[seen.errno]
        if os.strerror(errno.ENOSPC) in str(seen):
            return FULL
        if isinstance(seen, ConnectionError | TimeoutError) or type(seen).__name__ in HUB_ERRORS:
            return UNREACHABLE
        seen = seen.__cause__ or seen.__context__
    return None


HUB_ERRORS = {"OfflineModeIsEnabled", "LocalEntryNotFoundError", "HfHubHTTPError", "ConnectError", "ConnectTimeout"}
"""Names of errors of huggingface_hub and httpx; by name, so that these libraries need not be imported."""
