"""Every form of reply, whole or streamed, gives one form of text; anything else gives a reason."""

import json
from typing import Any

import pytest
from server_makers import make_request, make_teacher

from records.thinking import split_reasoning
from teacher.servers.chat_completion import (
    TOO_LONG,
    NotAnApi,
    Reply,
    Unreadable,
    error_message,
    read_reply,
    request_body,
)
from teacher.servers.event_stream import EventStream
from teacher.servers.fake_replies import chunks, completion, draw

ASKED = {"messages": [{"role": "user", "content": "What is 2 + 2?"}], "seed": 1}
REASONING, ANSWER = draw(ASKED)
WHOLE = f"<think>\n{REASONING}\n</think>\n\n{ANSWER}"
OPENED = f"<think>\n{REASONING}"
FORMS = [
    ("inline", WHOLE, "stop"),
    ("prefilled", WHOLE, "stop"),
    ("reasoning_content", WHOLE, "stop"),
    ("reasoning", WHOLE, "stop"),
    ("both", WHOLE, "stop"),
    ("unclosed", OPENED, "length"),
    ("prefilled_unclosed", OPENED, "length"),
    ("only_reasoning", OPENED + "\n", "length"),
    ("plain", f"<think>\n{ANSWER}", "stop"),  # a teacher that thinks has not come to its answer
    ("empty", "", "stop"),
    ("null", "", "stop"),
    ("content_filter", "", "content_filter"),
    ("tool_calls", "", "tool_calls"),
]


def read(form: str, streamed: bool, thinks: bool = True) -> Reply:
    whole = completion(ASKED, form)
    if not streamed:
        return read_reply(json.dumps(whole).encode(), thinks)
    events = EventStream(stop_loops=False)
    data = b"".join([*chunks(whole), b"data: [DONE]\n\n"])
    for at in range(0, len(data), 7):  # pieces of a connection end anywhere
        events.feed(data[at : at + 7])
    return events.reply(thinks)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(("form", "text", "finish_reason"), FORMS)
def test_every_form_becomes_one_text(form: str, text: str, finish_reason: str, streamed: bool) -> None:
    reply = read(form, streamed)
    assert (reply.text, reply.finish_reason) == (text, finish_reason)
    assert (reply.prompt_tokens, reply.completion_tokens) == (7, len(REASONING.split()) + 1)
    if text == WHOLE:
        assert split_reasoning(reply.text) == (REASONING, ANSWER, True)


def test_a_stream_of_several_completions_gives_the_first() -> None:
    events = EventStream(stop_loops=False)
    other = {"index": 1, "delta": {"content": "other"}, "finish_reason": "length"}
    for piece in WHOLE.partition("step"):
        mine = {"index": 0, "delta": {"content": piece}}
        for choices in ([other], [other, mine]):
            events.feed(b"data: " + json.dumps({"choices": choices}).encode() + b"\n")
    events.feed(b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n')
    assert (events.reply(True).text, events.reply(True).finish_reason) == (WHOLE, "stop")


@pytest.mark.parametrize(
    ("said", "finish_reason"),
    [
        *[("model_length", "length"), ("eos_token", "stop"), ("stop_sequence", "stop"), ("new_one", "new_one")],
        *[("max_tokens", "length"), ("function_call", "tool_calls"), ("x" * 1000, "x" * 40)],
    ],
)
def test_other_names_of_a_finish_reason(said: str, finish_reason: str) -> None:
    assert read_reply(make_reply(finish=said), True).finish_reason == finish_reason


def test_a_teacher_that_does_not_think_answers_with_everything() -> None:
    assert read("plain", False, thinks=False).text == ANSWER
    assert read("inline", False, thinks=False).text == WHOLE
    assert read("prefilled", False, thinks=False).text == WHOLE


@pytest.mark.parametrize("streamed", [False, True])
def test_a_completion_that_the_server_gave_up_is_none(streamed: bool) -> None:
    with pytest.raises(Unreadable, match="abort"):
        read("abort", streamed)


def make_reply(message: object = None, finish: object = "stop", **more: Any) -> bytes:
    message = {"content": "4"} if message is None else message
    return json.dumps({"choices": [{"message": message, "finish_reason": finish}]} | more).encode()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not whole JSON"),
        (b'{"choices": [{"mess', "not whole JSON"),
        (b'{"choices": []}', "no choices"),
        (b'{"choices": null}', "no choices"),
        (b'{"choices": [7]}', "no choices"),
        (b'{"choices": [{"finish_reason": "stop"}]}', "no message"),
        (b'{"error": {"message": "out\\nof memory"}}', "out of memory"),
        (make_reply(finish=None), "finish_reason None"),
        (make_reply(finish="error"), "finish_reason error"),
        (make_reply(finish="insufficient_system_resource"), "gave the completion up"),
        (make_reply({"content": [{"type": "text"}]}), "content of the reply is not text"),
        (make_reply({"content": "4", "reasoning": {"a": 1}}), "reasoning of the reply is not text"),
        (b"\xff\xfe{}", "not JSON"),
        (b'{"a": "\xff"}', "not whole JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_completion_says_why(body: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read_reply(body, True)


@pytest.mark.parametrize("body", [b"<!DOCTYPE html>", b" \n<html>", b"OK", b"[1]", b'"text"', b"null"])
def test_what_no_such_api_would_say_is_told_apart(body: bytes) -> None:
    with pytest.raises(NotAnApi):
        read_reply(body, True)


@pytest.mark.parametrize("usage", [None, 3, {}, {"prompt_tokens": "7", "completion_tokens": None}])
def test_tokens_are_0_where_the_server_does_not_say(usage: object) -> None:
    reply = read_reply(make_reply(usage=usage), True)
    assert (reply.prompt_tokens, reply.completion_tokens, reply.reasoning_tokens) == (0, 0, None)


def test_reasoning_tokens_are_taken_where_the_server_says() -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 5}}
    assert read_reply(make_reply(usage=usage), True).reasoning_tokens == 5


