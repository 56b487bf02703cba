"""What vLLM 0.32 needs on a CPU: used by the engine in this process, by `vllm serve`, and by the benchmarks."""

from typing import Any

MIN_BATCHED_TOKENS = 8192
"""At least so many tokens fit into one step, so that several short prompts are prefilled at once."""


def whole_prefill(max_model_len: int) -> dict[str, Any]:
    """Engine arguments that keep a prefill from being split. A seeded request whose prefill is split crashes vLLM
    0.32 with "CPU Generator does not use offset"."""
    return {"enable_chunked_prefill": False, "max_num_batched_tokens": max(MIN_BATCHED_TOKENS, max_model_len)}
