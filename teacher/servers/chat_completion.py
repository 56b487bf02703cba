"""The chat completions API: what a request says, and a completion from whatever form the reply has.

One reply of `vllm serve --reasoning-parser deepseek_r1` (0.32); others call the field `reasoning_content` (SGLang,
DeepSeek), or leave the tags in `content`:

    {"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "\\n\\n\\\\boxed{4}",
     "reasoning": "2 + 2 = 4"}}], "usage": {"prompt_tokens": 12, "completion_tokens": 20}}
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from configs.servers import ServerTeacher
from records.requests import Request
from records.rows import CUT_OFF, FINISHED
from records.thinking import with_tags

NOT_DRAWN = ("abort", "error", "insufficient_system_resource")
"""finish_reasons of a completion that the server gave up (vLLM, SGLang; the last: DeepSeek): no trace is in it."""
OTHER_NAMES = {"model_length": CUT_OFF, "eos_token": FINISHED, "stop_sequence": FINISHED}
"""finish_reasons that are said otherwise (Mistral; TGI)."""
# vLLM: "maximum context length is", "longer than the maximum model length"; OpenAI: code context_length_exceeded;
# SGLang: "longer than the model's context length"; llama.cpp: exceed_context_size_error, "available context size".
TOO_LONG = re.compile(r"context[ _](length|size|window)|maximum model length|prompt is too long", re.IGNORECASE)
WORDS = 200
"""Characters of a server's own words that are repeated in a message."""


class Unreadable(Exception):
    """A reply that holds no completion; the message says why."""


class NoApi(Unreadable):
    """A reply that no such API would give, such as a web page."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server drew. Made here; read by the fleet."""

    text: str
    """Tags included, in the one form `<think>…</think>answer`."""
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    """Both 0 if the server does not say."""
    reasoning_tokens: int | None
    """How many of them are reasoning, if the server says so (OpenAI's `completion_tokens_details`)."""


def request_body(request: Request, teacher: ServerTeacher) -> bytes:
    settings = request.settings
    body: dict[str, Any] = {
        "model": teacher.model,
        "messages": request.messages,
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "top_k": settings.top_k,  # also -1: without it `vllm serve` takes the one of the model's generation_config.json
        "max_tokens": settings.max_tokens,
        "seed": request.seed,
    }
    if settings.thinking_tokens is not None:
        body["thinking_token_budget"] = settings.thinking_tokens  # vLLM's name for it
    if teacher.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    body |= teacher.extra_body
    if request.chat_template_kwargs:  # the config's own extra_body has the last word on each, or leaves all out
        given = teacher.extra_body.get("chat_template_kwargs", {})
        body["chat_template_kwargs"] = request.chat_template_kwargs | given if isinstance(given, dict) else given
    return json.dumps({name: value for name, value in body.items() if value is not None}).encode()


def read_reply(body: bytes, thinks: bool) -> Reply:
    """The completion in the body of a reply. Errors: Unreadable."""
    return reply_of(parse(body), thinks)


def parse(body: bytes) -> dict[str, Any]:
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        first = body.lstrip()[:1]
        if first in (b"{", b""):
            raise Unreadable("the reply is not whole JSON") from None
        raise NoApi("the reply is HTML" if first == b"<" else "the reply is no JSON") from None
    if not isinstance(tree, dict):
        raise NoApi("the reply is no JSON object")
    if tree.get("error"):
        raise Unreadable(f"the reply is an error: {words_of(tree)}")
    return tree


def reply_of(tree: dict[str, Any], thinks: bool) -> Reply:
    choices = tree.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Unreadable("the reply has no choices")
    message, finish = choices[0].get("message"), choices[0].get("finish_reason")
    if not isinstance(message, dict):
        raise Unreadable("the reply has no message")
    if not isinstance(finish, str) or finish in NOT_DRAWN:
        raise Unreadable(f"the completion was given up by the server (finish_reason {finish})")
    text = to_text(piece(message, "content"), reasoning_in(message), thinks)
    usage = tree.get("usage")
    details = usage.get("completion_tokens_details") if isinstance(usage, dict) else None
    return Reply(
        text,
        OTHER_NAMES.get(finish, finish),
        count_in(usage, "prompt_tokens") or 0,
        count_in(usage, "completion_tokens") or 0,
        count_in(details, "reasoning_tokens"),
    )


def to_text(content: str, reasoning: str, thinks: bool) -> str:
    """The reply as one text with think tags, which can be written as UTF-8."""
    text = with_tags(content, reasoning, thinks)
    return text if text.isascii() else whole_characters(text)


def whole_characters(text: str) -> str:
    """Halves of a surrogate pair joined, lone ones replaced: they could not be written as UTF-8."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def reasoning_in(message: dict[str, Any]) -> str:
    return piece(message, "reasoning_content") or piece(message, "reasoning")


def piece(message: dict[str, Any], name: str) -> str:
    value = message.get(name)
    if value is not None and not isinstance(value, str):
        raise Unreadable(f"{name} of the reply is no text")
    return value or ""


def count_in(usage: Any, name: str) -> int | None:
    value = usage.get(name) if isinstance(usage, dict) else None
    return max(value, 0) if isinstance(value, int) else None


def words_of(tree: Any) -> str:
    """A server's own words for an error, on one line; of OpenAI's `{"error": {"message": …}}` or FastAPI's `detail`."""
    error = tree.get("error", tree) if isinstance(tree, dict) else tree
    if isinstance(error, dict):
        error = error.get("message") or error.get("detail") or error
    return " ".join(str(error).split())[:WORDS]
