"""Samples with vLLM in this process: requests are batched continuously, and completions are returned as they finish."""

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from configs.models import Model
from records.counts import EngineCounts
from records.logprobs import TokenLogprobs, joined, of_lists, put_there
from records.rendering import Renderer
from records.requests import PAUSED, Completion, Request
from records.rows import CUT_OFF, FINISHED, LOOPED, PROMPT_TOO_LONG
from records.runtime import Runtime
from records.thinking import FORMATS, in_think_tags
from teacher.engines.repetition import tokens_loop
from teacher.engines.vllm_engine import VllmEngine, sampling_params

FAR_AHEAD, JUST_AHEAD = 8.0, 1.5
"""Requests handed to the engine per completion in flight. Handing over requests between the engine's steps slows down
both, because caches get cold: far ahead and many at once is 4 % faster (bench/stage.py). If verdicts decide what is
drawn next, few requests should wait in the engine's queue."""


@dataclass(slots=True)
class Running:
    """A request in the engine, and what has been drawn for it so far."""

    request: Request
    begun: str
    """Text that the completion begins with: a prefilled `<think>` or a prefix."""
    ids: list[int]
    """Token ids of the prompt."""
    thinking: bool
    """True while the engine draws only up to `thinking_tokens`; the rest of `max_tokens` is drawn afterwards."""
    pieces: list[str] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    logprobs: list[TokenLogprobs] = field(default_factory=list)
    """Of the tokens, part by part, if the request asks for them."""
    forced: bool = False
    """True if its reasoning was closed by force."""


