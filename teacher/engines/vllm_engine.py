"""Starts the vLLM engine of a model as the config describes it. Only this file imports vLLM."""

import logging
import os
import re
import time
from collections.abc import Callable
from functools import cached_property, partial
from multiprocessing.connection import wait
from pathlib import Path
from threading import Event, Thread
from typing import Any, Literal

from pydantic import ValidationError

from configs.models import Engine, Model
from records.errors import InputError
from records.hashing import fingerprint
from records.probe import read_probe
from records.quantization import quantization_of
from records.requests import Settings
from records.runtime import Runtime
from records.special_tokens import stop_ids
from records.vocabulary import vocabulary_hash
from teacher.engines.cpu_arguments import whole_prefill
from teacher.engines.model_directory import ANOTHER_MODEL, check_checkpoint
from teacher.engines.probing import ASKED, check_probe
from teacher.engines.repetition import EVERY_TOKENS, MIN_LENGTH
from teacher.engines.tokenizer import load_tokenizer

PoolingTask = Literal["classify", "token_classify"]
"""Logits at a text's last token, or at every token (vLLM's words)."""
REASON_CHARACTERS = 200
"""Most characters of vLLM's own error that a message repeats."""


PLUGIN_COMPUTES = "bfloat16"
"""The type in which vllm-bnb-plugin 0.0.3 computes 4-bit layers, whatever the checkpoint says (quantization/linear.py).
"""


class VllmEngine:
    """A model's weights in memory, with its tokenizer. Stages with the same weights, precision, dtype and context use
    it one after the other, each through its own `VllmSampler`."""

    def __init__(self, model: Model, path: str, start: Callable[[Model, str], Any] | None = None) -> None:
        """`start` may return an existing vLLM LLMEngine; by default one is started.

        Errors: InputError for an incomplete model directory, a model that does not fit the config, or one that vLLM
        runs otherwise than it was trained."""
        started = time.monotonic()
        if Path(path).is_dir():
            check_checkpoint(Path(path))
        probe = read_probe(Path(path))
        self.model = model
        self.tokenizer = load_tokenizer(path, model.revision, model.template)
        self.llm = (start or start_engine)(model, path)
        eos = self.llm.model_config.try_get_generation_config().get("eos_token_id")
        self.stop_ids = stop_ids(self.tokenizer, eos)
        quantization = self.llm.model_config.hf_config.to_dict().get("quantization_config", {})
        self.batch_invariant = not quantization.get("load_in_8bit", False)
        """A request with a seed gives the same completion alone and inside any batch (measured on the CPU, 4 bits
        included). 8-bit layers do not: LLM.int8 finds outliers over the whole batch."""
        self.closing = raise_when_dead(self.llm)
        if probe:
            asked = partial(sampling_params, Settings(0.0, 1.0, -1, 1, logprobs=ASKED), 0, 1, [], False)
            dtype = str(self.llm.model_config.dtype).removeprefix("torch.")
            try:
                check_probe(self.llm, path, probe, dtype, model.max_model_len, asked)
            except InputError:
                self.close()
                raise
        self.uses = 0
        self.start_s = time.monotonic() - started

    @cached_property
    def vocabulary(self) -> str:
        return vocabulary_hash(self.tokenizer)

    def begin_use(self) -> tuple[int, float]:
        """Return the number of this use and the seconds that the start took, which only the first use accounts for."""
        self.uses += 1
        return self.uses, self.start_s if self.uses == 1 else 0.0

    def runtime(self) -> Runtime:
        """Return what this engine samples with."""
        params = sampling_params(Settings(0.0, 1.0, -1, 1), 0, 1, self.stop_ids, False)
        config = self.llm.model_config
        return Runtime(
            engine="vllm",
            **kernels_of(self.llm.vllm_config),
            dtype=str(config.dtype).removeprefix("torch."),
            quantization=quantization_of(config.hf_config.to_dict(), PLUGIN_COMPUTES),
            eager=config.enforce_eager,
            stop_tokens=tuple(self.tokenizer.convert_ids_to_tokens(self.stop_ids)),
            penalties=(params.repetition_penalty, params.presence_penalty, params.frequency_penalty),
            template=fingerprint(self.tokenizer.chat_template),
        )

    def close(self) -> None:
        self.closing.set()
        self.llm.engine_core.shutdown()


def kernels_of(settings: Any) -> dict[str, str]:
    """Return version, device and attention kernels of an engine with these settings (vLLM's VllmConfig)."""
    from vllm import __version__
    from vllm.config import set_current_vllm_config
    from vllm.platforms import current_platform
    from vllm.v1.attention.selector import get_attn_backend

    model = settings.model_config
    with set_current_vllm_config(settings):
        attention = get_attn_backend(
            model.get_head_size(), model.dtype, settings.cache_config.cache_dtype, use_mla=model.use_mla
        )
    return {"version": __version__, "device": current_platform.get_device_name(), "attention": attention.get_name()}


def start_engine(model: Model, path: str) -> Any:
    """Start an LLMEngine that draws completions. Errors: InputError for a model that vLLM cannot run as configured."""
    return start_llm(path, engine_arguments(model, path), model.engine, whole_prefill(model.max_model_len))


