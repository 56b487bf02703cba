"""The servers of a fleet: how loaded and how healthy each is, and which one gets the next request.

A server is healthy, unhealthy (it gets no requests, and is probed), or on probation: a probe was answered, and one
request, the trial, is to show whether it serves. Times are monotonic seconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass

FAILURES_UNTIL_UNHEALTHY = 5
"""Number of failures in a row, none of them caused by a single request, that make a server unhealthy."""
FIRST_PROBE_S = 1.0
GROWTH = 0.1
"""Added to the load limit for each completion; a halved limit recovers after about seven rounds."""


@dataclass(slots=True, eq=False)
class Endpoint:
    """One server's state. Changed by `Endpoints`, its load by `Fleet`, `models` and `trouble` by `Exchange`."""

    url: str
    limit: float
    """Number of requests that it takes at a time: `max_in_flight`, or fewer after a 429."""
    in_flight: int = 0
    sent: int = 0
    served: int = 0
    failures: int = 0
    """Number of failures in a row."""
    unhealthy: bool = False
    probation: bool = False
    trial: object = None
    """The request in flight that is to end the probation."""
    probe_s: float = FIRST_PROBE_S
    """The wait before the next probe."""
    paused_until: float = 0.0
    """The end of the pause that its last `Retry-After` asked for."""
    slowed_at: float = 0.0
    """Time at which its limit was last halved."""
    trouble: str = ""
    """Reason of its last failure."""
    models: tuple[str, ...] = ()
    """The models it lists."""

    def has_room(self, now: float) -> bool:
        if self.unhealthy or now < self.paused_until:
            return False
        return self.trial is None if self.probation else self.in_flight < int(self.limit)


class Endpoints:
    """All servers of a fleet."""

    def __init__(self, urls: Iterable[str], max_in_flight: int, longest_probe_s: float) -> None:
        self.all = [Endpoint(url.rstrip("/"), max_in_flight) for url in urls]
        self.max_in_flight, self.longest_probe_s = max_in_flight, longest_probe_s
        self.times_unhealthy = 0

    def choose(self, now: float) -> Endpoint | None:
        """Return the least loaded endpoint with room; among equally loaded ones, the one with the fewest requests."""
        free = [endpoint for endpoint in self.all if endpoint.has_room(now)]
        return min(free, key=lambda endpoint: (endpoint.in_flight, endpoint.sent), default=None)

    def next_opening(self, now: float) -> float | None:
        """Return the time at which the first pause ends; None if no endpoint pauses."""
        return min((endpoint.paused_until for endpoint in self.all if endpoint.paused_until > now), default=None)

    def succeeded(self, endpoint: Endpoint) -> None:
        """Count a completion, which makes the endpoint healthy."""
        endpoint.served += 1
        endpoint.failures, endpoint.unhealthy, endpoint.probation = 0, False, False
        endpoint.probe_s = FIRST_PROBE_S
        endpoint.limit = min(self.max_in_flight, endpoint.limit + GROWTH)

    def failed(self, endpoint: Endpoint, why: str) -> bool:
        """Count a failure; return True if it makes the endpoint unhealthy, so that it must be probed."""
        endpoint.failures += 1
        endpoint.trouble = why
        enough = endpoint.probation or endpoint.failures >= FAILURES_UNTIL_UNHEALTHY
        if endpoint.unhealthy or not enough:
            return False
        endpoint.unhealthy, endpoint.probation = True, False
        self.times_unhealthy += 1
        return True

    def slow_down(self, endpoint: Endpoint, sent_at: float, now: float, pause_s: float) -> None:
        """Halve the limit, once for all requests that were in flight together, and pause as the server asks."""
        if sent_at >= endpoint.slowed_at:
            endpoint.slowed_at = now
            endpoint.limit = max(1.0, endpoint.limit / 2)
        endpoint.paused_until = max(endpoint.paused_until, now + pause_s)

    def next_probe_s(self, endpoint: Endpoint) -> float:
        """Return the seconds until its next probe. Each wait is twice the last one, up to `longest_probe_s`."""
        wait = endpoint.probe_s
        endpoint.probe_s = min(2 * wait, self.longest_probe_s)
        return wait

    def put_on_probation(self, endpoint: Endpoint) -> None:
        """Put an endpoint that answered a probe on probation."""
        endpoint.unhealthy, endpoint.probation = False, True

    def pass_trial(self, endpoint: Endpoint, trial: object) -> bool:
        """End the probation if this trial is still in flight; return False if it is not.

        A broken server fails at once, while a completion may take an hour, so a trial that lasts has passed.
        """
        if not endpoint.probation or endpoint.trial is not trial:
            return False
        endpoint.probation, endpoint.trial = False, None
        return True

    def none_healthy(self) -> bool:
        return all(endpoint.unhealthy or endpoint.probation for endpoint in self.all)
