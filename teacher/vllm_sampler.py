"""Sampling with vLLM in process: continuous batching, every finished completion handed on at once."""

import os
import time
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import AutoTokenizer

from configs.models import Model
from records.rows import LOOPED, PROMPT_TOO_LONG, Completion, Messages, Request, Settings
from teacher.loops import EVERY_TOKENS, tokens_loop
from teacher.reasoning import OPEN, prefilled

WAITING_FACTOR = 1.25
"""Requests handed to the engine per completion in flight: it never runs dry between two steps, and little waits in line
before a draw that turns out to be more urgent."""


@dataclass(slots=True)
class Running:
    """A request in the engine and what it drew so far."""

    request: Request
    begun: str
    """What the completion begins with: a prefilled `<think>`, a prefix."""
    prompt_tokens: int
    pieces: list[str] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)


class VllmSampler:
    """One engine, kept for all shards of a stage. Lives in a process of its own (`flows.child`), which ends with it."""

    batch_invariant = True
    """Per-request seeds reproduce alone or inside any batch (measured on the CPU)."""

    def __init__(self, model: Model, path: str) -> None:
        started = time.monotonic()
        on_cpu = not torch.cuda.is_available()
        if on_cpu:
            os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", str(model.engine.cpu_kv_cache_gib))
        # One process: killing this one is killing the engine, and vLLM is imported once instead of twice.
        if model.engine.tensor_parallel_size == 1:
            os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
        from vllm import EngineArgs
        from vllm.v1.engine.llm_engine import LLMEngine

        self.model = model
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
        self.most = round(WAITING_FACTOR * model.engine.max_num_seqs)
        self.running: dict[str, Running] = {}
        self.too_long: list[Completion] = []
        self.last: tuple[Messages, str, list[int]] = ((), "", [])
        """Rendered and encoded: a problem's draws come one after the other."""
        self.start_s = time.monotonic() - started
        self.generate_s = 0.0

    def room(self) -> int:
        return self.most - len(self.running) - len(self.too_long)

    def submit(self, request: Request) -> None:
        prompt, ids = self.render(request.messages)
        opened = prefilled(prompt)
        begun = request.prefix or opened
        if request.prefix:
            rest = request.prefix.removeprefix(OPEN + "\n") if opened else request.prefix
            ids = ids + self.tokenizer.encode(rest, add_special_tokens=False)
        if len(ids) + request.settings.max_tokens > self.model.max_model_len:
            self.too_long.append(Completion(request, "", PROMPT_TOO_LONG, len(ids), 0))
            return
        key = key_of(request)
        self.engine.add_request(key, {"prompt_token_ids": ids}, parameters(request.settings, request.seed))
        self.running[key] = Running(request, begun, len(ids))

    def render(self, messages: Messages) -> tuple[str, list[int]]:
        if self.last[0] != messages:
            prompt = str(self.tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True))
            self.last = (messages, prompt, self.tokenizer.encode(prompt, add_special_tokens=False))
        return self.last[1:]

    def cancel(self, request: Request) -> None:
        if self.running.pop(key_of(request), None):
            self.engine.abort_request([key_of(request)])

    def finished(self) -> list[Completion]:
        done, self.too_long = self.too_long, []
        started = time.monotonic()
        while self.running and not done:
            done = [completion for output in self.engine.step() if (completion := self.take(output))]
        self.generate_s += time.monotonic() - started
        return done

    def take(self, output: Any) -> Completion | None:
        """Add the news of a request (vLLM's RequestOutput) to what it drew; a completion if that ends it."""
        running = self.running.get(output.request_id)
        if running is None:
            return None  # cancelled
        news = output.outputs[0]
        running.pieces.append(news.text)
        running.tokens.extend(news.token_ids)
        reason = str(news.finish_reason) if output.finished else ""
        if not reason and running.request.settings.stop_loops and tokens_loop(running.tokens):
            self.engine.abort_request([output.request_id])
            reason = LOOPED
        if not reason:
            return None
        del self.running[output.request_id]
        text = running.begun + "".join(running.pieces)
        return Completion(running.request, text, reason, running.prompt_tokens, len(running.tokens))

    def timings(self) -> dict[str, float]:
        return {"engine_start_s": round(self.start_s, 3), "engine_s": round(self.start_s + self.generate_s, 3)}

    def close(self) -> None:
        self.engine.engine_core.shutdown()


def key_of(request: Request) -> str:
    return f"{request.problem.id}-{request.sample_index}"


def parameters(settings: Settings, seed: int) -> Any:
    """SamplingParams. Where loops are to be stopped the stream is looked at every EVERY_TOKENS tokens, else once."""
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    kind = RequestOutputKind.DELTA if settings.stop_loops else RequestOutputKind.FINAL_ONLY
    return SamplingParams(
        temperature=settings.temperature,
        top_p=settings.top_p,
        top_k=settings.top_k,
        max_tokens=settings.max_tokens,
        seed=seed,
        output_kind=kind,
        stream_interval=EVERY_TOKENS if settings.stop_loops else None,
    )
