"""Makers for the tests of runtimes."""

from records.runtime import Runtime

VLLM = Runtime(
    engine="vllm",
    version="0.32.0",
    device="cpu",
    attention="CPU_ATTN",
    dtype="bfloat16",
    quantization="",
    eager=True,
    stop_tokens=("<|im_end|>", "<|endoftext|>"),
    penalties=(1.0, 0.0, 0.0),
    template="0a1b2c",
)
