"""How long to wait before asking again."""

import math
import random
import time
from email.utils import parsedate_to_datetime

LONGEST_RETRY_AFTER_S = 3600.0
"""A server that asks for a longer pause is asked again after this one."""


def full_jitter(failures: int, first_s: float, longest_s: float) -> float:
    """A random wait in seconds below a bound that doubles with every failure from the first (`failures=1`) on.

    "Full jitter" of https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter: of the variants compared
    there it needs the fewest calls until all are served.
    """
    return random.uniform(0, min(longest_s, first_s * 2 ** min(failures - 1, 62)))


def retry_after_s(value: str | None) -> float | None:
    """Seconds that a `Retry-After` header asks for: a number of them or a date (RFC 9110, 10.2.3); None for neither."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return None if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_RETRY_AFTER_S)
