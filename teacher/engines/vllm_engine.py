"""The vLLM engine of a model as the config describes it: the only file that knows vLLM."""

import os
import re
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from pathlib import Path
from threading import Event, Thread
from typing import Any

from pydantic import ValidationError

from configs.models import Model
from records.errors import InputError
from records.requests import Settings
from teacher.engines.cpu_arguments import whole_prefill
from teacher.engines.model_directory import check_checkpoint
from teacher.engines.rendering import load_tokenizer
from teacher.engines.repetition import EVERY_TOKENS, MIN_LENGTH

REASON_CHARACTERS = 200
"""How much of vLLM's reason a message repeats."""


class VllmEngine:
    """A model's weights in memory, and its tokenizer: for any number of stages with the same weights, precision, dtype
    and context, one after the other. Each makes a `VllmSampler` of its own on it."""

    def __init__(self, model: Model, path: str, start: Callable[[Model, str], Any] | None = None) -> None:
        """`start` gives vLLM's LLMEngine where there is one already. Errors: InputError for a model directory that is
        none, or that does not fit the config."""
        started = time.monotonic()
        if Path(path).is_dir():
            check_checkpoint(Path(path))
        self.model = model
        self.tokenizer = load_tokenizer(path, model.revision)
        self.llm = (start or start_engine)(model, path)
        self.closing = raise_when_dead(self.llm)
        self.uses = 0
        self.start_s = time.monotonic() - started

    def begin_use(self) -> tuple[int, float]:
        """The number of this use, and the seconds that the start took: they belong to the first use alone."""
        self.uses += 1
        return self.uses, self.start_s if self.uses == 1 else 0.0

    def close(self) -> None:
        self.closing.set()
        self.llm.engine_core.shutdown()


def start_engine(model: Model, path: str) -> Any:
    """An LLMEngine; takes a minute. Errors: InputError for a model that vLLM cannot run as configured.

    On a GPU the engine core is a process of its own, vLLM's default: texts are decoded and traces written while the
    GPU goes on.
    """
    from vllm import EngineArgs
    from vllm.platforms import current_platform
    from vllm.v1.engine.llm_engine import LLMEngine

    machine: dict[str, Any] = {"gpu_memory_utilization": model.engine.gpu_memory_utilization}
    if current_platform.is_cpu():
        # One process: two would compete for the same cores, and import vLLM twice.
        os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
        os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", str(model.engine.cpu_kv_cache_gib))
        machine = whole_prefill(model.max_model_len)
    arguments = EngineArgs(
        model=path,
        revision=model.revision,
        tokenizer_revision=model.revision,
        dtype=model.dtype,
        max_model_len=model.max_model_len,
        tensor_parallel_size=model.engine.tensor_parallel_size,
        max_num_seqs=model.engine.max_num_seqs,
        enforce_eager=model.engine.enforce_eager,
        enable_prefix_caching=True,
        disable_log_stats=True,
        **machine,
    )
    try:
        settings = arguments.create_engine_config()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {refusal(model, error)}") from error
    return LLMEngine.from_vllm_config(settings, disable_log_stats=True)


def sampling_params(settings: Settings, seed: int, max_tokens: int | None, show_special_tokens: bool) -> Any:
    """SamplingParams. The stream is looked at every EVERY_TOKENS tokens where loops are to be stopped and one has room,
    else once."""
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    streams = settings.stop_loops and settings.max_tokens > MIN_LENGTH
    return SamplingParams(
        temperature=settings.temperature,
        top_p=settings.top_p,
        top_k=settings.top_k,
        max_tokens=max_tokens,
        seed=seed,
        skip_special_tokens=not show_special_tokens,
        output_kind=RequestOutputKind.DELTA if streams else RequestOutputKind.FINAL_ONLY,
        stream_interval=EVERY_TOKENS if streams else None,
        skip_clone=True,  # made for one request; vLLM would copy it deeply, which takes longer than all of ours
    )


def raise_when_dead(engine: Any) -> Event:
    """See to it that `engine.step` raises EngineDeadError when the engine core's process is gone, until the event that
    is returned is set. vLLM 0.32 notices, but its synchronous client goes on waiting for output, for ever (tried)."""
    from vllm.v1.engine.core_client import SyncMPClient
    from vllm.v1.engine.exceptions import EngineDeadError

    closing, core = Event(), engine.engine_core

    def watch(processes: list[Any]) -> None:
        wait([process.sentinel for process in processes])
        if not closing.is_set():
            print("vLLM's engine core is gone; if it left no words above, it was killed: often for memory", flush=True)
            core.outputs_queue.put_nowait(EngineDeadError())

    if isinstance(core, SyncMPClient):
        Thread(target=watch, args=(core.resources.engine_manager.processes,), daemon=True).start()
    return closing


def refusal(model: Model, error: Exception) -> str:
    """vLLM's reason, without the pages that it adds."""
    reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else " ".join(str(error).split())
    context = re.search(r"greater than the derived max_model_len \(\w+=(\d+)", reason)
    if context:
        return f"the model's context ends at {context[1]} tokens; lower max_model_len ({model.max_model_len}) to that"
    return f"vLLM cannot run it ({reason.removeprefix('Value error, ')[:REASON_CHARACTERS]})"
