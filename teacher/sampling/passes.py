"""What each pass over the problems asks for: settings, messages, when to stop, and an identity of every request.

The first pass draws for every problem; second chances draw for those still without an accepted trace. A request is
identified by what shapes its completion: model, settings, messages, chat template arguments, seed, index. Whatever else
changes (n, shards, endpoints, the verifier), the completion stays good."""

import hashlib
import re
from dataclasses import asdict, dataclass, replace

from configs.models import Prompt
from configs.sampling import Sampling, SecondChance, TeacherSampling
from records.hashing import fingerprint, request_seed, stable_json
from records.requests import Messages, Request, Settings
from records.rows import Problem
from records.thinking import VERSION as REASONING_VERSION
from teacher.sampling.stopping import Rule

VERSION = "3"
PLACES = re.compile(r"{problem}|{reference}")


@dataclass(frozen=True)
class Pass:
    """One pass over the problems."""

    number: int
    """0 is the first; the others are second chances."""
    settings: Settings
    prompt: Prompt
    hinted: bool
    """The prompt's user turn also holds `{reference}`."""
    continues: bool
    """Requests go on with the truncated traces of the first pass, each under the index of the trace it goes on with."""
    rule: Rule
    seed: int
    shaping: str
    """Hash of model, settings and seed."""

    def messages(self, problem: Problem) -> Messages:
        if not self.hinted:
            return tuple(self.prompt.messages(problem.prompt))
        values = {"{problem}": problem.prompt, "{reference}": problem.reference}
        user = PLACES.sub(lambda place: values[place[0]], self.prompt.user)  # at once: either may hold braces itself
        return (*self.prompt.messages("")[:-1], {"role": "user", "content": user})

    def identity(self, messages: Messages) -> str:
        """What a problem's requests of this pass have in common."""
        return fingerprint([self.shaping, stable_json(messages), self.prompt.chat_template_kwargs])

    def request(self, problem: Problem, index: int, messages: Messages, prefix: str) -> Request:
        seed = request_seed(self.seed, problem.id, index)
        arguments = self.prompt.chat_template_kwargs
        return Request(problem, self.number, index, seed, messages, self.settings, prefix, arguments)


def request_fingerprint(identity: str, index: int) -> str:
    """12 hex digits. Plain text goes in: a million take a second."""
    return hashlib.sha256(f"{identity}:{index}".encode()).hexdigest()[:12]


def first_rule(sampling: Sampling) -> Rule:
    """When the first pass ends."""
    if isinstance(sampling, TeacherSampling) and sampling.accept is not None:
        return Rule(sampling.accept, sampling.max_n, sampling.give_up_below)
    return Rule(None, sampling.n)


def plan_passes(sampling: Sampling, prompt: Prompt, model: str, thinks: bool) -> list[Pass]:
    """The passes of a config. `model` identifies the weights, `prompt` is the model's own."""
    settings = Settings(sampling.temperature, sampling.top_p, sampling.top_k, sampling.max_tokens)
    if isinstance(sampling, TeacherSampling):
        settings = replace(settings, stop_loops=sampling.stop_loops, thinking_tokens=sampling.thinking_tokens)
    identity = [model, thinks, VERSION, REASONING_VERSION]
    first = Pass(
        0,
        settings,
        prompt,
        False,
        False,
        first_rule(sampling),
        sampling.seed,
        shaping_of(identity, settings, sampling.seed),
    )
    chances = sampling.second_chances if isinstance(sampling, TeacherSampling) else []
    return [first, *(second_chance(chance, number, first, identity) for number, chance in enumerate(chances, 1))]


def second_chance(chance: SecondChance, number: int, first: Pass, identity: list[object]) -> Pass:
    def either(own: float | None, inherited: float) -> float:
        return inherited if own is None else own

    settings = Settings(
        temperature=either(chance.temperature, first.settings.temperature),
        top_p=either(chance.top_p, first.settings.top_p),
        top_k=int(either(chance.top_k, first.settings.top_k)),
        max_tokens=int(either(chance.max_tokens, first.settings.max_tokens)),
        stop_loops=first.settings.stop_loops,
        thinking_tokens=chance.thinking_tokens or first.settings.thinking_tokens,
    )
    prompt = chance.prompt or first.prompt
    if chance.hint_template is not None:
        prompt = prompt.model_copy(update={"user": chance.hint_template})
    identity = [*identity, first.shaping] if chance.continue_truncated else [*identity]
    # A seed of its own: with the first pass's, a higher temperature would draw from the same random numbers.
    seed = request_seed(first.seed, shaping_of(identity, settings, first.seed), 0)
    return Pass(
        number=number,
        settings=settings,
        prompt=prompt,
        hinted=chance.hint_template is not None,
        continues=chance.continue_truncated,
        rule=Rule(chance.accept, chance.max_n, chance.give_up_below),
        seed=seed,
        shaping=shaping_of(identity, settings, seed),
    )


def shaping_of(identity: list[object], settings: Settings, seed: int) -> str:
    return fingerprint([*identity, asdict(settings), seed])
