"""The fake server's answers: completions in every form that real servers use, and faults."""

import hashlib
import json
import re
from collections.abc import Callable
from email.utils import formatdate
from time import time
from typing import Any

from teacher.engines.fake import fake_logprobs

HttpReply = tuple[int, str, bytes]
"""Status, further header lines, body."""
MODEL = "fake-model"
JSON = "Content-Type: application/json\r\n"
HTML = b"<!DOCTYPE html><html><body>Welcome to nginx!</body></html>"
REASONS = {200: "OK", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}
SUM = re.compile(r"(-?\d+) ([+-]) (\d+)")
"""Matches the sum in `What is 3 + 2?`."""
VERDICT = "<verdict>"
"""What a question to a judge contains."""
RIGHT = 0.7
"""Share of the sums that are answered correctly, and of the verdicts that accept."""


def draw(body: dict[str, Any]) -> tuple[str, str]:
    """Return reasoning and answer, which depend on the last message and the seed."""
    asked = str(body["messages"][-1]["content"])
    digest = hashlib.sha256(f"{asked}:{body.get('seed')}".encode("utf-8", "surrogatepass")).digest()
    number = int.from_bytes(digest[1:4], "big")
    if (found := SUM.search(asked)) and digest[4] < RIGHT * 256:
        left, operator, right = found.groups()
        number = int(left) + int(operator + right)
    steps = " ".join(["step"] * (3 + digest[0] % 28))
    if VERDICT in asked:
        return steps, f"<verdict>{'correct' if digest[4] < RIGHT * 256 else 'wrong'}</verdict>"
    return steps, f"\\boxed{{{number}}}"


Form = Callable[[str, str], tuple[dict[str, Any], str]]
"""Makes a message and its finish_reason from a reasoning and an answer."""


def inline(reasoning: str, answer: str) -> str:
    return f"<think>\n{reasoning}\n</think>\n\n{answer}"


FORMS: dict[str, Form] = {
    "inline": lambda r, a: ({"content": inline(r, a)}, "stop"),
    "unstreamed": lambda r, a: ({"content": inline(r, a)}, "stop"),
    "prefilled": lambda r, a: ({"content": f"{r}\n</think>\n\n{a}"}, "stop"),
    "unclosed": lambda r, a: ({"content": f"<think>\n{r}"}, "length"),
    "prefilled_unclosed": lambda r, a: ({"content": r}, "length"),
    "plain": lambda r, a: ({"content": a}, "stop"),
    "reasoning_content": lambda r, a: ({"content": a, "reasoning_content": r}, "stop"),
    "reasoning": lambda r, a: ({"content": a, "reasoning": r}, "stop"),
    "both": lambda r, a: ({"content": inline(r, a), "reasoning": r, "reasoning_content": r}, "stop"),
    "only_reasoning": lambda r, a: ({"content": None, "reasoning_content": r}, "length"),
    "empty": lambda r, a: ({"content": ""}, "stop"),
    "null": lambda r, a: ({"content": None}, "stop"),
    "content_filter": lambda r, a: ({"content": ""}, "content_filter"),
    "tool_calls": lambda r, a: ({"content": None, "tool_calls": [{"id": "1", "type": "function"}]}, "tool_calls"),
    "no_logprobs": lambda r, a: ({"content": inline(r, a)}, "stop"),
    "text_tokens": lambda r, a: ({"content": inline(r, a)}, "stop"),
    "few_logprobs": lambda r, a: ({"content": inline(r, a)}, "stop"),
    "looping": lambda r, a: ({"content": "<think>\n" + "and so on and on. " * 200}, "length"),
    "half_finish": lambda r, a: ({"content": inline(r, a)}, "\ud800"),
    "abort": lambda r, a: ({"content": "<think>\nstep"}, "abort"),
}


def counted(tokens: int) -> HttpReply:
    """Return a reply that claims so many tokens."""
    choice = {"message": {"content": inline("step", "\\boxed{1}")}, "finish_reason": "stop"}
    usage = {"prompt_tokens": tokens, "completion_tokens": tokens}
    return 200, JSON, json.dumps({"choices": [choice], "usage": usage}).encode()


