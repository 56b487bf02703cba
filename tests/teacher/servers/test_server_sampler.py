"""The server sampler with real HTTP servers: concurrency, several endpoints, cancelling, the requests sent."""

import time

import pytest
from server_makers import SETTINGS, draw, draw_with, make_request, make_sampler, make_teacher

from records.errors import InputError
from records.requests import Settings
from records.thinking import split_reasoning
from teacher.servers.fake import FakeServer


@pytest.mark.parametrize("stream", [False, True])
def test_every_request_is_drawn_once(stream: bool) -> None:
    with FakeServer() as server:
        got = draw(make_teacher(server.url, stream=stream), 100)
    assert server.requests == 100
    assert all(split_reasoning(completion.text)[2] for completion in got.values())
    assert {completion.finish_reason for completion in got.values()} == {"stop"}
    assert {completion.prompt_tokens for completion in got.values()} == {7}


def test_streamed_or_whole_a_completion_is_the_same() -> None:
    for form in ("inline", "reasoning_content", "reasoning", "prefilled", "unclosed"):
        with FakeServer(form=form) as server:
            whole = draw(make_teacher(server.url), 5)
            assert draw(make_teacher(server.url, stream=True), 5) == whole


def test_never_more_in_flight_than_configured_and_never_fewer_for_long() -> None:
    with FakeServer(latency_s=0.05) as server:
        started = time.monotonic()
        draw(make_teacher(server.url, max_in_flight=10), 100)
        assert time.monotonic() - started < 5
    assert server.most_running == 10


def test_load_is_spread_and_results_do_not_depend_on_it() -> None:
    with FakeServer(latency_s=0.01) as one, FakeServer(latency_s=0.01) as two, FakeServer(latency_s=0.05) as slow:
        got = draw(make_teacher(one.url, two.url, slow.url, max_in_flight=4), 120)
        assert one.requests + two.requests + slow.requests == 120
        assert min(one.requests, two.requests) > slow.requests > 0
        assert draw(make_teacher(one.url), 120) == got


def test_what_is_cancelled_is_ended_at_the_server_and_never_handed_over() -> None:
    with FakeServer(latency_s=0.4) as server:
        sampler = make_sampler(make_teacher(server.url, max_in_flight=4))
        requests = list(map(make_request, range(8)))
        for request in requests:
            sampler.submit(request)
        time.sleep(0.15)
        for request in [*requests[:2], *requests[6:]]:  # two in flight, two that wait
            sampler.cancel(request)
        sampler.cancel(make_request(99))  # never submitted
        assert sampler.room() == sampler.capacity - 4
        kept = []
        while batch := sampler.finished():
            kept += batch
        sampler.cancel(requests[3])  # already done
        sampler.close()
    assert {completion.request.seed for completion in kept} == {2, 3, 4, 5}
    assert server.cancelled == 2
    assert server.requests == 6


def test_cancelled_and_asked_for_again_it_comes_once() -> None:
    with FakeServer(latency_s=0.05) as server:
        sampler = make_sampler(make_teacher(server.url))
        sampler.submit(make_request(0))
        sampler.cancel(make_request(0))
        sampler.submit(make_request(0))
        assert len(sampler.finished()) == 1
        assert sampler.finished() == []
        sampler.close()


def test_cancelled_before_it_was_sent_it_takes_no_place() -> None:
    with FakeServer() as server:
        sampler = make_sampler(make_teacher(server.url, max_in_flight=2))
        for number in range(20):
            sampler.submit(make_request(number))
            sampler.cancel(make_request(number))
        draw_with(sampler, map(make_request, range(20, 30)))
        sampler.close()
    assert [endpoint.in_flight for endpoint in sampler.fleet.endpoints.all] == [0]


def test_closing_does_not_wait_for_requests_in_flight() -> None:
    with FakeServer(faults={"all": "hang"}) as server:
        sampler = make_sampler(make_teacher(server.url, max_in_flight=12))
        for request in map(make_request, range(20)):
            sampler.submit(request)
        time.sleep(0.1)
        started = time.monotonic()
        sampler.close()
        sampler.close()
        assert time.monotonic() - started < 2
    assert server.requests == 12  # and does not begin with what waited


def test_a_server_that_does_not_stream_is_understood() -> None:
    with FakeServer(form="unstreamed") as server:
        assert draw(make_teacher(server.url, stream=True), 5) == draw(make_teacher(server.url), 5)
    with FakeServer(faults={"all": "html"}) as server, pytest.raises(InputError, match="the reply is HTML"):
        draw(make_teacher(server.url, stream=True), 1)


def test_a_loop_is_ended_on_the_stream_if_asked_for() -> None:
    stopping = Settings(SETTINGS.temperature, SETTINGS.top_p, SETTINGS.top_k, SETTINGS.max_tokens, stop_loops=True)
    for stream, settings, finish_reason in [
        (True, stopping, "repetition"),
        (True, SETTINGS, "length"),
        (False, stopping, "length"),
    ]:
        with FakeServer(form="looping") as server:
            (completion,) = draw(make_teacher(server.url, stream=stream), [make_request(0, settings)]).values()
        assert completion.finish_reason == finish_reason


def test_settings_and_messages_reach_the_server() -> None:
    with FakeServer() as server:
        teacher = make_teacher(server.url, extra_body={"min_p": 0.05, "top_k": None})
        draw(teacher, [make_request(5, Settings(0.9, 0.8, 20, 77))])
    assert server.seen
    (asked,) = server.seen
    del asked["headers"]
    assert asked == {
        "model": "fake-model",
        "messages": [{"role": "user", "content": "What is 5 + 2?"}],
        "temperature": 0.9,
        "top_p": 0.8,
        "max_tokens": 77,
        "seed": 5,
        "min_p": 0.05,
    }
