"""What the fake server answers: completions in every form that servers give them, and faults."""

import hashlib
import json
import re
from collections.abc import Callable
from email.utils import formatdate
from time import time
from typing import Any

Reply = tuple[int, str, bytes]
"""Status, further header lines, body."""
MODEL = "fake-model"
JSON = "Content-Type: application/json\r\n"
HTML = b"<!DOCTYPE html><html><body>Welcome to nginx!</body></html>"
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


SUM = re.compile(r"(-?\d+) ([+-]) (\d+)")


def draw(body: dict[str, Any]) -> tuple[str, str]:
    """Reasoning and answer, decided by the last message and the seed; the answer to a sum is right in 70 % of cases."""
    asked = str(body["messages"][-1]["content"])
    digest = hashlib.sha256(f"{asked}:{body.get('seed')}".encode("utf-8", "surrogatepass")).digest()
    number = int.from_bytes(digest[1:4], "big")
    if (found := SUM.search(asked)) and digest[4] < 0.7 * 256:
        left, sign, right = found.groups()
        number = int(left) + int(sign + right)
    return " ".join(["step"] * (3 + digest[0] % 28)), f"\\boxed{{{number}}}"


def message_of(form: str, reasoning: str, answer: str) -> tuple[dict[str, Any], str]:
    """The message in one of the forms that servers give it, and its finish_reason."""
    whole = f"<think>\n{reasoning}\n</think>\n\n{answer}"
    forms: dict[str, tuple[dict[str, Any], str]] = {
        "inline": ({"content": whole}, "stop"),
        "unstreamed": ({"content": whole}, "stop"),
        "prefilled": ({"content": f"{reasoning}\n</think>\n\n{answer}"}, "stop"),
        "unclosed": ({"content": f"<think>\n{reasoning}"}, "length"),
        "prefilled_unclosed": ({"content": reasoning}, "length"),
        "plain": ({"content": answer}, "stop"),
        "reasoning_content": ({"content": answer, "reasoning_content": reasoning}, "stop"),
        "reasoning": ({"content": answer, "reasoning": reasoning}, "stop"),
        "both": ({"content": whole, "reasoning": reasoning, "reasoning_content": reasoning}, "stop"),
        "only_reasoning": ({"content": None, "reasoning_content": reasoning}, "length"),
        "empty": ({"content": ""}, "stop"),
        "null": ({"content": None}, "stop"),
        "content_filter": ({"content": ""}, "content_filter"),
        "tool_calls": ({"content": None, "tool_calls": [{"id": "1", "type": "function"}]}, "tool_calls"),
        "looping": ({"content": "<think>\n" + "and so on and on. " * 200}, "length"),
        "abort": ({"content": "<think>\nstep"}, "abort"),
    }
    message, finish = forms[form]
    return {"role": "assistant"} | message, finish


def completion(body: dict[str, Any], form: str) -> dict[str, Any]:
    reasoning, answer = draw(body)
    message, finish = message_of(form, reasoning, answer)
    tokens = {"prompt_tokens": 7, "completion_tokens": len(reasoning.split()) + 1}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return {"id": "cmpl", "object": "chat.completion", "model": MODEL, "choices": [choice], "usage": tokens}


def chunks(whole: dict[str, Any]) -> list[bytes]:
    """The same completion as server-sent events: the role, every field in pieces, finish_reason, usage, [DONE]."""
    choice = whole["choices"][0]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    for field in ("reasoning_content", "reasoning", "content"):
        text = choice["message"].get(field) or ""
        deltas += [{field: text[at : at + 9]} for at in range(0, len(text), 9)]
    events: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
    events.append({"choices": [], "usage": whole["usage"]})
    return [b": keep-alive\n\n", *(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)]


def error(status: int, message: str, headers: str = "", code: str | None = None) -> Reply:
    return status, JSON + headers, json.dumps({"error": {"message": message, "code": code or status}}).encode()


TOO_LONG = "This model's maximum context length is 512 tokens. However, your prompt contains 600 input tokens"
FAULTS: dict[str, Callable[[], Reply]] = {
    "429": lambda: error(429, "slow down", "Retry-After: 1\r\n"),
    "429_date": lambda: error(429, "slow down", f"Retry-After: {formatdate(time() + 2, usegmt=True)}\r\n"),
    "429_bare": lambda: error(429, "slow down"),
    "500": lambda: error(500, "engine dead"),
    "503": lambda: (503, "", b""),
    "quota": lambda: error(429, "You exceeded your current quota", code="insufficient_quota"),
    "402": lambda: error(402, "Insufficient Balance"),
    "echo": lambda: error(500, "you sent Bearer sk-very-secret-0123456789"),
    "400": lambda: error(400, "unknown parameter: top_k"),
    "401": lambda: error(401, "Incorrect API key provided: sk-se**et"),
    "404": lambda: error(404, f"The model `x` does not exist, {MODEL} does"),
    "html": lambda: (200, "Content-Type: text/html\r\n", HTML),
    "half_json": lambda: (200, JSON, b'{"choices": [{"message": {"content": "<thi'),
    "error_body": lambda: error(200, "upstream failed"),
    "no_choices": lambda: (200, JSON, b'{"choices": [], "usage": null}'),
    "no_message": lambda: (200, JSON, b'{"choices": [{}]}'),
    "too_long": lambda: error(400, TOO_LONG),
    "too_long_code": lambda: error(400, "reduce it", code="context_length_exceeded"),
}
