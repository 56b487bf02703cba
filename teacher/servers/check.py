"""Asks the servers, before the first request, which models they have."""

import asyncio
from typing import Any

from records.errors import InputError
from teacher.servers.endpoints import Endpoint, Endpoints
from teacher.servers.exchange import WHERE, Exchange, tree_of


async def check_all(exchange: Exchange, endpoints: Endpoints) -> list[Endpoint]:
    """The endpoints that do not answer, already set aside.

    Errors: InputError if none does, and for every answer that is wrong whatever is asked: a refused key, a web page, a
    smaller context than configured. A model that is not listed is no error yet: hosted APIs leave some out.
    """
    answers = await asyncio.gather(*(greet(exchange, endpoint) for endpoint in endpoints.all))
    silent = [endpoint for endpoint, answer in zip(endpoints.all, answers, strict=True) if not answer]
    if len(silent) == len(endpoints.all):
        tried = ", ".join(f"{endpoint.url} ({endpoint.trouble})" for endpoint in silent)
        raise InputError(f"no server answers: {tried}; start it, or correct teacher.base_urls")
    for endpoint in silent:
        endpoint.aside = True
    return silent


async def greet(exchange: Exchange, endpoint: Endpoint) -> bool:
    """Whether it answers. Errors: InputError as of `check_all`."""
    status, body = await exchange.list_models(endpoint)
    if status == 0 or status >= 500:
        return False
    if status == 401:
        raise InputError(exchange.about_key(endpoint.url, status))
    if status != 200:  # some hosted APIs list no models, or not to every key (403); the first completion will tell
        return True
    tree = tree_of(body)
    if not isinstance(tree, dict):
        raise InputError(f"{endpoint.url}/models: answers with {kind_of(tree)} instead of a list of models; {WHERE}")
    endpoint.models = tuple(str(card.get("id")) for card in listed(tree))
    cards = [card for card in listed(tree) if card.get("id") == exchange.teacher.model]
    limits = [limit for card in cards if isinstance(limit := card.get("max_model_len"), int)]  # vLLM, SGLang
    if limits and limits[0] < exchange.teacher.max_model_len:
        raise InputError(
            f"{endpoint.url}: serves {exchange.teacher.model} with a context of {limits[0]} tokens; set "
            f"teacher.max_model_len to that, or start it with --max-model-len {exchange.teacher.max_model_len}"
        )
    return True


def listed(tree: dict[str, Any]) -> list[dict[str, Any]]:
    cards = tree.get("data")
    return [card for card in cards if isinstance(card, dict)] if isinstance(cards, list) else []


def kind_of(tree: Any) -> str:
    return tree if tree == "a web page" else "no JSON object"
