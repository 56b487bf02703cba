"""What a user can do about an error of the operating system or the network."""

import errno
import os

FULL = "free space, then run the same command again"
FORBIDDEN = "correct the permissions, then run the same command again"
UNREACHABLE = "check the network and the address, then run the same command again"
REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), FULL),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), FORBIDDEN),
    **dict.fromkeys(
        (errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT), UNREACHABLE
    ),
    errno.ENOENT: "correct its path, or make it again by running the same command",
    errno.EMFILE: "raise the limit of open files (ulimit -n), then run the same command again",
}


def remedy(error: BaseException) -> str | None:
    """The advice for an error that lies outside Retort; None for anything else, which is a fault to be looked into.

    Libraries that write in Rust (safetensors) raise errors of their own for a full disk; only their text says so. The
    Hugging Face hub wraps what it met: the cause is looked at as well.
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
"""Of huggingface_hub and httpx, by name, so that they need not be imported to be recognised."""
