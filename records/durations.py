"""Tells a time span to people."""

from datetime import timedelta


def duration(seconds: float) -> str:
    """Return hours, minutes and seconds (`1:02:03`); below a minute, seconds with a decimal (`4.3 s`)."""
    return f"{seconds:.1f} s" if seconds < 60 else str(timedelta(seconds=round(seconds)))
