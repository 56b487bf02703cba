"""A sampler without a model: deterministic completions of a configurable quality, for tests instead of mocks."""

import random
import time
from collections.abc import Iterable, Iterator

from configs.models import FakeTeacher
from records.rows import CODE, CUT_OFF, FINISHED, Completion, Request


class FakeSampler:
    """Draws right, wrong and unclosed completions at the configured rates, each decided by the request's seed."""

    batch_invariant = True

    def __init__(self, config: FakeTeacher) -> None:
        self.config = config

    def sample(self, requests: Iterable[Request]) -> Iterator[Completion]:
        for request in requests:
            time.sleep(self.config.latency_s)
            draw = random.Random(request.seed)
            prompt_tokens = len(request.problem.prompt.split())
            steps = " ".join(["step"] * draw.randint(3, 30))
            if draw.random() < self.config.unclosed:
                yield Completion(request, f"<think>\n{steps}", CUT_OFF, prompt_tokens, len(steps.split()))
                continue
            right = draw.random() < self.config.accuracy
            answer = request.problem.reference if right else f"{draw.randint(10**6, 10**7)}"
            written = f"```python\n{answer}\n```" if request.problem.verifier == CODE else f"\\boxed{{{answer}}}"
            text = f"<think>\n{steps}\n</think>\n\n{written}"
            yield Completion(request, text, FINISHED, prompt_tokens, len(text.split()))

    def timings(self) -> dict[str, float]:
        return {}
