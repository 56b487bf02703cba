"""Endpoints are chosen, marked unhealthy, probed and slowed down as they should be, and waits have their bounds."""

from email.utils import formatdate
from time import time

import pytest

from teacher.servers.endpoint import FAILURES_UNTIL_UNHEALTHY, Endpoint, Endpoints
from teacher.servers.exchange import LONGEST_RETRY_AFTER_S, retry_after_s
from teacher.servers.health import full_jitter


def make_endpoints(count: int = 2, max_in_flight: int = 4) -> tuple[Endpoints, list[Endpoint]]:
    endpoints = Endpoints([f"http://{number}/v1/" for number in range(count)], max_in_flight, longest_probe_s=8)
    return endpoints, endpoints.all


def fill(endpoints: Endpoints, now: float = 0.0) -> list[str]:
    """Send until nobody has room; the order of the URLs."""
    order = []
    while endpoint := endpoints.choose(now):
        endpoint.in_flight += 1
        endpoint.sent += 1
        order.append(endpoint.url)
    return order


def test_the_least_loaded_comes_first_and_bounds_hold() -> None:
    endpoints, (first, second) = make_endpoints()
    first.in_flight = 2
    order = fill(endpoints)
    assert order[:2] == [second.url] * 2
    assert (first.in_flight, second.in_flight) == (4, 4)
    assert first.url == "http://0/v1"


def test_equally_loaded_ones_take_turns() -> None:
    endpoints, all_of_them = make_endpoints(3)
    for _ in range(9):
        endpoint = endpoints.choose(0.0)
        assert endpoint
        endpoint.sent += 1  # and done at once
    assert [endpoint.sent for endpoint in all_of_them] == [3, 3, 3]


def test_failures_in_a_row_make_it_unhealthy_and_a_served_request_forgives() -> None:
    endpoints, (first, second) = make_endpoints()
    for _ in range(3):
        assert not any(endpoints.failed(first, "500") for _ in range(FAILURES_UNTIL_UNHEALTHY - 1))
        endpoints.succeeded(first)
    assert [endpoints.failed(first, "500") for _ in range(FAILURES_UNTIL_UNHEALTHY + 1)][-2:] == [True, False]
    assert set(fill(endpoints)) == {second.url}
    assert not endpoints.none_healthy()
    assert endpoints.times_unhealthy == 1


def test_after_a_probe_one_request_tells() -> None:
    endpoints, (only,) = make_endpoints(1)
    only.unhealthy = True
    endpoints.put_on_probation(only)
    assert endpoints.none_healthy()
    assert endpoints.choose(0.0) is only
    only.trial = "a request"
    assert endpoints.choose(0.0) is None
    assert endpoints.failed(only, "500")  # one failure is enough now
    endpoints.put_on_probation(only)
    only.trial = None
    endpoints.succeeded(only)
    assert len(fill(endpoints)) == 4


def test_a_trial_that_lasts_is_passed() -> None:
    endpoints, (only,) = make_endpoints(1)
    only.probation, only.trial = True, "a request"
    assert not endpoints.pass_trial(only, "another")
    assert only.probation
    assert endpoints.pass_trial(only, "a request")
    assert not endpoints.pass_trial(only, "a request")
    assert len(fill(endpoints)) == 4


def test_probes_come_at_growing_intervals_until_a_request_is_served() -> None:
    endpoints, (only,) = make_endpoints(1)
    assert [endpoints.next_probe_s(only) for _ in range(6)] == [1, 2, 4, 8, 8, 8]
    endpoints.put_on_probation(only)
    assert endpoints.next_probe_s(only) == 8
    endpoints.succeeded(only)
    assert endpoints.next_probe_s(only) == 1


def test_a_429_halves_the_load_once_for_all_requests_in_flight() -> None:
    endpoints, (only,) = make_endpoints(1, max_in_flight=16)
    for _ in range(16):
        endpoints.slow_down(only, sent_at=1.0, now=2.0, pause_s=0.0)
    assert only.limit == 8
    endpoints.slow_down(only, sent_at=2.5, now=3.0, pause_s=0.0)
    assert len(fill(endpoints, now=3.0)) == 4
    for _ in range(8 * 16):
        endpoints.succeeded(only)
    assert only.limit == 16
    for sent_at in range(4, 40):
        endpoints.slow_down(only, sent_at, sent_at, 0.0)
    assert only.limit == 1


def test_a_pause_lets_the_others_go_on() -> None:
    endpoints, (first, second) = make_endpoints()
    endpoints.slow_down(first, 0.0, now=10.0, pause_s=5.0)
    endpoints.slow_down(first, 0.0, now=11.0, pause_s=1.0)  # the longer one counts
    assert set(fill(endpoints, now=14.9)) == {second.url}
    assert endpoints.next_opening(14.9) == 15.0
    endpoints.slow_down(second, 0.0, now=10.0, pause_s=7.0)
    assert endpoints.next_opening(14.9) == 15.0, "the first pause to end, of several"
    assert endpoints.next_opening(15.0) == 17.0
    second.paused_until = 0.0
    assert endpoints.choose(15.0) is first
    assert endpoints.next_opening(15.0) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3),
        ("0", 0),
        ("1.5", 1.5),
        ("-4", 0),
        ("999999", LONGEST_RETRY_AFTER_S),
        ("inf", LONGEST_RETRY_AFTER_S),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("soon", None),
        ("nan", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_in_seconds(value: str | None, seconds: float | None) -> None:
    assert retry_after_s(value) == seconds


@pytest.mark.parametrize("usegmt", [True, False])
def test_retry_after_as_a_date(usegmt: bool) -> None:
    seconds = retry_after_s(formatdate(time() + 30, usegmt=usegmt))
    assert seconds is not None
    assert 28 <= seconds <= 31


def test_the_wait_is_random_below_a_doubling_bound() -> None:
    for failures, bound in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (5000, 10)]:
        waits = [full_jitter(failures, first_s=1, longest_s=10) for _ in range(300)]
        assert all(0 <= wait <= bound for wait in waits)
        assert min(waits) < bound / 4
        assert max(waits) > bound * 3 / 4
