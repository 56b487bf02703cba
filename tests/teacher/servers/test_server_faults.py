"""The server sampler when servers fail: it tries again, pauses, and marks endpoints unhealthy until they recover."""

import threading
import time
from typing import Any

import pytest
from server_makers import draw, draw_with, make_request, make_sampler, make_teacher

from records.errors import InputError
from teacher.servers.fake import FakeServer

FAULTS = [
    "429",
    "429_bare",
    "500",
    "503",
    "reset",
    "cut",
    "half_json",
    "error_body",
    "no_choices",
    "no_message",
    "abort",
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
def test_what_goes_wrong_now_and_then_is_tried_again(fault: str, stream: bool) -> None:
    with FakeServer() as server:
        whole = draw(make_teacher(server.url))
    with FakeServer(faults={1: fault, 7: fault}) as server:
        assert draw(make_teacher(server.url, stream=stream)) == whole
        assert server.requests == 22


@pytest.mark.parametrize("stream", [False, True])
def test_a_hung_request_is_given_up_and_tried_again(stream: bool) -> None:
    with FakeServer(faults={2: "hang"}) as server:
        got = draw(make_teacher(server.url, request_timeout_s=0.5, stream=stream), 5)
    assert {completion.finish_reason for completion in got.values()} == {"stop"}
    assert server.requests == 6


@pytest.mark.parametrize("fault", FAULTS[2:])
def test_what_goes_wrong_always_is_recorded_and_the_others_go_on(fault: str) -> None:
    with FakeServer(faults={"all": fault}) as server:
        sampler = make_sampler(make_teacher(server.url, retries=2, max_in_flight=1))
        try:
            (failed,) = draw_with(sampler, [make_request(0)]).values()
            server.faults = {}
            others = draw_with(sampler, map(make_request, range(1, 10)))
        finally:
            sampler.close()
    assert (failed.finish_reason, failed.text, failed.completion_tokens) == ("error", "", 0)
    assert failed.detail
    assert "\n" not in failed.detail
    assert {completion.finish_reason for completion in others.values()} == {"stop"}
    assert sampler.timings().retries == 2


def test_a_server_that_only_says_429_fails_no_request_and_ends_the_run() -> None:
    with FakeServer(faults={"all": "429_bare"}) as server:
        sampler = make_sampler(make_teacher(server.url, retries=0, max_in_flight=2, unreachable_timeout_s=1.5))
        with pytest.raises(InputError, match=r"no endpoint has served .* 429 slow down; start"):
            draw_with(sampler, [make_request(0), make_request(1)])
        assert not sampler.completions
        sampler.close()
    assert sampler.timings().times_unhealthy >= 2


def test_a_prompt_that_is_too_long_is_recorded_and_not_tried_again() -> None:
    with FakeServer(faults={1: "too_long", 2: "too_long_code"}) as server:
        reasons = sorted(completion.finish_reason for completion in draw(make_teacher(server.url), 6).values())
    assert reasons == ["prompt_too_long"] * 2 + ["stop"] * 4
    assert server.requests == 6


def test_retry_after_stops_the_endpoint_in_both_forms() -> None:
    for fault, at_least_s in (("429", 0.9), ("429_date", 0.5)):
        with FakeServer(faults={1: fault}) as server:
            started = time.monotonic()
            sampler = make_sampler(make_teacher(server.url))
            draw_with(sampler, [make_request(0)])
            draw_with(sampler, [make_request(1)])
            assert time.monotonic() - started > at_least_s
            sampler.close()


def test_load_is_lowered_to_what_a_server_takes_and_no_request_fails_by_it() -> None:
    with FakeServer(capacity=4, latency_s=0.02) as server:
        got = draw(make_teacher(server.url, max_in_flight=64, retries=1), 200)
    assert {completion.finish_reason for completion in got.values()} == {"stop"}
    assert server.statuses["429_bare"] < 200


@pytest.mark.parametrize("fault", ["500", "reset", "error_body"])
def test_an_endpoint_that_keeps_failing_is_unhealthy(fault: str) -> None:
    with FakeServer(faults={"all": fault}) as broken, FakeServer(latency_s=0.01) as sound:
        got = draw(make_teacher(broken.url, sound.url, max_in_flight=4), 200)
    assert {completion.finish_reason for completion in got.values()} == {"stop"}
    assert broken.requests < 30


def test_an_endpoint_that_comes_back_is_used_again() -> None:
    faults = dict.fromkeys(range(1, 6), "500")
    with FakeServer(faults=faults) as mended, FakeServer(latency_s=0.05) as other:
        sampler = make_sampler(make_teacher(mended.url, other.url, max_in_flight=2))
        draw_with(sampler, map(make_request, range(150)))
        assert sampler.timings().times_unhealthy == 1
        sampler.close()
    assert mended.requests > 50


def test_while_all_endpoints_are_away_requests_wait_and_no_try_is_lost() -> None:
    with FakeServer(latency_s=0.01) as server:
        sampler = make_sampler(make_teacher(server.url, retries=1, max_in_flight=1))
        draw_with(sampler, [make_request(0)])
    back = FakeServer(port=server.port)  # the same address, after a while
    timer = threading.Timer(1.5, back.__enter__)
    timer.start()
    got = draw_with(sampler, map(make_request, range(10)))
    timer.join()
    back.__exit__()
    sampler.close()
    assert {completion.finish_reason for completion in got.values()} <= {"stop", "error"}
    assert sum(completion.finish_reason == "error" for completion in got.values()) <= 3  # those that met the failure


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"model": "another"}, "lists another, and not fake-model, as it did before"),
        ({"max_model_len": 512}, "with a context of 512 tokens"),
    ],
)
def test_an_endpoint_that_comes_back_as_another_gets_no_request(changes: dict[str, Any], why: str) -> None:
    with FakeServer(latency_s=0.01) as server:
        sampler = make_sampler(make_teacher(server.url, unreachable_timeout_s=3))
        draw_with(sampler, [make_request(0)])
    back = FakeServer(port=server.port, **changes)
    timer = threading.Timer(1, back.__enter__)
    timer.start()
    with pytest.raises(InputError, match=why):
        draw_with(sampler, map(make_request, range(10)))
    timer.join()
    back.__exit__()
    sampler.close()
    assert back.requests == 0


def test_one_dead_endpoint_at_the_start_is_no_reason_to_stop() -> None:
    with FakeServer() as server:
        got = draw(make_teacher("http://127.0.0.1:9/v1", server.url))
    assert {completion.finish_reason for completion in got.values()} == {"stop"}


def test_of_thousands_under_every_fault_none_is_lost_and_none_comes_twice() -> None:
    faults = {"500": 7, "reset": 11, "429_bare": 13, "half_json": 17, "cut": 19, "no_choices": 23, "error_body": 29}
    with FakeServer() as sound:
        whole = draw(make_teacher(sound.url), 3000)
    with FakeServer(every=faults) as one, FakeServer(latency_s=0.01, every=faults) as two:
        teacher = make_teacher(one.url, two.url, "http://127.0.0.1:9/v1", max_in_flight=32, retries=30)
        sampler = make_sampler(teacher)
        assert draw_with(sampler, map(make_request, range(3000))) == whole
        assert not sampler.fleet.pending
        assert not [pending for pending in sampler.fleet.waiting if not pending.dropped]
        sampler.close()
    assert one.running == two.running == 0