def start_llm(path: str, arguments: dict[str, Any], engine: Engine, on_cpu: dict[str, Any]) -> Any:
    """Start an LLMEngine, which takes a minute. `on_cpu` are further arguments that a CPU needs. Errors: InputError for
    a model that vLLM cannot run as configured.

    On a GPU the engine core runs in a separate process, vLLM's default, so that texts are decoded and traces written
    while the GPU works.
    """
    from vllm import EngineArgs
    from vllm.platforms import current_platform
    from vllm.v1.engine.llm_engine import LLMEngine

    # LLM.int8 would warn at every layer of every step that it casts its inputs. A forked core inherits the level.
    logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)
    machine: dict[str, Any] = {"gpu_memory_utilization": engine.gpu_memory_utilization}
    if current_platform.is_cpu():
        # Use one process, because two would compete for the same cores and import vLLM twice.
        os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
        os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", str(engine.cpu_kv_cache_gib))
        machine = on_cpu
    try:
        settings = EngineArgs(**arguments, **machine).create_engine_config()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {refusal(arguments['max_model_len'], error)}") from error
    if settings.speculative_config:  # of a model of the hub, too
        raise InputError(f"{path}: {ANOTHER_MODEL}")
    return LLMEngine.from_vllm_config(settings, disable_log_stats=True)


def engine_arguments(model: Model, path: str) -> dict[str, Any]:
    """Return what vLLM's EngineArgs get from the config, whatever the machine."""
    positions = {"max_position_embeddings": model.positions_given} if model.positions_given else {}
    return {
        "model": path,
        "revision": model.revision,
        "tokenizer_revision": model.revision,
        "dtype": model.dtype,
        "max_model_len": model.max_model_len,
        "hf_overrides": positions,
        "tensor_parallel_size": model.engine.tensor_parallel_size,
        "max_num_seqs": model.engine.max_num_seqs,
        "enforce_eager": model.engine.enforce_eager,
        "enable_prefix_caching": True,
        "disable_log_stats": True,
    }


def sampling_params(
    settings: Settings,
    seed: int,
    max_tokens: int | None,
    stop_ids: list[int],
    show_special_tokens: bool,
    stop: tuple[str, ...] = (),
) -> Any:
    """Return a request's SamplingParams. A completion ends at any of `stop_ids`, and behind any of the texts `stop`.
    Output arrives every EVERY_TOKENS tokens if loops are to be stopped and the completion is long enough for one;
    otherwise once, at the end."""
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    streams = settings.stop_loops and settings.max_tokens > MIN_LENGTH
    return SamplingParams(
        temperature=settings.temperature,
        top_p=settings.top_p,
        top_k=settings.top_k,
        max_tokens=max_tokens,
        seed=seed,
        stop_token_ids=stop_ids,
        stop=list(stop),
        include_stop_str_in_output=bool(stop),
        logprobs=settings.logprobs,
        flat_logprobs=True,  # a few long lists: an object for each logprob would keep the garbage collector busy
        skip_special_tokens=not show_special_tokens,
        output_kind=RequestOutputKind.DELTA if streams else RequestOutputKind.FINAL_ONLY,
        stream_interval=EVERY_TOKENS if streams else None,
        skip_clone=True,  # used for one request only; vLLM's deep copy would take longer than all of our work
    )


def pooler_config(task: PoolingTask) -> Any:
    """Return vLLM's PoolerConfig for logits as they are, at every token or at the last one. What is not set here, vLLM
    takes from a model's files for sentence-transformers (modules.json), which transformers does not read."""
    from vllm.config import PoolerConfig

    return PoolerConfig(task=task, seq_pooling_type="LAST", tok_pooling_type="ALL", use_activation=False)


def pooling_params(task: PoolingTask) -> Any:
    """Return a text's PoolingParams."""
    from vllm import PoolingParams

    return PoolingParams(task=task, use_activation=False)


def raise_when_dead(engine: Any) -> Event:
    """Make `engine.step` raise EngineDeadError when the engine core's process dies, until the returned event is set.

    vLLM 0.32 notices the death, but its synchronous client waits for output forever (tested).
    """
    from vllm.v1.engine.core_client import SyncMPClient
    from vllm.v1.engine.exceptions import EngineDeadError

    closing, core = Event(), engine.engine_core

    def watch(processes: list[Any]) -> None:
        wait([process.sentinel for process in processes])
        if not closing.is_set():
            print("vLLM's engine core is gone; if no error stands above, it was killed, often for memory", flush=True)
            core.outputs_queue.put_nowait(EngineDeadError())

    if isinstance(core, SyncMPClient):
        Thread(target=watch, args=(core.resources.engine_manager.processes,), daemon=True).start()
    return closing


def refusal(max_model_len: int, error: Exception) -> str:
    """Return the reason that vLLM gives, without the long text around it."""
    reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else " ".join(str(error).split())
    context = re.search(r"greater than the derived max_model_len \(\w+=(\d+)", reason)
    if context:
        return f"the model's context ends at {context[1]} tokens; lower max_model_len ({max_model_len}) to that"
    return f"vLLM cannot run it ({reason.removeprefix('Value error, ')[:REASON_CHARACTERS]})"