def test_tags_within_reasoning_that_stands_apart_do_not_close_it() -> None:
    reply = read_reply(make_reply({"content": "4", "reasoning": "a </think> b"}), True)
    assert split_reasoning(reply.text) == ("a  b", "4", True)


def test_halves_of_characters_are_joined_or_replaced() -> None:
    text = read_reply(
        b'{"choices": [{"message": {"content": "\\ud83d\\ude00 \\ud83d"}, "finish_reason": "stop"}]}', False
    ).text
    assert text == "\N{GRINNING FACE} \N{REPLACEMENT CHARACTER}"


def test_a_stream_that_ends_early_is_no_completion() -> None:
    events = EventStream(stop_loops=False)
    for event in chunks(completion(ASKED, "inline"))[:-2]:
        events.feed(event)
    with pytest.raises(Unreadable, match="ended early"):
        events.reply(True)


def test_an_error_within_a_stream_is_one() -> None:
    with pytest.raises(Unreadable, match="overloaded"):
        EventStream(False).feed(b'data: {"error": {"message": "overloaded", "code": 502}}\n')


def test_lines_end_in_either_way() -> None:
    events = EventStream(False)
    events.feed(
        b'data:{"choices":[{"delta":{"content":"4"},"finish_reason":"stop"}]}\r\n\r\n: comment\r\ndata: [DONE]\r\n'
    )
    assert events.reply(False).text == "4"


def test_the_end_of_a_text_is_kept_only_to_look_for_loops() -> None:
    """Nothing would cut it, and each piece would copy it: of 64 MiB for minutes."""
    for stop_loops in (True, False):
        events = EventStream(stop_loops)
        events.feed(b'data: {"choices": [{"delta": {"content": "step"}}]}\n')
        assert bool(events.tail) == stop_loops


def test_a_loop_is_noticed_in_the_stream() -> None:
    events = EventStream(stop_loops=True)
    data = chunks(completion(ASKED, "looping"))
    read_until = next(at for at, event in enumerate(data) if events.feed(event))
    reply = events.reply(True)
    assert reply.finish_reason == "repetition"
    assert 0 < reply.completion_tokens <= read_until < len(data) / 2


def test_a_request_says_everything_and_nothing_twice() -> None:
    body = json.loads(
        request_body(make_request(3), make_teacher("http://a/v1", extra_body={"top_k": None, "min_p": 0.1}))
    )
    assert body == {
        "model": "fake-model",
        "messages": [{"role": "user", "content": "What is 3 + 2?"}],
        "temperature": 0.6,
        "top_p": 0.95,
        "max_tokens": 100,
        "seed": 3,
        "min_p": 0.1,
    }


@pytest.mark.parametrize(
    "words",
    [
        # vLLM 0.32: renderers/params.py, api_utils.py, input_processor.py
        "This model's maximum context length is 512 tokens. However, your prompt contains 600 input tokens, which …",
        "Input length (600) exceeds model's maximum context length (512).",
        "The decoder prompt (length 600) is longer than the maximum model length of 512. Make sure that …",
        "{'code': 'context_length_exceeded'}",  # OpenAI
        "The input (600 tokens) is longer than the model's context length (512 tokens).",  # SGLang
        "the request exceeds the available context size, try increasing it",  # llama.cpp
    ],
)
def test_a_prompt_that_is_too_long_is_recognised(words: str) -> None:
    assert TOO_LONG.search(words)


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ({"error": {"message": "a\n b", "code": 1}}, "a b"),
        ({"error": "a"}, "a"),
        ({"object": "error", "message": "a"}, "a"),
        ({"detail": "Not Found"}, "Not Found"),
        (None, "None"),
    ],
)
def test_a_servers_words_are_on_one_line(tree: object, words: str) -> None:
    assert error_message(tree) == words
