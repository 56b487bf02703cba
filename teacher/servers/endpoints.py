"""Which of several servers a request goes to: the least loaded one not set aside. Times are monotonic seconds."""

from collections.abc import Iterable
from dataclasses import dataclass

FAILURES_TO_SET_ASIDE = 5
"""Failures in a row, none of them a single request's own."""
FIRST_PROBE_S = 1.0
GROWTH = 0.1
"""Of the load, for as many completions as make up the load: a halved one is back after seven such rounds."""


@dataclass(slots=True, eq=False)
class Endpoint:
    """One server's state. Changed by `Endpoints`; its load by the fleet."""

    url: str
    limit: float
    """Requests at a time that it takes: `max_in_flight`, lower after a 429."""
    in_flight: int = 0
    sent: int = 0
    served: int = 0
    failures: int = 0
    """In a row."""
    aside: bool = False
    on_trial: bool = False
    """Back after a probe, and to show with one request that it serves."""
    trial: object = None
    """That request."""
    probe_s: float = FIRST_PROBE_S
    """Wait before the next probe."""
    paused_until: float = 0.0
    """As its last `Retry-After` said."""
    slowed_at: float = 0.0
    trouble: str = ""
    """Its last failure."""
    models: tuple[str, ...] = ()
    """What it says it serves."""

    def has_room(self, now: float) -> bool:
        if self.aside or now < self.paused_until:
            return False
        return self.trial is None if self.on_trial else self.in_flight < int(self.limit)


class Endpoints:
    """All servers of a fleet."""

    def __init__(self, urls: Iterable[str], max_in_flight: int, longest_probe_s: float) -> None:
        self.all = [Endpoint(url.rstrip("/"), max_in_flight) for url in urls]
        self.max_in_flight, self.longest_probe_s = max_in_flight, longest_probe_s
        self.times_aside = 0

    def choose(self, now: float) -> Endpoint | None:
        """The least loaded one with room; of equally loaded ones that which got the fewest requests."""
        free = [endpoint for endpoint in self.all if endpoint.has_room(now)]
        return min(free, key=lambda endpoint: (endpoint.in_flight, endpoint.sent), default=None)

    def next_opening(self, now: float) -> float | None:
        """When the first pause ends, if one lasts."""
        return min((endpoint.paused_until for endpoint in self.all if endpoint.paused_until > now), default=None)

    def served(self, endpoint: Endpoint) -> None:
        endpoint.served += 1
        endpoint.failures, endpoint.aside, endpoint.on_trial, endpoint.probe_s = 0, False, False, FIRST_PROBE_S
        endpoint.limit = min(self.max_in_flight, endpoint.limit + GROWTH)

    def failed(self, endpoint: Endpoint, why: str) -> bool:
        """Count a failure; True if it now is to be set aside and probed."""
        endpoint.failures += 1
        endpoint.trouble = why
        enough = endpoint.on_trial or endpoint.failures >= FAILURES_TO_SET_ASIDE
        if endpoint.aside or not enough:
            return False
        endpoint.aside, endpoint.on_trial = True, False
        self.times_aside += 1
        return True

    def slowed(self, endpoint: Endpoint, sent_at: float, now: float, pause_s: float) -> None:
        """A server asks for less: half the load, once for all requests that were under way together, and a pause."""
        if sent_at >= endpoint.slowed_at:
            endpoint.slowed_at = now
            endpoint.limit = max(1.0, endpoint.limit / 2)
        endpoint.paused_until = max(endpoint.paused_until, now + pause_s)

    def next_probe_s(self, endpoint: Endpoint) -> float:
        """The wait before its next probe in seconds; every one is twice the last."""
        wait = endpoint.probe_s
        endpoint.probe_s = min(2 * wait, self.longest_probe_s)
        return wait

    def answered(self, endpoint: Endpoint) -> None:
        """A probe was answered."""
        endpoint.aside, endpoint.on_trial = False, True

    def passed(self, endpoint: Endpoint, trial: object) -> bool:
        """Whether a trial still lasts, which is long enough: what is broken fails at once, and a completion may take
        an hour."""
        if not endpoint.on_trial or endpoint.trial is not trial:
            return False
        endpoint.on_trial, endpoint.trial = False, None
        return True

    def none_left(self) -> bool:
        return all(endpoint.aside or endpoint.on_trial for endpoint in self.all)
