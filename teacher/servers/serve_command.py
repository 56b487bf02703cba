"""The command line and the environment of a `vllm serve` that a stage starts."""

import json
import os
from collections.abc import Iterator

from pydantic import JsonValue

from configs.servers import Serve, ServerTeacher
from records.errors import InputError
from records.gpus import visible_gpus
from teacher.engines.cpu_arguments import whole_prefill


def arguments_of(teacher: ServerTeacher, serve: Serve, port: int, gpus: list[int]) -> list[str]:
    """Return the arguments of `vllm serve` for one server on these GPUs; an empty list means the CPU."""
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
        named |= {name.replace("_", "-"): value for name, value in whole_prefill(teacher.max_model_len).items()}
    return [serve.path, *flags(named | serve.arguments)]


def flags(named: dict[str, JsonValue]) -> Iterator[str]:
    """Yield `--name value` for each argument. A boolean becomes `--name` or `--no-name`, a list becomes several values,
    and a mapping becomes JSON; None is left out."""
    for name, value in named.items():
        if isinstance(value, bool):
            yield f"--{name}" if value else f"--no-{name}"
        elif value is not None:
            yield f"--{name}"
            yield from map(as_text, value if isinstance(value, list) else [value])


def as_text(value: JsonValue) -> str:
    return json.dumps(value) if isinstance(value, dict) else str(value)


def environment_of(serve: Serve, gpus: list[int], key: str) -> dict[str, str]:
    """Return our environment with the GPUs of one server, and the key that it requires of every request. Other users
    see arguments, so the key is none. Errors: InputError for a GPU that is not visible here."""
    visible = visible_gpus()
    names = {gpu: str(gpu) for gpu in gpus} if visible is None else dict(enumerate(visible))
    if missing := [gpu for gpu in gpus if gpu not in names]:
        raise InputError(
            f"CUDA_VISIBLE_DEVICES={os.environ['CUDA_VISIBLE_DEVICES']} has no GPU number {missing[0]}; correct "
            "teacher.serve.gpus"
        )
    environment = dict(os.environ)
    environment["CUDA_VISIBLE_DEVICES"] = ",".join(names[gpu] for gpu in gpus)
    environment["VLLM_CPU_KVCACHE_SPACE"] = str(serve.engine.cpu_kv_cache_gib)
    environment["VLLM_API_KEY"] = key
    return environment
