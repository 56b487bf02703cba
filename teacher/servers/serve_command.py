"""Command line and environment of a `vllm serve` that a stage starts."""

import json
import os
from collections.abc import Iterator

from pydantic import JsonValue

from configs.servers import Serve, ServerTeacher
from records.errors import InputError


def arguments_of(teacher: ServerTeacher, serve: Serve, port: int, gpus: list[int]) -> list[str]:
    engine = serve.engine
    named: dict[str, JsonValue] = {
        "host": "127.0.0.1",
        "port": port,
        "served-model-name": teacher.model,
        "revision": serve.revision,
        "tokenizer-revision": serve.revision,
        "dtype": serve.dtype,
        "max-model-len": teacher.max_model_len,
        "max-num-seqs": engine.max_num_seqs,
        "gpu-memory-utilization": engine.gpu_memory_utilization,
        "tensor-parallel-size": max(1, len(gpus)),
        "enforce-eager": engine.enforce_eager,
        "generation-config": "vllm",  # the model's own sampling defaults must not mix with the config's
    }
    if not gpus:
        # As in process: a seeded request whose prefill is split crashes vLLM 0.32 on the CPU.
        named |= {"enable-chunked-prefill": False, "max-num-batched-tokens": max(8192, teacher.max_model_len)}
    return [serve.path, *flags(named | serve.arguments)]


def flags(named: dict[str, JsonValue]) -> Iterator[str]:
    """`--name value` of each; `--name` or `--no-name` of a truth value, a list as several values, a mapping as JSON."""
    for name, value in named.items():
        if isinstance(value, bool):
            yield f"--{name}" if value else f"--no-{name}"
        elif value is not None:
            yield f"--{name}"
            yield from map(as_text, value if isinstance(value, list) else [value])


def as_text(value: JsonValue) -> str:
    return json.dumps(value) if isinstance(value, dict) else str(value)


def environment_of(serve: Serve, gpus: list[int]) -> dict[str, str]:
    """Ours, with the server's GPUs. Errors: InputError for a GPU that this process may not see."""
    environment = dict(os.environ)
    visible = environment.get("CUDA_VISIBLE_DEVICES")
    names = {gpu: str(gpu) for gpu in gpus}
    if visible is not None:
        names = dict(enumerate(name for name in visible.split(",") if name))
    if missing := [gpu for gpu in gpus if gpu not in names]:
        raise InputError(f"CUDA_VISIBLE_DEVICES={visible} has no GPU number {missing[0]}; correct teacher.serve.gpus")
    environment["CUDA_VISIBLE_DEVICES"] = ",".join(names[gpu] for gpu in gpus)
    environment["VLLM_CPU_KVCACHE_SPACE"] = str(serve.engine.cpu_kv_cache_gib)
    environment.pop("VLLM_API_KEY", None)  # it would have the server ask for a key
    return environment
