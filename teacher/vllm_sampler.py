"""Sampling with vLLM in process: continuous batching, every finished completion handed on at once."""

import os
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import torch
from transformers import AutoTokenizer

from configs.models import Model
from configs.schema import Sampling
from records.rows import PROMPT_TOO_LONG, Completion, Request
from teacher.prompts import to_messages
from teacher.reasoning import prefilled

WAITING_FACTOR = 4
"""Requests handed to the engine per completion in flight: it never runs dry, and memory stays constant."""


class VllmSampler:
    """One engine, kept for all shards of a stage. Lives in a process of its own (`flows.child`), which ends with it."""

    batch_invariant = True
    """Per-request seeds reproduce alone or inside any batch (measured on the CPU)."""

    def __init__(self, model: Model, path: str, sampling: Sampling) -> None:
        started = time.monotonic()
        on_cpu = not torch.cuda.is_available()
        if on_cpu:
            os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", str(model.engine.cpu_kv_cache_gib))
        # One process: killing this one is killing the engine, and vLLM is imported once instead of twice.
        if model.engine.tensor_parallel_size == 1:
            os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
        from vllm import EngineArgs
        from vllm.v1.engine.llm_engine import LLMEngine

        self.model, self.sampling = model, sampling
        self.tokenizer = AutoTokenizer.from_pretrained(path, revision=model.revision)
        machine: dict[str, Any] = {"gpu_memory_utilization": model.engine.gpu_memory_utilization}
        if on_cpu:
            # A seeded request whose prefill is split crashes vLLM 0.32: "CPU Generator does not use offset".
            machine = {"enable_chunked_prefill": False, "max_num_batched_tokens": max(8192, model.max_model_len)}
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
        self.engine = LLMEngine.from_engine_args(arguments)
        self.start_s = time.monotonic() - started
        self.generate_s = 0.0

    def sample(self, requests: Iterable[Request]) -> Iterator[Completion]:
        """Completions in the order they finish. Requests that cannot fit the context come back unsubmitted."""
        from vllm import RequestOutput, SamplingParams
        from vllm.sampling_params import RequestOutputKind

        started = time.monotonic()
        waiting = iter(requests)
        running: dict[str, tuple[Request, str]] = {}
        room = WAITING_FACTOR * self.model.engine.max_num_seqs
        while True:
            for request in islice(waiting, room - len(running)):
                messages = to_messages(request.problem.prompt, self.model.prompt)
                prompt = str(self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
                ids = self.tokenizer.encode(prompt, add_special_tokens=False)
                if len(ids) + self.sampling.max_tokens > self.model.max_model_len:
                    yield Completion(request, "", PROMPT_TOO_LONG, len(ids), 0)
                    continue
                key = f"{request.problem.id}-{request.sample_index}"
                parameters = SamplingParams(
                    temperature=self.sampling.temperature,
                    top_p=self.sampling.top_p,
                    top_k=self.sampling.top_k,
                    max_tokens=self.sampling.max_tokens,
                    seed=request.seed,
                    output_kind=RequestOutputKind.FINAL_ONLY,
                )
                self.engine.add_request(key, {"prompt_token_ids": ids}, parameters)
                running[key] = (request, prefilled(prompt))
            if not running:
                break
            for output in self.engine.step():
                if isinstance(output, RequestOutput) and output.finished:
                    request, opened = running.pop(output.request_id)
                    drawn = output.outputs[0]
                    yield Completion(
                        request,
                        opened + drawn.text,
                        str(drawn.finish_reason),
                        len(output.prompt_token_ids or []),
                        len(drawn.token_ids),
                    )
        self.generate_s += time.monotonic() - started

    def timings(self) -> dict[str, float]:
        return {"engine_start_s": round(self.start_s, 3), "engine_s": round(self.start_s + self.generate_s, 3)}
