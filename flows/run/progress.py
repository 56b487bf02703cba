"""Reports the progress of long work as a line at intervals: done, rate, time left, and the stage's own counts."""

import time
from collections.abc import Callable

Update = tuple[float | None, str]
"""The share done (None while the total is unknown) and the line to show."""


Report = Callable[..., None]
"""The type of the function that stages call to report progress: a Progress."""


class Progress:
    """Takes (done, total, **counts) from stages, and passes on at most one update every `every_s` seconds."""

    def __init__(self, emit: Callable[[Update], None], every_s: float = 5.0) -> None:
        self.emit, self.every_s = emit, every_s
        self.started: tuple[float, int] | None = None
        self.total: int | None = None
        self.last = 0.0
        self.ended = False

    def __call__(self, done: int, total: int | None, note: str = "", **counts: float) -> None:
        now = time.monotonic()
        if self.started is None or total != self.total:
            # Other work begins, such as training after rendering; the rate is that of one kind of work.
            self.started, self.total, self.ended = (now, done), total, False
        ends = done == total and not self.ended
        if not note and not ends and now - self.last < self.every_s:
            return
        self.ended = self.ended or ends
        self.last = now
        self.emit((done / total if total else None, note or self.line(now, done, total, counts)))

    def line(self, now: float, done: int, total: int | None, counts: dict[str, float]) -> str:
        began, first = self.started or (now, done)
        rate = (done - first) / (now - began) if now > began else 0.0
        parts = [f"{done:,}/{total:,} ({done / total:.0%})" if total else f"{done:,}"]
        if rate:
            parts.append(f"{rate:.1f}/s")
        if rate and total and done < total:
            parts.append(f"ETA {(total - done) / rate:.0f} s")
        parts += [
            f"{name} {value:,.4g}" if isinstance(value, float) else f"{name} {value:,}"
            for name, value in counts.items()
        ]
        return ", ".join(parts)
