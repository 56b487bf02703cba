"""A user's mistake about servers gives one line that says what to change and never contains the key."""

import logging

import pytest
from pydantic import ValidationError
from refusals import refusal_of
from server_makers import draw, draw_with, make_request, make_sampler, make_teacher

from configs.servers import ServerTeacher
from records.errors import InputError
from teacher.servers.fake import FakeServer

KEY = "sk-very-secret-0123456789"


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("RETORT_TEST_KEY", KEY)
    return "RETORT_TEST_KEY"


def refused(teacher: ServerTeacher, requests: int = 20) -> str:
    message = refusal_of(lambda: draw(teacher, requests))
    assert KEY not in message
    return message


def test_a_right_key_is_sent_and_shown_nowhere(
    key: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with FakeServer(key=KEY, faults={2: "500", 3: "reset"}) as server:
        teacher = make_teacher(server.url, api_key_env=key)
        sampler = make_sampler(teacher)
        draw_with(sampler, map(make_request, range(5)))
        fleet, client = sampler.fleet, sampler.fleet.exchange.client
        shown = [repr(teacher), str(teacher), teacher.model_dump_json(), repr(vars(sampler)), repr(vars(fleet))]
        shown += [repr(part) for part in (sampler, fleet, fleet.exchange, *fleet.endpoints.all, client)]
        shown += [repr(vars(client)), repr(client.session.connector)]
        shown += [caplog.text, *capfd.readouterr()]
        sampler.close()
    assert not [text for text in shown if KEY in text]


def test_a_wrong_key(key: str) -> None:
    with FakeServer(key="another") as server:
        message = refused(make_teacher(server.url, api_key_env=key))
    assert message == f"{server.url}: rejects the API key (401); correct the value of the environment variable {key}"
    assert server.requests == 0, "refused before anything is asked"


def test_no_key_where_one_is_wanted() -> None:
    with FakeServer(key=KEY) as server:
        assert "requires an API key (401); set its api_key_env" in refused(make_teacher(server.url))


def test_a_key_that_only_completions_want(key: str) -> None:
    with FakeServer(faults={"all": "401"}) as server:
        assert "rejects the API key (401)" in refused(make_teacher(server.url, api_key_env=key))


@pytest.mark.parametrize(
    ("held", "why"), [(None, "is not set"), ("  ", "is not set"), ("a b", "does not look like an API key")]
)
def test_a_key_that_is_none(held: str | None, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RETORT_TEST_KEY", raising=False)
    if held is not None:
        monkeypatch.setenv("RETORT_TEST_KEY", held)
    assert why in refused(make_teacher("http://127.0.0.1:9/v1", api_key_env="RETORT_TEST_KEY"))


def test_a_key_with_a_line_end_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETORT_TEST_KEY", KEY + "\n")
    with FakeServer(key=KEY) as server:
        draw(make_teacher(server.url, api_key_env="RETORT_TEST_KEY"), 2)


def test_a_server_that_repeats_the_key_in_an_error(key: str) -> None:
    with FakeServer(faults={"all": "echo"}) as server:
        got = draw(make_teacher(server.url, api_key_env=key, retries=1), 3)
    assert {completion.detail for completion in got.values()} == {"500 you sent Bearer …"}


def test_no_part_of_the_key_is_left_where_an_error_is_cut(key: str) -> None:
    with FakeServer(faults={"all": "late_echo"}) as server:
        got = draw(make_teacher(server.url, api_key_env=key, retries=1), 3)
    assert {completion.detail for completion in got.values()} == {f"500 {'x' * 190} …"}


def test_a_wrong_model_name_lists_those_there_are() -> None:
    with FakeServer(model="another-model") as server:
        message = refused(make_teacher(server.url))
    assert f"{server.url}: does not serve fake-model" in message
    assert message.endswith("but another-model; correct teacher.model")


def test_a_fleet_of_two_models() -> None:
    name = "y" * 100_000 + "\ud800"
    with FakeServer() as one, FakeServer(model=name) as other:
        message = refused(make_teacher(one.url, other.url))
        assert one.requests == other.requests == 0, "refused before anything is asked"
    assert message == (
        f"{other.url}: lists {name[:200]}, and not fake-model, as {one.url} does; correct teacher.base_urls, or start "
        "it with --served-model-name fake-model"
    )
    with FakeServer() as one, FakeServer(models="404") as other:
        assert len(draw(make_teacher(one.url, other.url))) == 20, "what lists nothing may serve it"


def test_an_unlisted_model_that_is_served_will_do() -> None:
    with FakeServer(models="no_choices") as server:  # some list nothing
        draw(make_teacher(server.url), 3)


@pytest.mark.parametrize("models", ["list", "302"])
def test_a_redirect_is_not_followed(models: str, key: str) -> None:
    with FakeServer(models=models, faults={"all": "302"}) as server:
        message = refused(make_teacher(server.url, api_key_env=key))
    assert f"{server.url}: redirects (302) to https://elsewhere.invalid/v1; correct teacher.base_urls" in message


@pytest.mark.parametrize("models", ["html", "404"])
def test_a_web_page(models: str) -> None:
    with FakeServer(models=models, faults={"all": "html"}) as server:
        message = refused(make_teacher(server.url))
    assert "correct teacher.base_urls" in message


def test_an_address_without_its_path() -> None:
    with FakeServer() as server:
        assert "correct teacher.model (fake-model), or" in refused(make_teacher(server.url.removesuffix("/v1")))


def test_a_web_page_in_the_middle_is_tried_again() -> None:
    with FakeServer(faults={4: "html"}) as server:
        sampler = make_sampler(make_teacher(server.url))
        draw_with(sampler, [make_request(0)])
        got = draw_with(sampler, map(make_request, range(1, 8)))
        sampler.close()
    assert {completion.finish_reason for completion in got.values()} == {"stop"}


def test_nobody_there() -> None:
    urls = "http://127.0.0.1:9/v1", "http://no-such-host.invalid:8000/v1"
    message = refused(make_teacher(*urls))
    assert message.startswith("no server answers: http://127.0.0.1:9/v1 (connection refused), http://no-such-host")
    assert message.endswith("start it, or correct teacher.base_urls")


@pytest.mark.parametrize("status", ["500", "503"])
def test_a_server_that_is_broken_when_asked_for_its_models(status: str) -> None:
    with FakeServer(models=status) as server:
        message = refused(make_teacher(server.url))
    assert message.startswith(f"no server answers: {server.url} (status {status}); start it")


def test_nobody_there_any_more() -> None:
    with FakeServer(faults={"all": "500"}) as server:
        message = refused(make_teacher(server.url, unreachable_timeout_s=1.5))
    assert "no endpoint has served a request for" in message
    assert "500 engine dead; start the servers again, then run the same command: it continues" in message


def test_what_came_before_the_end_is_handed_over_first() -> None:
    with FakeServer(faults={"all": "500", 1: "inline", 2: "inline"}) as server:
        sampler = make_sampler(make_teacher(server.url, unreachable_timeout_s=0.5))
        for number in range(10):
            sampler.submit(make_request(number))
        got = [*sampler.finished()]
        while len(got) < 2:
            got += sampler.finished()
        with pytest.raises(InputError, match="no endpoint has served"):
            sampler.finished()
        sampler.close()
    assert sum(completion.finish_reason == "stop" for completion in got) == 2


def test_a_field_that_the_server_does_not_know() -> None:
    with FakeServer(faults={"all": "400"}) as server:
        message = refused(make_teacher(server.url))
    assert "rejects every request (400 unknown parameter: top_k)" in message
    assert "teacher.extra_body" in message


def test_a_refused_request_is_recorded_and_the_others_go_on() -> None:
    with FakeServer(faults={3: "400"}) as server:
        got = draw(make_teacher(server.url))
        assert server.requests == 20
    (failed,) = [completion for completion in got.values() if completion.finish_reason == "error"]
    assert failed.detail == "400 unknown parameter: top_k"


def test_a_used_up_quota() -> None:
    with FakeServer(faults={"all": "quota"}) as server:
        assert "balance or quota is used up (429)" in refused(make_teacher(server.url))


def test_a_smaller_context_than_configured() -> None:
    with FakeServer(max_model_len=4096) as server:
        message = refused(make_teacher(server.url))
        assert "with a context of 4096 tokens; set teacher.max_model_len to that" in message
        draw(make_teacher(server.url, max_model_len=4096), 3)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"base_urls": []}, "give either base_urls"),
        ({"serve": {"path": "a/b"}}, "give either base_urls"),
        ({"base_urls": ["http://a/v1", "http://a/v1"]}, "stands there twice"),
        ({"base_urls": ["gpu7:8000/v1"]}, "number 0 is not of the form"),
        ({"base_urls": ["http://a:80o0/v1"]}, "number 0 is not of the form"),
        ({"base_urls": ["http://a/v1", f"https://user:{KEY}@b/v1"]}, "number 1 holds more than host and path"),
        ({"base_urls": [f"https://b/v1?key={KEY}"]}, "number 0 holds more than host and path"),
        ({"api_key_env": KEY}, "must be the name of an environment variable"),
        ({"extra_body": {"n": 4}}, "n is set by Retort"),
        ({"extra_body": {"api_key": KEY}}, "extra_body: api_key would be written to every manifest"),
        ({"extra_body": {"headers": [{"Authorization": f"Bearer {KEY}"}]}}, "Authorization would be written"),
        ({"extra_body": {"seed": 4}}, "seed comes from sampling"),
        ({"backoff_s": 61, "max_backoff_s": 60}, "backoff_s exceeds"),
    ],
)
def test_a_config_that_makes_no_sense(changes: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError) as caught:
        make_teacher(*["http://a/v1"], **changes)
    (error,) = caught.value.errors()
    assert why in error["msg"]
    assert KEY not in error["msg"]