def completion(body: dict[str, Any], form: str) -> dict[str, Any]:
    """Return the reply to the body of a request."""
    reasoning, answer = draw(body)
    message, finish = FORMS[form](reasoning, answer)
    tokens = {"prompt_tokens": 7, "completion_tokens": len(reasoning.split()) + 1}
    choice = {"index": 0, "message": {"role": "assistant"} | message, "finish_reason": finish}
    if body.get("logprobs") and form != "no_logprobs":
        named = bool(body.get("return_tokens_as_token_ids")) and form != "text_tokens"
        content = token_logprobs(tokens["completion_tokens"], body["top_logprobs"], body["seed"], named)
        choice["logprobs"] = {"content": content[1:] if form == "few_logprobs" else content}
    return {"id": "cmpl", "object": "chat.completion", "model": MODEL, "choices": [choice], "usage": tokens}


def token_logprobs(tokens: int, k: int, seed: int, named: bool) -> list[dict[str, Any]]:
    """Return logprobs as `vllm serve` writes them. Tokens are `named` by their ids; otherwise by a text."""
    drawn = fake_logprobs(["step"] * tokens, k, seed)

    def entry(number: int, logprob: float) -> dict[str, Any]:
        return {"token": f"token_id:{number}" if named else "step", "logprob": logprob, "bytes": None}

    tops = [
        [entry(*pair) for pair in zip(ids, logprobs, strict=True)]
        for ids, logprobs in zip(drawn.top_ids.tolist(), drawn.top_logprobs.tolist(), strict=True)
    ]
    return [top[0] | {"top_logprobs": top} for top in tops]


def chunks(whole: dict[str, Any]) -> list[bytes]:
    """Return a completion as server-sent events: the role, every field in pieces, finish_reason, usage, [DONE]."""
    choice = whole["choices"][0]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    for field in ("reasoning_content", "reasoning", "content"):
        text = choice["message"].get(field) or ""
        deltas += [{field: text[at : at + 9]} for at in range(0, len(text), 9)]
    events: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    content = choice.get("logprobs", {}).get("content", [])
    for at, token in enumerate(content):  # several tokens come with one piece, or none
        part = events[at * len(events) // len(content)]["choices"][0].setdefault("logprobs", {"content": []})
        part["content"].append(token)
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
    events.append({"choices": [], "usage": whole["usage"]})
    return [b": keep-alive\n\n", *(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)]


def error(status: int, message: str, headers: str = "", code: str | None = None) -> HttpReply:
    return status, JSON + headers, json.dumps({"error": {"message": message, "code": code or status}}).encode()


TOO_LONG = "This model's maximum context length is 512 tokens. However, your prompt contains 600 input tokens"
FAULTS: dict[str, Callable[[], HttpReply]] = {
    "429": lambda: error(429, "slow down", "Retry-After: 1\r\n"),
    "429_date": lambda: error(429, "slow down", f"Retry-After: {formatdate(time() + 2, usegmt=True)}\r\n"),
    "429_bare": lambda: error(429, "slow down"),
    "500": lambda: error(500, "engine dead"),
    "503": lambda: (503, "", b""),
    "quota": lambda: error(429, "You exceeded your current quota", code="insufficient_quota"),
    "302": lambda: (302, "Location: https://elsewhere.invalid/v1\r\n", b""),
    "402": lambda: error(402, "Insufficient Balance"),
    "echo": lambda: error(500, "you sent Bearer sk-very-secret-0123456789"),
    "late_echo": lambda: error(500, "x" * 190 + " sk-very-secret-0123456789"),
    "400": lambda: error(400, "unknown parameter: top_k"),
    "401": lambda: error(401, "Incorrect API key provided: sk-se**et"),
    "404": lambda: error(404, f"The model `x` does not exist, {MODEL} does"),
    "html": lambda: (200, "Content-Type: text/html\r\n", HTML),
    "half_json": lambda: (200, JSON, b'{"choices": [{"message": {"content": "<thi'),
    "error_body": lambda: error(200, "upstream failed"),
    "no_choices": lambda: (200, JSON, b'{"choices": [], "usage": null}'),
    "no_message": lambda: (200, JSON, b'{"choices": [{}]}'),
    "half_character": lambda: error(400, "no template for \ud83d"),
    "most_tokens": lambda: counted(2**31 - 1),
    "too_many_tokens": lambda: counted(2**31),
    "endless_count": lambda: counted(10**30),
    "negative_count": lambda: counted(-1),
    "too_long": lambda: error(400, TOO_LONG),
    "too_long_code": lambda: error(400, "reduce it", code="context_length_exceeded"),
}
