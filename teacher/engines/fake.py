"""A sampler without a model: deterministic completions of configurable quality, which tests use instead of mocks."""

import heapq
import random
import time
from itertools import count

from configs.teachers import FakeTeacher
from records.counts import EngineCounts
from records.requests import Completion, Key, Request
from records.rows import CODE, CUT_OFF, FAILED, FINISHED
from records.thinking import CLOSE, FORMATS
from teacher.engines.fake_steps import draw_steps, draws_steps

THINK = FORMATS["think"]


class FakeSampler:
    """Draws right, wrong, unclosed and failed completions at the configured rates, each decided by the request's seed.

    It always solves a problem whose prompt shows the reference. It counts words as tokens.
    """

    batch_invariant = True

    def __init__(self, config: FakeTeacher) -> None:
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
        right = draw.random() < self.pass_rate(request)
        answer = request.problem.reference if right else f"{draw.randint(10**6, 10**7)}"
        written = f"```python\n{answer}\n```" if request.problem.verifier == CODE else f"\\boxed{{{answer}}}"
        begun = request.prefix + "\n" if request.prefix else THINK.opening
        rest = written if only_answers else steps if unclosed else f"{steps}{THINK.closing}{written}"
        words = rest.split(" ")
        if len(words) > request.settings.max_tokens:
            unclosed, rest = True, " ".join(words[: request.settings.max_tokens])
        finish = CUT_OFF if unclosed else FINISHED
        return Completion(request, begun + rest, finish, prompt_tokens, min(len(words), request.settings.max_tokens))

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
