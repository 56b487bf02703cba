"""The further arguments that a config may give to the `vllm serve` processes of a run.

A config may come from a stranger, and each version of vLLM brings further ways to load code by its name (a middleware,
a plugin, a Python logging configuration, a custom executor), to write files and to connect to other machines. So those
that a teacher needs are listed, and no others are passed on.
"""

import re

from pydantic import JsonValue

SET_BY_RETORT = ("host", "port", "served-model-name", "api-key")
NAME = re.compile(r"[a-z][a-z0-9]*([-_.][a-z0-9]+)*")
"""Matches `reasoning-parser`. A name such as `host=0.0.0.0` would pass for another argument."""
ALLOWED = frozenset(
    [
        *("reasoning-parser", "tool-call-parser", "enable-auto-tool-choice", "return-tokens-as-token-ids"),
        *("chat-template", "chat-template-content-format", "default-chat-template-kwargs"),
        *("tokenizer", "tokenizer-mode", "config-format", "load-format", "model-impl", "hf-overrides", "dtype", "seed"),
        *("generation-config", "override-generation-config", "max-logprobs", "logprobs-mode"),
        *("quantization", "kv-cache-dtype", "block-size", "num-gpu-blocks-override", "kv-cache-memory-bytes"),
        *("max-model-len", "max-num-seqs", "max-num-batched-tokens", "gpu-memory-utilization", "cpu-offload-gb"),
        *("enable-prefix-caching", "enable-chunked-prefill", "async-scheduling", "scheduling-policy"),
        *("stream-interval", "long-prefill-token-threshold", "disable-sliding-window", "disable-cascade-attn"),
        *("tensor-parallel-size", "pipeline-parallel-size", "data-parallel-size", "api-server-count"),
        *("enable-expert-parallel", "enable-eplb", "eplb-config", "all2all-backend", "enable-dbo"),
        *("decode-context-parallel-size", "disable-custom-all-reduce", "max-parallel-loading-workers"),
        *("attention-backend", "moe-backend", "enforce-eager", "optimization-level", "performance-mode"),
        *("cudagraph-capture-sizes", "max-cudagraph-capture-size", "language-model-only", "limit-mm-per-prompt"),
        *("safetensors-load-strategy", "skip-mm-profiling", "mm-processor-cache-gb", "log-level", "max-log-len"),
        *("enable-log-requests", "enable-log-outputs", "disable-log-stats", "uvicorn-log-level"),
        *("disable-uvicorn-access-log", "data-parallel-size-local", "expert-placement-strategy", "linear-backend"),
        *("mamba-cache-dtype", "mamba-ssm-cache-dtype", "mamba-cache-mode", "mamba-block-size", "mamba-backend"),
        *("gdn-prefill-backend", "disable-hybrid-kv-cache-manager", "kv-cache-dtype-skip-layers"),
        *("dbo-decode-token-threshold", "dbo-prefill-token-threshold", "enable-ep-weight-filter"),
    ]
)
"""Arguments of vLLM 0.32 that load no code, write no file and connect to nothing, whatever their value."""


def check_argument(name: str, value: JsonValue) -> None:
    """Check one argument. Errors: ValueError, which does not repeat the value."""
    if not NAME.fullmatch(name):
        raise ValueError(f"arguments: {name!r} is no name of an argument, such as reasoning-parser")
    known = name.partition(".")[0].replace("_", "-")
    if known in SET_BY_RETORT:
        raise ValueError(f"arguments: {name} is set by Retort; remove it")
    if known not in ALLOWED:
        raise ValueError(
            f"arguments: {name} is none of those that surely run no code of a config or a model; remove it, or start "
            "the server yourself and give base_urls"
        )
    if any(isinstance(one, str) and one.startswith("-") for one in (value if isinstance(value, list) else [value])):
        raise ValueError(f"arguments: {name} has a value that begins with a dash and would be an argument itself")
