"""The chat completions API: writes the body of a request, and reads a completion from every form that replies have.

A reply of `vllm serve --reasoning-parser deepseek_r1` (0.32) stands below. Other servers call the field
`reasoning_content` (SGLang, DeepSeek), or leave the tags in `content`:

    {"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "\\n\\n\\\\boxed{4}",
     "reasoning": "2 + 2 = 4"}}], "usage": {"prompt_tokens": 12, "completion_tokens": 20}}
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from configs.servers import ServerTeacher
from records.clean import clean_count, clean_text
from records.logprobs import TokenLogprobs
from records.requests import Request
from records.rows import CUT_OFF, FINISHED
from records.thinking import with_tags
from teacher.servers.chat_logprobs import asking_for, content_of

GIVEN_UP = ("abort", "error", "insufficient_system_resource")
"""The finish_reasons of a completion that the server gave up, which is no trace (vLLM, SGLang; the last: DeepSeek)."""
SYNONYMS = {
    **{"model_length": CUT_OFF, "eos_token": FINISHED, "stop_sequence": FINISHED},
    **{"max_tokens": CUT_OFF, "end_turn": FINISHED, "tool_use": "tool_calls", "function_call": "tool_calls"},
}
"""Other names for a finish_reason (Mistral; TGI; Anthropic; the last: OpenAI's first one for tools)."""
FINISH_CHARACTERS = 40
"""Most characters of a finish_reason that are kept: each different one is counted by its name."""
# vLLM: "maximum context length is", "longer than the maximum model length"; OpenAI: code context_length_exceeded;
# SGLang: "longer than the model's context length"; llama.cpp: exceed_context_size_error, "available context size".
TOO_LONG = re.compile(r"context[ _](length|size|window)|maximum model length|prompt is too long", re.IGNORECASE)


class Unreadable(Exception):
    """The reply holds no completion. The message says why."""


class NotAnApi(Unreadable):
    """The reply cannot come from a server of this API; it may be a web page."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A completion as a server sampled it. Made here; read by `Fleet`."""

    text: str
    """The whole completion in the form `<think>…</think>answer`, tags included."""
    finish_reason: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    """Both counts are 0 if the server does not report them."""
    reasoning_tokens: int | None = None
    """Number of them that are reasoning; None if the server does not say (in OpenAI's `completion_tokens_details`)."""
    content: list[Any] = field(default_factory=list)
    """The tokens with their logprobs as the server gives them, if it was asked for logprobs."""
    logprobs: TokenLogprobs | None = None
    """Read from `content` by `Exchange`."""


def request_body(request: Request, teacher: ServerTeacher) -> bytes:
    """Return the JSON of a request. A field that is None, also because of `extra_body`, is left out."""
    settings = request.settings
    body: dict[str, Any] = {
        "model": teacher.model,
        "messages": request.messages,
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "top_k": settings.top_k,  # sent even if -1: without it `vllm serve` uses generation_config.json's
        "max_tokens": settings.max_tokens,
        "seed": request.seed,
    }
    if settings.thinking_tokens is not None:
        body["thinking_token_budget"] = settings.thinking_tokens  # vLLM's name for it
    body |= asking_for(settings.logprobs)
    if teacher.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    body |= teacher.extra_body
    if request.chat_template_kwargs:  # extra_body overrides each of them, or leaves all out with null
        extra = teacher.extra_body.get("chat_template_kwargs", {})
        body["chat_template_kwargs"] = request.chat_template_kwargs | extra if isinstance(extra, dict) else extra
    return json.dumps({name: value for name, value in body.items() if value is not None}).encode()


def read_reply(body: bytes, thinks: bool) -> Reply:
    """Return the completion in the body of a reply. `thinks` is true if the teacher reasons. Errors: Unreadable."""
    return reply_of(parse(body), thinks)


def parse(body: bytes) -> dict[str, Any]:
    """Parse the JSON object of a reply or an event. Errors: Unreadable for anything else, and for an error."""
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        first = body.lstrip()[:1]
        if first in (b"{", b""):
            raise Unreadable("the reply is not whole JSON") from None
        raise NotAnApi("the reply is HTML" if first == b"<" else "the reply is not JSON") from None
    if not isinstance(tree, dict):
        raise NotAnApi("the reply is not a JSON object")
    if tree.get("error"):
        raise Unreadable(f"the reply is an error: {error_message(tree)}")
    return tree


def reply_of(tree: dict[str, Any], thinks: bool) -> Reply:
    """Return the completion in a parsed reply. Errors: Unreadable."""
    choices = tree.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Unreadable("the reply has no choices")
    message, finish = choices[0].get("message"), choices[0].get("finish_reason")
    if not isinstance(message, dict):
        raise Unreadable("the reply has no message")
    if not isinstance(finish, str) or finish in GIVEN_UP:
        raise Unreadable(f"the server gave the completion up (finish_reason {finish})")
    text = to_text(text_field(message, "content"), reasoning_in(message), thinks)
    usage = tree.get("usage")
    details = usage.get("completion_tokens_details") if isinstance(usage, dict) else None
    content = content_of(choices[0])
    return Reply(
        text,
        clean_text(SYNONYMS.get(finish, finish)[:FINISH_CHARACTERS]),
        count_in(usage, "prompt_tokens") or 0,
        count_in(usage, "completion_tokens") or len(content),
        count_in(details, "reasoning_tokens"),
        content,
    )


def to_text(content: str, reasoning: str, thinks: bool) -> str:
    """Return the reply as one text with think tags, which can be written as UTF-8."""
    return clean_text(with_tags(content, reasoning, thinks))


def reasoning_in(message: dict[str, Any]) -> str:
    return text_field(message, "reasoning_content") or text_field(message, "reasoning")


def text_field(message: dict[str, Any], name: str) -> str:
    value = message.get(name)
    if value is not None and not isinstance(value, str):
        raise Unreadable(f"{name} of the reply is not text")
    return value or ""


def count_in(usage: Any, name: str) -> int | None:
    return clean_count(usage.get(name)) if isinstance(usage, dict) else None


def error_message(tree: Any) -> str:
    """Return a server's error message on one line: OpenAI's `{"error": {"message": …}}` or FastAPI's `detail`."""
    error = tree.get("error", tree) if isinstance(tree, dict) else tree
    if isinstance(error, dict):
        error = error.get("message") or error.get("detail") or error
    return clean_text(" ".join(str(error).split()))