class VllmSampler:
    """One stage's use of an engine, with the stage's prompt format, requests and timings."""

    def __init__(self, engine: VllmEngine, model: Model, ahead: float = FAR_AHEAD, keeps_engine: bool = False) -> None:
        """`model` is the stage's model. The engine was started with the same weights and context; prompt and thinking
        may differ. `keeps_engine` leaves the engine running for the next stage."""
        self.engine, self.keeps_engine = engine, keeps_engine
        self.format = model.prompt.reasoning_format
        self.renderer = Renderer(engine.tokenizer, self.format, model.thinks)
        self.capacity = round(ahead * engine.model.engine.max_num_seqs)
        self.running: dict[str, Running] = {}
        self.too_long: list[Completion] = []
        self.forced = 0
        """Number of traces whose reasoning was closed by force."""
        self.batch_invariant = engine.batch_invariant
        self.use, self.start_s = engine.begin_use()
        self.generate_s = 0.0

    def room(self) -> int:
        free = self.capacity - len(self.running) - len(self.too_long)
        return free if free >= self.capacity // 6 else 0

    def submit(self, request: Request) -> None:
        settings = request.settings
        ids, begun = self.renderer.begin(request)
        if len(ids) + settings.max_tokens > self.engine.model.max_model_len:
            self.too_long.append(Completion(request, "", PROMPT_TOO_LONG, len(ids), 0))
            return
        thinking = settings.thinking_tokens is not None and FORMATS[self.format].mark not in begun
        self.running[self.id_of(request)] = running = Running(request, begun, ids, thinking)
        self.draw(running)

    def draw(self, running: Running) -> None:
        """Let the engine draw up to `thinking_tokens` while the reasoning is limited, otherwise up to `max_tokens`."""
        settings, seed, drawn = running.request.settings, running.request.seed, len(running.tokens)
        max_tokens = settings.thinking_tokens if running.thinking else settings.max_tokens - drawn
        seed += bool(drawn)  # the same seed would draw the same random numbers again
        special, stop = self.renderer.shows_special, running.request.stop
        params = sampling_params(settings, seed, max_tokens, self.engine.stop_ids, special, stop)
        prompt = {"type": "token", "prompt_token_ids": running.ids + running.tokens}
        self.engine.llm.add_request(self.id_of(running.request), prompt, params)

    def cancel(self, request: Request) -> None:
        if self.running.pop(self.id_of(request), None):
            self.engine.llm.abort_request([self.id_of(request)])

    def finished(self) -> list[Completion]:
        done, self.too_long = self.too_long, []
        started = time.monotonic()
        while self.running and not done:
            done = [completion for output in self.engine.llm.step() if (completion := self.take(output))]
        self.generate_s += time.monotonic() - started
        return done

    def take(self, output: Any) -> Completion | None:
        """Add a request's new output (vLLM's RequestOutput) to its earlier output; return the completion if it ends."""
        running = self.running.get(output.request_id)
        if running is None:
            return None  # it was cancelled
        news = output.outputs[0]
        running.pieces.append(news.text)
        running.tokens.extend(news.token_ids)
        if (k := running.request.settings.logprobs) and len(news.token_ids):
            running.logprobs += logprobs_of(news, k, self.engine.vocabulary)
        reason = str(news.finish_reason) if output.finished else ""
        if reason == FINISHED and isinstance(news.stop_reason, str):  # one of the request's texts; a token is a number
            reason = PAUSED
        if not reason and running.request.settings.stop_loops and tokens_loop(running.tokens):
            self.engine.llm.abort_request([output.request_id])
            reason = LOOPED
        if reason == CUT_OFF and running.thinking and self.goes_on(running):
            return None
        return self.completion(running, reason) if reason else None

    def goes_on(self, running: Running) -> bool:
        """Close the reasoning if it is open at its limit, and draw the rest of `max_tokens`. False if nothing is left.

        vLLM 0.32 has its own `thinking_token_budget`. It costs 40 % of the tokens/s here (on the CPU it searches all
        drawn tokens for the tags, in Python, at every step). It also misses a reasoning without an opening tag, and
        tags of several tokens that are merged with the text.
        """
        running.thinking = False
        if FORMATS[self.format].mark not in "".join(running.pieces):
            closing, k = FORMATS[self.format].closing, running.request.settings.logprobs
            ids = self.renderer.encode(closing)
            running.pieces.append(closing)
            running.tokens.extend(ids)
            if k:
                running.logprobs.append(put_there(self.engine.vocabulary, ids, k))
            running.forced = True
            self.forced += 1
        more = len(running.tokens) < running.request.settings.max_tokens
        if more:
            self.draw(running)
        return more

    def completion(self, running: Running, reason: str) -> Completion:
        del self.running[self.id_of(running.request)]
        text = in_think_tags(running.begun + "".join(running.pieces), self.format)
        reasoning = running.request.settings.thinking_tokens if running.forced else None
        return Completion(
            running.request,
            text,
            reason,
            len(running.ids),
            len(running.tokens),
            reasoning,
            logprobs=joined(running.logprobs) if running.logprobs else None,
        )

    def runtime(self) -> Runtime:
        return self.engine.runtime()

    def timings(self) -> EngineCounts:
        return EngineCounts(
            engine_start_s=round(self.start_s, 3),
            engine_s=round(self.start_s + self.generate_s, 3),
            thinking_forced=self.forced,
        )

    def close(self) -> None:
        if not self.keeps_engine:
            self.engine.close()
        elif self.running:
            self.engine.llm.abort_request(list(self.running))
            self.running.clear()

    def id_of(self, request: Request) -> str:
        """Return the request's id in the engine, which no other use of the engine has."""
        return "-".join(map(str, (self.use, *request.key)))


def logprobs_of(news: Any, k: int, vocabulary: str) -> list[TokenLogprobs]:
    """Convert the logprobs of a request's new tokens (vLLM's CompletionOutput). Its FlatLogprobs hold the drawn token
    and then the k most probable ones for each token; anything else gives no part."""
    flat, n = news.logprobs, len(news.token_ids)
    if flat is None or len(flat.token_ids) != n * (k + 1):
        return []
    ids, logprobs = np.array(flat.token_ids).reshape(n, k + 1), np.array(flat.logprobs).reshape(n, k + 1)
    return [of_lists(vocabulary, ids[:, 0], logprobs[:, 0], ids[:, 1:], logprobs[:, 1:])]
