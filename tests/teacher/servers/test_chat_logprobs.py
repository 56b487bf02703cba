"""Servers are asked for logprobs by token id; what they give comes back row by row, and a server that gives none ends
the run with one line."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sampling_makers import make_job, traces_in, write_problems
from server_makers import SETTINGS, draw, make_request, make_sampler, make_teacher

from configs.sampling import TeacherSampling
from records.errors import InputError
from records.logprob_files import read_logprobs as stored_logprobs
from records.requests import Request
from records.vocabulary import vocabulary_hash
from teacher.engines.fake import fake_logprobs
from teacher.engines.tokenizer import load_tokenizer
from teacher.sampling.stage import sample_traces
from teacher.servers.chat_completion import read_reply, request_body
from teacher.servers.chat_logprobs import NoTokenIds, read_logprobs
from teacher.servers.fake import FakeServer


def token(number: object, logprob: Any = -1.0, *tops: tuple[object, Any]) -> dict[str, Any]:
    def entry(number: object, logprob: Any) -> dict[str, Any]:
        return {"token": f"token_id:{number}", "logprob": logprob, "bytes": None}

    return entry(number, logprob) | {"top_logprobs": [entry(*top) for top in tops]}


def asking(number: int = 0, k: int | None = 4) -> Request:
    return make_request(number, replace(SETTINGS, logprobs=k))


def test_a_request_asks_for_ids_only_with_logprobs() -> None:
    body = json.loads(request_body(asking(), make_teacher("http://a/v1")))
    assert (body["logprobs"], body["top_logprobs"], body["return_tokens_as_token_ids"]) == (True, 4, True)
    assert (
        not {"logprobs", "top_logprobs"} & json.loads(request_body(asking(k=None), make_teacher("http://a/v1"))).keys()
    )
    unnamed = make_teacher("http://a/v1", extra_body={"return_tokens_as_token_ids": None})
    assert "return_tokens_as_token_ids" not in json.loads(request_body(asking(), unnamed))


def test_rows_are_sorted_and_the_drawn_token_stands_apart() -> None:
    """vLLM puts the drawn token first, and leaves out the last of the others for one that is not among them."""
    content = [token(5, -0.1, (5, -0.1), (6, -2.5)), token(9, -7.0, (9, -7.0), (8, -0.5))]
    found = read_logprobs(content, 2)
    assert found
    assert found.token_ids.tolist() == [5, 9]
    assert found.logprobs.tolist() == pytest.approx([-0.1, -7.0], abs=0.001)
    assert found.top_ids.tolist() == [[5, 6], [8, 9]]
    assert found.top_logprobs[1].tolist() == [-0.5, -7.0]


@pytest.mark.parametrize(
    "content",
    [
        [token(5, -0.1, (5, -0.1))],
        [token(5, -0.1, (5, -0.1), (6, -2.5)), token(5, -0.1, (5, -0.1))],
        [token(5, None, (5, -0.1), (6, -2.5))],
        [token(5, -0.1, (5, -0.1), (5, -2.5))],
        [token(5, -0.1, (5, 0.1), (6, -2.5))],
        [token(5, 3.0, (5, -0.1), (6, -2.5))],
        [token(5, -0.1, (5, float("nan")), (6, -2.5))],
        [token(5, float("nan"), (5, -0.1), (6, -2.5))],
        [token(5, -0.1, (5, -0.1), (6, -0.1))],
        [token(5, -0.1, (5, -0.1), (6, "x"))],
        [token(999_999_999, -0.1, (999_999_999, -0.1), (6, None))],
        [{"token": "token_id:5", "logprob": -0.1}],
        [{"token": None, "logprob": -0.1, "top_logprobs": []}],
        [{}],
        [7],
    ],
)
def test_anything_but_logprobs_is_none(content: list[Any]) -> None:
    assert read_logprobs(content, 2) is None


@pytest.mark.parametrize("name", ["4", "", "token_id:", "token_id:-1", "token_id:9999999999", " token_id:5"])
def test_tokens_must_be_named_by_their_ids(name: str) -> None:
    with pytest.raises(NoTokenIds, match="by their texts"):
        read_logprobs([token(5, -0.1, (5, -0.1)) | {"token": name}], 1)


@pytest.mark.parametrize("logprobs", [None, 7, {}, {"content": None}, {"content": 7}])
def test_a_reply_may_hold_none(logprobs: object) -> None:
    choice = {"message": {"content": "4"}, "finish_reason": "stop", "logprobs": logprobs}
    assert read_reply(json.dumps({"choices": [choice]}).encode(), True).content == []


def test_they_count_the_tokens_if_the_server_does_not() -> None:
    logprobs = {"content": [token(5, -0.1, (5, -0.1))] * 3}
    choice = {"message": {"content": "4"}, "finish_reason": "stop", "logprobs": logprobs}
    assert read_reply(json.dumps({"choices": [choice]}).encode(), True).completion_tokens == 3


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("form", ["inline", "reasoning", "unclosed"])
def test_every_token_has_a_row(form: str, stream: bool) -> None:
    with FakeServer(form=form) as server:
        found = draw(make_teacher(server.url, stream=stream), map(asking, range(20)))
    for completion in found.values():
        drawn, seed = completion.logprobs, completion.request.seed
        assert drawn
        assert len(drawn) == completion.completion_tokens
        expected = fake_logprobs(["step"] * len(drawn), 4, seed)
        assert drawn.top_ids.tolist() == expected.top_ids.tolist()
        assert drawn.top_logprobs.tolist() == expected.top_logprobs.tolist()


def test_a_loop_that_is_stopped_has_as_many_rows_as_tokens() -> None:
    with FakeServer(form="looping") as server:
        requests = [make_request(0, replace(SETTINGS, logprobs=2, stop_loops=True))]
        (completion,) = draw(make_teacher(server.url, stream=True), requests).values()
    assert completion.finish_reason == "repetition"
    assert completion.completion_tokens == len(completion.logprobs or "") > 0


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("form", "why"),
    [("no_logprobs", "gives no logprobs"), ("text_tokens", "names the tokens of logprobs by their texts")],
)
def test_a_server_without_ids_ends_the_run_with_one_line(form: str, why: str, stream: bool) -> None:
    with FakeServer(form=form) as server, pytest.raises(InputError) as caught:
        draw(make_teacher(server.url, stream=stream), [asking()])
    assert str(caught.value) == (
        f"{server.url}: {why}; sampling.logprobs needs their ids, which `vllm serve` gives to requests with "
        "return_tokens_as_token_ids; use such a server, or set sampling.logprobs=null"
    )


def test_a_stage_keeps_them_and_names_the_vocabulary(tmp_path: Path, tiny_model: Path) -> None:
    job = make_job(write_problems(tmp_path / "problems", 6), TeacherSampling(n=2, max_tokens=50, logprobs=3))
    (tmp_path / "out").mkdir()
    with FakeServer(faults={4: "few_logprobs"}) as server:
        teacher = make_teacher(server.url, tokenizer=str(tiny_model))
        counts = sample_traces(tmp_path / "out", job, lambda: make_sampler(teacher), lambda *_, **__: None)
    found = [logprobs for _, logprobs in stored_logprobs(tmp_path / "out" / "logprobs")]
    traces = traces_in(tmp_path / "out")
    assert sum(logprobs is None for logprobs in found) == 1
    assert all(one is None or len(one) == trace.completion_tokens for one, trace in zip(found, traces, strict=True))
    assert {one.vocabulary for one in found if one} == {vocabulary_hash(load_tokenizer(str(tiny_model)))}
    assert counts.logprobs
    assert counts.logprobs.traces_without == 1
