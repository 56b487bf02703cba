"""A sampler without a model: deterministic completions of configurable quality, which tests use instead of mocks."""

import heapq
import random
import time
from collections.abc import Sequence
from itertools import count
from zlib import crc32

import numpy as np

from configs.teachers import Fake, FakeJudge
from records.counts import EngineCounts
from records.logprobs import TokenLogprobs, of_lists
from records.requests import Completion, Key, Request
from records.rows import CODE, CUT_OFF, FAILED, FINISHED
from records.thinking import CLOSE, FORMATS
from teacher.engines.fake_steps import draw_steps, draws_steps

THINK = FORMATS["think"]
FAIL = "fail"
"""What the verifiers say of a wrong trace (`filters.reasons`)."""
ALL_RIGHT = "<verdict>none</verdict>"
"""What a rubric of steps offers if none is wrong."""
VOCABULARY, TOKENS = "fake", 1000
"""Name and size of the fake's vocabulary."""


class FakeSampler:
    """Draws right, wrong, unclosed and failed completions at the configured rates, each decided by the request's seed.

    It always solves a problem whose prompt shows the reference. It counts words as tokens.
    """

    batch_invariant = True

    def __init__(self, config: Fake) -> None:
        self.config = config
        self.order = count()
        self.due: list[tuple[float, int, Completion]] = []
        """A heap of completions, ordered by the time at which they are done, then by submission."""
        self.in_flight: set[Key] = set()

    def room(self) -> int:
        return self.config.in_flight - len(self.in_flight)

    def submit(self, request: Request) -> None:
        completion = self.draw(request)
        mean_words = (3 + self.config.steps) / 2
        seconds = self.config.latency_s * completion.completion_tokens / mean_words
        heapq.heappush(self.due, (time.monotonic() + seconds, next(self.order), completion))
        self.in_flight.add(request.key)

    def cancel(self, request: Request) -> None:
        self.in_flight.discard(request.key)

    def finished(self) -> list[Completion]:
        done: list[Completion] = []
        while self.due and (not done or self.due[0][0] <= time.monotonic()):
            when, _, completion = heapq.heappop(self.due)
            key = completion.request.key
            if key in self.in_flight:
                if (left := when - time.monotonic()) > 0:
                    time.sleep(left)
                self.in_flight.remove(key)
                done.append(completion)
        return done

    def draw(self, request: Request) -> Completion:
        draw = random.Random(request.seed)
        prompt_tokens = sum(len(turn["content"].split()) for turn in request.messages) + len(request.prefix.split())
        steps = " ".join(["step"] * draw.randint(3, self.config.steps))
        if random.Random(f"{request.seed} fails").random() < self.config.failures:
            return Completion(request, "", FAILED, prompt_tokens, 0, detail="as configured")
        if draws_steps(request):
            text, finish, words_drawn = draw_steps(request, self.config, draw)
            return Completion(request, text, finish, prompt_tokens, words_drawn)
        only_answers = CLOSE in request.prefix
        unclosed = draw.random() < self.config.unclosed and not only_answers
        written = self.written(request, draw.random() < self.pass_rate(request), draw)
        begun = request.prefix + "\n" if request.prefix else THINK.opening
        rest = written if only_answers else steps if unclosed else f"{steps}{THINK.closing}{written}"
        words = rest.split(" ")
        if len(words) > request.settings.max_tokens:
            unclosed, words = True, words[: request.settings.max_tokens]
            rest = " ".join(words)
        finish = CUT_OFF if unclosed else FINISHED
        k = request.settings.logprobs
        logprobs = fake_logprobs(words, k, request.seed) if k else None
        return Completion(request, begun + rest, finish, prompt_tokens, len(words), logprobs=logprobs)

    def written(self, request: Request, right: bool, draw: random.Random) -> str:
        """Return what follows the reasoning."""
        answer = request.problem.reference if right else f"{draw.randint(10**6, 10**7)}"
        return f"```python\n{answer}\n```" if request.problem.verifier == CODE else f"\\boxed{{{answer}}}"

    def pass_rate(self, request: Request) -> float:
        problem = request.problem
        hinted = any(problem.reference and problem.reference in turn["content"] for turn in request.messages)
        if hinted and problem.reference not in problem.prompt:
            return 1.0
        spread = self.config.spread
        return random.Random(problem.id).betavariate(*spread) if spread else self.config.accuracy

    def timings(self) -> EngineCounts:
        return EngineCounts()

    def close(self) -> None:
        pass


class FakeJudgeSampler(FakeSampler):
    """Gives verdicts in the words of the shipped rubrics. The reference of a question is what the verifiers said; where
    they could not decide, right is to accept. Of steps, right is that all are."""

    def __init__(self, config: FakeJudge) -> None:
        super().__init__(config)
        self.nonsense = config.nonsense

    def written(self, request: Request, right: bool, draw: random.Random) -> str:
        if draw.random() < self.nonsense:
            return "Hard to say."
        if ALL_RIGHT in request.messages[-1]["content"]:
            return ALL_RIGHT if right else "<verdict>1</verdict>"
        word = "correct" if right == (request.problem.reference != FAIL) else "wrong"
        return f"<verdict>{word}</verdict>"


def fake_logprobs(words: Sequence[str], k: int, seed: int) -> TokenLogprobs:
    """Return logprobs that depend on the words and the seed alone. The drawn token is the most probable one; of what is
    left each further token has half."""
    ids = np.array([crc32(word.encode()) % TOKENS for word in words])
    best = np.random.default_rng(seed).uniform(0.5, 0.99, (len(words), 1))
    others = (1 - best) * 0.5 ** np.arange(1, k)
    tops = (ids[:, None] + np.arange(k)) % TOKENS
    return of_lists(VOCABULARY, ids, np.log(best), tops, np.log(np.hstack([best, others])))
