"""A teacher behind OpenAI-compatible servers: `vllm serve` or SGLang, a hosted API, or servers that a run starts."""

import re
from collections.abc import Iterator
from typing import ClassVar, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, JsonValue, model_validator

from configs.models import Dtype, Engine
from configs.section import MOST_MIB, MOST_SECONDS, Section
from configs.serve_arguments import check_argument
from configs.teacher_kind import ModelTeacher, WeightsName

SET_BY_RETORT = ("model", "messages", "n", "stream", "stream_options")
SET_BY_SAMPLING = (
    *("seed", "temperature", "top_p", "top_k", "max_tokens"),
    *("logprobs", "top_logprobs", "return_tokens_as_token_ids"),
)
SECRETS = ("api_key", "apikey", "x_api_key", "authorization", "access_token", "password", "secret")
"""Fields that would hold a key. All that a config says is written to manifests, reports and cards."""
ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Serve(Section):
    """`vllm serve` processes that the stage starts, uses and stops."""

    path: str
    """A local model directory or a Hugging Face name (`owner/name`)."""
    revision: str | None = None
    """Commit or tag of a Hugging Face name; pin it for runs that must be repeatable."""
    dtype: Dtype = "bfloat16"
    """Type of the weights; `auto` is the checkpoint's own."""
    engine: Engine = Engine()
    """The engine of each server. A server's tensor parallel size is its number of GPUs."""
    arguments: dict[str, JsonValue] = {}
    """Further `vllm serve` arguments without dashes, such as `{reasoning-parser: deepseek_r1}`. After a change all
    traces are drawn anew; settings that change no completion belong into `engine`. Only those that surely load no code
    are taken (configs/serve_arguments.py)."""
    gpus: list[list[int]] = Field(default=[[0]], min_length=1)
    """One server is started on each of these sets of GPUs. GPUs are numbered from 0 among those that
    `CUDA_VISIBLE_DEVICES` makes visible; `[]` is a server on the CPU."""
    first_port: int | None = Field(default=None, ge=1, le=65535)
    """Server i listens on `first_port + i`, on this machine only; `null` takes free ports."""
    ready_timeout_s: float = Field(default=1800, gt=0, le=MOST_SECONDS)
    """The longest wait until all servers have loaded the model."""

    @model_validator(mode="after")
    def stays_reachable(self) -> "Serve":
        for name, value in self.arguments.items():
            check_argument(name, value)
        if self.first_port and self.first_port + len(self.gpus) > 65536:
            raise ValueError("first_port: leaves too few ports for the servers; lower it, or set null for free ones")
        return self


