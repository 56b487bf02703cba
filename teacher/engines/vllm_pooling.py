"""Reward models in vLLM's pooling runner: the logits of a text's labels, in one pass and without padding."""

import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from configs.models import Engine
from records.pooling import Pooling
from records.runtime import Kernels
from teacher.engines.shared import SharedEngine
from teacher.engines.vllm_engine import (
    PoolingTask,
    kernels_of,
    pooler_config,
    pooling_params,
    raise_when_dead,
    start_llm,
)


class PoolingEngine:
    """A reward model's weights in memory (`records.pooling.LogitsEngine`). Scorers use it one after the other."""

    def __init__(self, path: str, dtype: str, context: int, engine: Engine, pooling: Pooling, llm: Any = None) -> None:
        """`llm` may be an existing vLLM LLMEngine; None starts one.

        Errors: InputError for a model that vLLM cannot run as configured."""
        started = time.monotonic()
        self.task: PoolingTask = "token_classify" if pooling.every_token else "classify"
        arguments = pooling_arguments(path, dtype, context, engine, pooling)
        self.llm = llm or start_llm(path, arguments | {"pooler_config": pooler_config(self.task)}, engine, on_cpu={})
        self.closing = raise_when_dead(self.llm)
        computed = str(self.llm.model_config.dtype).removeprefix("torch.")
        self.runtime = Kernels(engine="vllm", dtype=computed, **kernels_of(self.llm.vllm_config)).kernels
        self.ids = map(str, count())
        self.start_s = time.monotonic() - started

    def logits(self, texts: Sequence[list[int]]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yield each text's position and logits, as they are done. All texts are handed over before the first step, so
        that the batches do not depend on who is faster. Errors: EngineDeadError if the engine's process died."""
        places = {}
        for at, ids in enumerate(texts):
            places[name := next(self.ids)] = at
            self.llm.add_request(name, {"type": "token", "prompt_token_ids": ids}, pooling_params(self.task))
        while places:
            for output in self.llm.step():
                yield places.pop(output.request_id), np.atleast_2d(output.outputs.data.float().numpy())

    def close(self) -> None:
        self.closing.set()
        self.llm.engine_core.shutdown()


def pooling_arguments(path: str, dtype: str, context: int, engine: Engine, pooling: Pooling) -> dict[str, Any]:
    """Return what vLLM's EngineArgs get for a reward model, whatever the machine.

    The logits of some tokens of a language model become labels by `classifier_from_token`: vLLM makes a head of these
    tokens' rows in its output layer (0.32, model_executor/models/adapters.py, `load_weights_no_post_processing`). A
    model with a head of its own keeps it, whatever its config.json says of these.
    """
    tokens = list(pooling.label_tokens) or None
    head = {"classifier_from_token": tokens, "method": "no_post_processing" if tokens else None}
    return {
        "model": path,
        "runner": "pooling",
        "convert": "classify" if pooling.label_tokens else "auto",
        "hf_overrides": head,
        "dtype": dtype,
        "max_model_len": context,
        "tensor_parallel_size": engine.tensor_parallel_size,
        "max_num_seqs": engine.max_num_seqs,
        "enforce_eager": engine.enforce_eager,
        "enable_prefix_caching": False,  # what was scored before would shape, by rounding, what is scored now
        "disable_log_stats": True,
    }


def borrow_pooling(
    dtype: str, engine: Engine, shared: SharedEngine, path: Path, context: int, pooling: Pooling
) -> PoolingEngine:
    """Return the shared engine, which starts if there is none (`records.pooling.Serve`, once the first three are
    given). Errors: InputError for a model that vLLM cannot run as configured."""
    return shared.borrow(partial(PoolingEngine, str(path), dtype, context, engine, pooling))
