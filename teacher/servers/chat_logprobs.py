"""Logprobs in the chat completions API: how they are asked for, and how they are read.

They must name tokens by id, which `vllm serve` does if the request says `return_tokens_as_token_ids` (0.32):

    {"content": [{"token": "token_id:412", "logprob": -0.1, "bytes": [52], "top_logprobs": [
        {"token": "token_id:412", "logprob": -0.1, "bytes": […]}, {"token": "token_id:17", "logprob": -3.2, …}]}]}

Texts of tokens would not do: several tokens may have the same text, and the tokens of a part of a character have none.
"""

import re
from typing import Any

import numpy as np

from records.logprobs import TokenLogprobs, of_lists

TOKEN_ID = re.compile(r"token_id:(\d{1,9})")
"""Matches `token_id:412`."""


class NoTokenIds(Exception):
    """The server names no token by its id. The message says what it does instead."""


def asking_for(k: int | None) -> dict[str, Any]:
    """Return the fields of a request for the k most probable tokens; none if k is None."""
    return {"logprobs": True, "top_logprobs": k, "return_tokens_as_token_ids": True} if k else {}


def content_of(choice: dict[str, Any]) -> list[Any]:
    """Return the tokens with logprobs of a choice or of one event's; empty if there are none."""
    logprobs = choice.get("logprobs")
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    return content if isinstance(content, list) else []


def read_logprobs(content: list[Any], k: int) -> TokenLogprobs | None:
    """Return the logprobs of all tokens, each row sorted; the vocabulary is left empty. None if a token has fewer than
    k of them, or if they are numbers that no model gives. Errors: NoTokenIds.

    vLLM gives k, and the drawn token is always one: if it is not among the k most probable ones, it has the last place.
    """
    try:
        rows = [sorted(map(entry_of, token["top_logprobs"]), reverse=True)[:k] for token in content]
        drawn = [entry_of(token) for token in content]
        if any(len(row) != k for row in rows):
            return None
        found = of_lists(
            "",
            [number for _, number in drawn],
            [logprob for logprob, _ in drawn],
            [number for row in rows for _, number in row],
            [logprob for row in rows for logprob, _ in row],
        )
        return None if found.fault or np.isnan(found.logprobs).any() or np.isnan(found.top_logprobs).any() else found
    except (TypeError, KeyError, ValueError, OverflowError):
        return None


def entry_of(token: dict[str, Any]) -> tuple[float, int]:
    found = TOKEN_ID.fullmatch(token["token"])
    if not found:
        raise NoTokenIds("names the tokens of logprobs by their texts")
    return float(token["logprob"]), int(found[1])