class ServerTeacher(ModelTeacher):
    """A teacher that is sampled over HTTP."""

    continues: ClassVar[bool] = False
    kind: Literal["server"]
    name: str
    """A short name, used in paths, rows and reports."""
    model: str
    """The model's name on the servers."""
    base_urls: list[str] = []
    """The base URL of each server's API, such as `http://gpu7:8000/v1`. All must serve the same model."""
    serve: Serve | None = None
    """Start servers instead of using running ones."""
    extra_body: dict[str, JsonValue] = {}
    """Further fields of every request, such as `{chat_template_kwargs: {enable_thinking: true}}`. `null` leaves out a
    field that would be sent: hosted APIs may reject `top_k` or `seed`."""
    tokenizer: str | None = None
    """The model's tokenizer, a directory or a Hugging Face name, for `sampling.logprobs`: it says which vocabulary the
    servers' token ids belong to. `null` takes that of `serve.path`."""
    api_key_env: str | None = None
    """The name of the environment variable that holds the API key. The key itself must not be in a config."""
    max_in_flight: int = Field(default=256, ge=1)
    """The most requests at a time at each endpoint. A 429 halves this number for its endpoint, and completions let it
    grow again; a 429 does not count as one of a request's `retries`."""
    stream: bool = False
    """Receive replies in pieces. Gateways that close silent connections need it, a hung server is noticed sooner, and
    `stop_loops` needs it to end a completion."""
    request_timeout_s: float = Field(default=3600, gt=0, le=MOST_SECONDS)
    """The longest wait for a whole reply; with `stream`, the longest silence within it."""
    stream_timeout_s: float = Field(default=10800, gt=0, le=MOST_SECONDS)
    """The longest wait for the end of a stream, whatever it sends meanwhile."""
    max_reply_mib: int = Field(default=64, ge=1, le=MOST_MIB)
    """The longest reply, in MiB; one that exceeds it counts as a failed try. 128,000 streamed tokens take 40 MB."""
    connect_timeout_s: float = Field(default=10, gt=0, le=MOST_SECONDS)
    """The longest wait for a connection, in seconds."""
    retries: int = Field(default=7, ge=0)
    """How often a request is tried again after a 5xx, a timeout, a lost connection or an unreadable reply. After the
    last try it is recorded as failed."""
    backoff_s: float = Field(default=1, gt=0, le=MOST_SECONDS)
    """The longest random wait, in seconds, before the first retry. It doubles with each further one."""
    max_backoff_s: float = Field(default=60, gt=0, le=MOST_SECONDS)
    """Upper bound on such a wait, in seconds. A longer `Retry-After` is honoured."""
    unreachable_timeout_s: float = Field(default=600, ge=0, le=MOST_SECONDS)
    """The run ends when no endpoint has served anything for this long. The traces drawn so far are kept."""

    @property
    def weights_names(self) -> list[WeightsName]:
        return [WeightsName("teacher.serve", self.serve.path, self.serve.revision)] if self.serve else []

    @property
    def tokenizer_place(self) -> str | None:
        return self.tokenizer or (self.serve.path if self.serve else None)

    @property
    def names_tokens(self) -> bool:
        return self.tokenizer_place is not None

    @property
    def origin(self) -> str:
        return self.serve.path if self.serve else self.model

    # A key pasted into the wrong place must not reach a log. So messages here repeat no value, and
    # `configs.explain.explain` shows none for a validator of the whole section.
    @model_validator(mode="after")
    def has_servers(self) -> "ServerTeacher":
        if bool(self.base_urls) == (self.serve is not None):
            raise ValueError("give either base_urls (running servers) or serve (start some)")
        if len({url.rstrip("/") for url in self.base_urls}) < len(self.base_urls):
            raise ValueError("base_urls: one stands there twice; remove it")
        for number, url in enumerate(self.base_urls):
            parts = split(url)
            if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or not url.isascii():
                raise ValueError(f"base_urls: number {number} is not of the form http://host:port/v1")
            if parts.username or parts.password or parts.query or parts.fragment:
                raise ValueError(f"base_urls: number {number} holds more than host and path; keys go into api_key_env")
        return self

    @model_validator(mode="after")
    def keeps_the_key_out(self) -> "ServerTeacher":
        if self.api_key_env is not None and not ENVIRONMENT_NAME.fullmatch(self.api_key_env):
            raise ValueError("api_key_env: must be the name of an environment variable, such as OPENAI_API_KEY")
        for name in names_in(self.extra_body):
            if name.lower().replace("-", "_") in SECRETS:
                raise ValueError(f"extra_body: {name} would be written to every manifest; keys go into api_key_env")
        if self.serve and self.api_key_env:
            raise ValueError("api_key_env: servers started here need no key; remove it")
        return self

    @model_validator(mode="after")
    def has_one_place_for_each_setting(self) -> "ServerTeacher":
        for name in self.extra_body.keys() & {*SET_BY_RETORT}:
            raise ValueError(f"extra_body: {name} is set by Retort; remove it")
        for name in self.extra_body.keys() & {*SET_BY_SAMPLING}:
            if self.extra_body[name] is not None:
                raise ValueError(f"extra_body: {name} comes from sampling; null leaves it out")
        if self.backoff_s > self.max_backoff_s:
            raise ValueError("backoff_s exceeds max_backoff_s; lower the one or raise the other")
        return self


def names_in(value: JsonValue) -> Iterator[str]:
    """Yield the names of all fields, nested ones included."""
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from names_in(inner)


def split(url: str) -> SplitResult | None:
    """Return the parts of a URL, or None for text that is not a URL."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # only this access rejects a port such as `80o0`
    except ValueError:
        return None
    return parts
