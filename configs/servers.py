"""A teacher behind OpenAI-compatible servers: a fleet of `vllm serve`, SGLang, a hosted API, or ones started here."""

import re
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, JsonValue, model_validator

from configs.models import Dtype, Engine, Prompt
from configs.section import Section

GIVEN_ELSEWHERE = ("model", "messages", "n", "stream", "stream_options")
SERVED_BY_RETORT = ("host", "port", "served-model-name", "api-key")
ONLY_LEFT_OUT = ("seed", "temperature", "top_p", "top_k", "max_tokens")
ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Serve(Section):
    """`vllm serve` processes that the stage starts, uses and stops."""

    path: str
    """A local model directory or a Hugging Face name (`owner/name`)."""
    revision: str | None = None
    """Commit or tag of a Hugging Face name; pin it for runs that must be repeatable."""
    dtype: Dtype = "bfloat16"
    engine: Engine = Engine()
    """Of each server. A server's tensor parallel size is its number of GPUs."""
    arguments: dict[str, JsonValue] = {}
    """Further `vllm serve` arguments without dashes, such as `{reasoning-parser: deepseek_r1}`. They count as shaping
    completions; what does not is in `engine`."""
    gpus: list[list[int]] = Field(default=[[0]], min_length=1)
    """One server for each of these sets of GPUs, counted from 0 among those that `CUDA_VISIBLE_DEVICES` leaves; `[]` is
    a server on the CPU."""
    first_port: int | None = Field(default=None, ge=1, le=65535)
    """Server i listens on `first_port + i`, on this machine only; `null` takes free ports."""
    ready_timeout_s: float = Field(default=1800, gt=0)
    """Longest wait for all of them to load the model."""

    @model_validator(mode="after")
    def stays_reachable(self) -> "Serve":
        for name in self.arguments:
            if name.strip("-").replace("_", "-") in SERVED_BY_RETORT:
                raise ValueError(f"arguments: {name} is set by Retort; remove it")
        if self.first_port and self.first_port + len(self.gpus) > 65536:
            raise ValueError("first_port: leaves no ports for so many servers; lower it, or null for free ones")
        return self


class ServerTeacher(Section):
    """A teacher sampled over HTTP."""

    kind: Literal["server"]
    name: str
    """Short name, used in paths, rows and reports."""
    model: str
    """The model's name on the servers."""
    base_urls: list[str] = []
    """Where the API begins, such as `http://gpu7:8000/v1`; every one must serve the same model."""
    serve: Serve | None = None
    """Start servers instead of using running ones."""
    max_model_len: int = Field(default=32768, ge=16)
    """Context in tokens: prompt and completion together."""
    prompt: Prompt = Prompt()
    thinks: bool = True
    """Whether completions reason. If not, the whole completion is the answer."""
    extra_body: dict[str, JsonValue] = {}
    """Further fields of every request, such as `{chat_template_kwargs: {enable_thinking: true}}`. `null` leaves a field
    out that would be sent: hosted APIs may refuse `top_k` or `seed`."""
    api_key_env: str | None = None
    """Name of the environment variable that holds the key. The key itself never stands in a config."""
    max_in_flight: int = Field(default=256, ge=1)
    """Requests at a time at each endpoint. A 429 halves it there, completions let it grow again; it is no failed try of
    a request."""
    stream: bool = False
    """Let replies come in pieces. Gateways that close silent connections need it, a hung server is noticed sooner, and
    `stop_loops` can stop."""
    request_timeout_s: float = Field(default=3600, gt=0)
    """Longest time for one reply; with `stream`, longest silence within it."""
    connect_timeout_s: float = Field(default=10, gt=0)
    retries: int = Field(default=7, ge=0)
    """Further tries of a request after 5xx, a timeout, a lost connection or an unreadable reply; after the last one it
    is recorded as failed."""
    backoff_s: float = Field(default=1, gt=0)
    """Bound of the random wait before the first further try, doubled for each one after it."""
    max_backoff_s: float = Field(default=60, gt=0)
    """Largest such bound. `Retry-After` is honoured beyond it."""
    unreachable_timeout_s: float = Field(default=600, ge=0)
    """The run ends when no endpoint has served anything for so long. What was drawn is kept."""

    # A key pasted into the wrong place must not reach a log: messages name no value, and of a validator of the whole
    # section `configs.explain.explain` shows none either.
    @model_validator(mode="after")
    def has_servers(self) -> "ServerTeacher":
        if bool(self.base_urls) == (self.serve is not None):
            raise ValueError("give either base_urls (running servers) or serve (start some)")
        if len({url.rstrip("/") for url in self.base_urls}) < len(self.base_urls):
            raise ValueError("base_urls: one is given twice")
        for number, url in enumerate(self.base_urls):
            parts = split(url)
            if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or not url.isascii():
                raise ValueError(f"base_urls: number {number} is no address of the form http://host:port/v1")
            if parts.username or parts.password or parts.query or parts.fragment:
                raise ValueError(f"base_urls: number {number} holds more than host and path; keys go into api_key_env")
        return self

    @model_validator(mode="after")
    def keeps_the_key_out(self) -> "ServerTeacher":
        if self.api_key_env is not None and not ENVIRONMENT_NAME.fullmatch(self.api_key_env):
            raise ValueError("api_key_env: must be the name of an environment variable, such as OPENAI_API_KEY")
        if self.serve and self.api_key_env:
            raise ValueError("api_key_env: servers started here need no key; remove it")
        return self

    @model_validator(mode="after")
    def has_one_place_for_each_setting(self) -> "ServerTeacher":
        for name in self.extra_body.keys() & {*GIVEN_ELSEWHERE}:
            raise ValueError(f"extra_body: {name} is set by Retort; remove it")
        for name in self.extra_body.keys() & {*ONLY_LEFT_OUT}:
            if self.extra_body[name] is not None:
                raise ValueError(f"extra_body: {name} comes from sampling; null leaves it out")
        if self.backoff_s > self.max_backoff_s:
            raise ValueError("backoff_s exceeds max_backoff_s")
        return self


def split(url: str) -> SplitResult | None:
    """The parts of an address, None for what is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # only here is a port such as `80o0` found wrong
    except ValueError:
        return None
    return parts
