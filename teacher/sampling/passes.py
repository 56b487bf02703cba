"""Passes over the problems: the settings, messages and stopping rule of each, and the identity of every request.

The first pass draws for every problem; second chances draw for problems still without an accepted trace. A request is
identified by what shapes its completion: model, settings, messages, chat template arguments, seed and index. If
anything else changes (n, shards, endpoints, the verifier), the completion remains valid."""

import hashlib
import re
from dataclasses import asdict, dataclass, replace
from itertools import count

from configs.models import Prompt
from configs.sampling import SecondChance
from records.hashing import fingerprint, request_seed, stable_json
from records.requests import Messages, Request, Settings
from records.rows import Problem
from records.thinking import VERSION as REASONING_VERSION
from teacher.sampling.continuation import Beginning, Continuation, FromTheEnd
from teacher.sampling.plan import SamplingPlan
from teacher.sampling.stopping import Rule

VERSION = "3"
PLACEHOLDERS = re.compile(r"{problem}|{reference}")
"""Matches both placeholders of the hint "{problem} The final answer is {reference}."."""


@dataclass(frozen=True)
class Pass:
    """One pass over the problems."""

    attempt: int
    """0 for the first pass, i for the i-th second chance."""
    settings: Settings
    prompt: Prompt
    hinted: bool
    """True if the prompt's user turn also holds `{reference}`."""
    continues: bool
    """True if requests continue the first pass's truncated traces, each under the sample_index of its trace."""
    rule: Rule
    seed: int
    shaping: str
    """Hash of model, settings and seed."""
    continuation: Continuation | None = None
    """How requests continue traces of the pass `source`; None if they start anew."""
    source: int = 0
    """Attempt of the pass whose traces are continued."""
    budget: str = ""
    """The thinking budget, as its rows show it; empty if there is none."""

    def messages(self, problem: Problem) -> Messages:
        if not self.hinted:
            return tuple(self.prompt.messages(problem.prompt))
        values = {"{problem}": problem.prompt, "{reference}": problem.reference}
        # Both are replaced at once, because either text may itself hold a placeholder.
        user = PLACEHOLDERS.sub(lambda found: values[found[0]], self.prompt.user)
        return (*self.prompt.messages("")[:-1], {"role": "user", "content": user})

    def identity(self, messages: Messages) -> str:
        """Return the hash of all that a problem's requests of this pass have in common."""
        return fingerprint([self.shaping, stable_json(messages), self.prompt.chat_template_kwargs])

    def request(
        self,
        problem: Problem,
        sample_index: int,
        messages: Messages,
        begins: Beginning,
        prefix_ids: tuple[int, ...] = (),
    ) -> Request:
        most = begins.max_tokens
        return Request(
            problem=problem,
            attempt=self.attempt,
            sample_index=sample_index,
            seed=request_seed(self.seed, problem.id, sample_index),
            messages=messages,
            settings=self.settings if most is None else replace(self.settings, max_tokens=most),
            prefix=begins.prefix,
            prefix_tokens=begins.tokens,
            prefix_ids=prefix_ids,
            chat_template_kwargs=self.prompt.chat_template_kwargs,
        )


def request_fingerprint(identity: str, sample_index: int) -> str:
    """Return 12 hex digits. The input is plain text rather than JSON, so that a million take a second."""
    return hashlib.sha256(f"{identity}:{sample_index}".encode()).hexdigest()[:12]


def plan_passes(plan: SamplingPlan, prompt: Prompt, model: str, thinks: bool, search: str = "") -> list[Pass]:
    """Return the passes of a plan. `model` identifies the weights; `prompt` is the model's configured prompt; `search`
    identifies the search by which traces are found, and is empty if there is none."""
    identity: list[object] = [model, thinks, VERSION, REASONING_VERSION, *([search] if search else [])]
    first = Pass(
        attempt=0,
        settings=plan.settings,
        prompt=prompt,
        hinted=False,
        continues=False,
        rule=plan.rule,
        seed=plan.seed,
        shaping=shaping_of(identity, plan.settings, plan.seed),
    )
    passes = [first]
    for chance in plan.second_chances:
        passes.append(second_chance(chance, passes, identity))
    return passes


def second_chance(chance: SecondChance, passes: list[Pass], identity: list[object]) -> Pass:
    """Return the pass that follows `passes`."""
    first, taken = passes[0], {one.seed for one in passes}

    def either(changed: float | None, inherited: float) -> float:
        return inherited if changed is None else changed

    settings = Settings(
        temperature=either(chance.temperature, first.settings.temperature),
        top_p=either(chance.top_p, first.settings.top_p),
        top_k=int(either(chance.top_k, first.settings.top_k)),
        max_tokens=int(either(chance.max_tokens, first.settings.max_tokens)),
        stop_loops=first.settings.stop_loops,
        thinking_tokens=chance.thinking_tokens or first.settings.thinking_tokens,
        logprobs=first.settings.logprobs,
    )
    prompt = chance.prompt or first.prompt
    if chance.hint_template is not None:
        prompt = prompt.model_copy(update={"user": chance.hint_template})
    if chance.continue_truncated:  # with logprobs a trace continues from its tokens, without them from its text
        identity = [*identity, first.shaping, *(["token_ids"] if settings.logprobs else [])]
    # It has its own seed: with the first pass's seed, a higher temperature would draw from the same random numbers, and
    # a second pass with the settings of another one the same traces.
    own = shaping_of(identity, settings, first.seed)
    seed = next(one for number in count() if (one := request_seed(first.seed, own, number)) not in taken)
    return Pass(
        attempt=len(passes),
        settings=settings,
        prompt=prompt,
        hinted=chance.hint_template is not None,
        continues=chance.continue_truncated,
        rule=Rule(chance.accept, chance.max_n, chance.give_up_below),
        seed=seed,
        shaping=shaping_of(identity, settings, seed),
        continuation=FromTheEnd() if chance.continue_truncated else None,
    )


def shaping_of(identity: list[object], settings: Settings, seed: int) -> str:
    """Return the hash of what shapes completions. Logprobs do not; `reuse` sees to it that a trace has them."""
    shaping = asdict(settings)
    del shaping["logprobs"]
    return fingerprint([*identity, shaping, seed])
