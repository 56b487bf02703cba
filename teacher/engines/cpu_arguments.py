"""Arguments that vLLM 0.32 needs on a CPU. Used by the in-process engine, by `vllm serve` and by the benchmarks."""

from typing import Any

MIN_BATCHED_TOKENS = 8192
"""Lower bound on the tokens that one step may hold, so that several short prompts are prefilled together."""


def whole_prefill(max_model_len: int) -> dict[str, Any]:
    """Return engine arguments that keep a prefill from being split. A seeded request with a split prefill crashes vLLM
    0.32 with "CPU Generator does not use offset"."""
    return {"enable_chunked_prefill": False, "max_num_batched_tokens": max(MIN_BATCHED_TOKENS, max_model_len)}
