"""Settings for sampling: how many traces, when to stop, the price, and second chances for unsolved problems."""

from pydantic import Field, model_validator

from configs.prompt import Prompt
from configs.search import Search, StepSearch
from configs.section import Section

HINT = """{problem}

For reference, the final answer is {reference}. Derive it step by step from the problem alone, as if nobody had told \
you: neither mention that an answer was given nor rely on it."""
"""Asks for a rationalisation, as in STaR (arXiv 2203.14465, section 3.2), in words for models that reason."""
HINT_PARTS = ("{problem}", "{reference}")
MOST = 100_000
"""Upper bound on the traces of one problem."""


class Sampling(Section):
    """A fixed number of traces for each problem."""

    n: int = Field(default=4, ge=1, le=MOST)
    """Traces per problem."""
    temperature: float = Field(default=0.6, ge=0)
    """0 takes the most probable token each time."""
    top_p: float = Field(default=0.95, gt=0, le=1)
    """Share of the probability that tokens are drawn from; 1 turns it off."""
    top_k: int = Field(default=-1, ge=-1)
    """-1 turns top-k sampling off."""
    max_tokens: int = Field(ge=1)
    """Longest completion in tokens, reasoning included."""
    seed: int = 0
    """Each trace's own seed is derived from it."""
    shard_size: int = Field(default=2048, ge=1)
    """Approximate number of traces in one Parquet file, the unit of parallel work. It changes no completion, and an
    artifact that was begun keeps its size."""

    @property
    def most(self) -> tuple[str, int]:
        """The setting that bounds the traces per problem, and its value."""
        return "n", self.n

    @model_validator(mode="after")
    def n_needs_temperature(self) -> "Sampling":
        self.check_temperature()
        return self

    def check_temperature(self) -> None:
        """Check that several traces of a problem can differ. Errors: ValueError."""
        name, n = self.most
        if n > 1 and self.temperature == 0:
            raise ValueError(f"{name}={n} at temperature 0 draws the same trace {n} times; raise one or lower {name}")


class SecondChance(Section):
    """A further pass over problems that still have no accepted trace. Unset settings are those of the first pass."""

    accept: int = Field(default=1, ge=1)
    """Draw until a problem has this many accepted traces."""
    max_n: int = Field(default=8, ge=1, le=MOST)
    """At most this many traces per problem."""
    give_up_below: float = Field(default=0.0, ge=0, lt=1)
    """As for the first pass. With 0 drawing always continues up to `max_n`, because these problems are known to be
    hard."""
    temperature: float | None = Field(default=None, ge=0)
    """`null`: as in the first pass."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    """`null`: as in the first pass."""
    top_k: int | None = Field(default=None, ge=-1)
    """`null`: as in the first pass."""
    max_tokens: int | None = Field(default=None, ge=1)
    """`null`: as in the first pass."""
    thinking_tokens: int | None = Field(default=None, ge=1)
    """`null`: as in the first pass."""
    prompt: Prompt | None = None
    """Another template: a family's name, a file, or the fields themselves."""
    hint: str | None = None
    """A template of the user turn with `{problem}` and `{reference}` that shows the model the reference; `default` is
    Retort's own. Such rows are marked `hinted` and do not contain the hint; a trace that quotes it is rejected."""
    continue_truncated: bool = False
    """Continue the first pass's truncated traces, each for up to `max_tokens` more, instead of starting over."""

    @model_validator(mode="after")
    def makes_sense(self) -> "SecondChance":
        check_ends(self.accept, self.max_n)
        if self.hint not in (None, "default") and not all(part in str(self.hint) for part in HINT_PARTS):
            raise ValueError("hint: must contain {problem} and {reference}, or be `default`")
        if self.continue_truncated and (self.prompt or self.hint):
            raise ValueError("continue_truncated goes on with a given text: remove prompt and hint")
        if self.temperature == 0 and self.max_n > 1 and not self.continue_truncated:
            raise ValueError(f"max_n={self.max_n} at temperature 0 draws the same trace again: raise it or lower max_n")
        return self

    @property
    def hint_template(self) -> str | None:
        return HINT if self.hint == "default" else self.hint


def check_ends(accept: int, max_n: int) -> None:
    if max_n < accept:
        raise ValueError(f"max_n={max_n} can never give accept={accept} accepted traces: raise max_n or lower accept")


def check_thinking(place: str, thinking_tokens: int | None, max_tokens: int) -> None:
    if thinking_tokens is not None and thinking_tokens >= max_tokens:
        raise ValueError(f"{place}thinking_tokens must leave room for the answer: below max_tokens ({max_tokens})")


class Budget(Section):
    """Limits on what sampling may spend in total. When one is reached, the traces drawn so far become the artifact, and
    the manifest says so."""

    tokens: int | None = Field(default=None, ge=1)
    """Prompt and completion tokens together. Traces reused from earlier runs are free."""
    hours: float | None = Field(default=None, gt=0)
    """Wall time of sampling, excluding interruptions."""
    money: float | None = Field(default=None, gt=0)
    """Largest cost, in the currency of `price`."""


class Price(Section):
    """The price of sampling: a rate per token (a hosted API), per hour (your own GPUs), or both."""

    prompt_per_million: float = Field(default=0.0, ge=0)
    """Price of a million tokens of prompts."""
    completion_per_million: float = Field(default=0.0, ge=0)
    """Price of a million tokens of completions."""
    per_hour: float = Field(default=0.0, ge=0)
    """Rate of all machines together: 8 GPUs at 2.5 an hour are 20."""


class TeacherSampling(Sampling):
    """Settings for sampling the teacher: `n` traces per problem, or with `accept` until enough are accepted."""

    accept: int | None = Field(default=None, ge=1)
    """Instead of `n`: draw until a problem has this many accepted traces. Traces are judged while others are drawn.
    `null` is off, and the settings that belong to it then have no effect."""
    max_n: int = Field(default=64, ge=1, le=MOST)
    """With `accept`: at most this many traces per problem."""
    give_up_below: float = Field(default=0.04, ge=0, lt=1)
    """With `accept`: give a problem up when its expected pass rate, given what was drawn, falls below this share,
    because a further accepted trace would then cost more than 1 / share traces. 0.04 gives up after 12 traces if none
    was accepted, after 37 if one was (docs/sampling.md)."""
    thinking_tokens: int | None = Field(default=None, ge=1)
    """Longest reasoning in tokens. A reasoning that is still open then is closed, and the model goes on to its answer
    (budget forcing: s1, arXiv 2501.19393, section 3.1). `null` is off."""
    logprobs: int | None = Field(default=None, ge=1, le=20)
    """Keep the log-probabilities of this many most probable tokens at each token of a completion, for off-policy
    distillation into a student with the teacher's vocabulary. 20 is the most that vLLM and OpenAI's API give; about 4
    bytes each (docs/sampling.md). `null` keeps none."""
    speculate: bool = True
    """With `accept`: while the engine would idle, draw traces that may not be needed, and cancel those that are not. A
    run ends sooner, but costs more on an endpoint that is paid by the token."""
    stop_loops: bool = True
    """Stop a completion that repeats itself, where the engine can."""
    search: Search | None = None
    """Search for each trace over its steps, led by a scorer (docs/search.md); `null` draws it in one go. `n`, `accept`
    and second chances then count searches, each with a seed of its own."""
    second_chances: list[SecondChance] = []
    """Further passes over problems that are still unsolved, in this order. They need references to judge by."""
    budget: Budget = Budget()
    price: Price = Price()
    reuse: list[str] = [".."]
    """Directories in which to look for traces that the same request made earlier: run directories or their parents,
    relative to this run's directory. It changes no completion."""

    @model_validator(mode="after")
    def ends_fit_together(self) -> "TeacherSampling":
        explicit = self.model_fields_set
        if self.accept is None:
            useless = sorted(explicit & {"max_n", "give_up_below", "speculate"})
            if useless and "accept" not in explicit:  # `accept: null` turns it off with all that belongs to it
                unset = " ".join(f"sampling.{name}=" for name in useless)
                raise ValueError(f"{useless[0]} goes with accept: set sampling.accept, or unset {unset}")
        else:
            if "n" in explicit:
                raise ValueError(
                    "n draws a fixed number, accept draws until enough are accepted: unset one of them, "
                    "sampling.n= or sampling.accept=null"
                )
            check_ends(self.accept, self.max_n)
        for chance in self.second_chances:
            if chance.max_n > 1 and (chance.temperature or self.temperature) == 0 and not chance.continue_truncated:
                raise ValueError("second_chances at temperature 0 draw the same trace again: give them a temperature")
        check_thinking("", self.thinking_tokens, self.max_tokens)
        for number, chance in enumerate(self.second_chances):
            thinking = chance.thinking_tokens or self.thinking_tokens
            check_thinking(f"second_chances.{number}.", thinking, chance.max_tokens or self.max_tokens)
        self.check_search()
        if self.budget.money is not None and self.price == Price():
            raise ValueError("budget.money needs a price: set price.completion_per_million or price.per_hour")
        return self

    def check_search(self) -> None:
        """Check that every pass can search. Errors: ValueError."""
        if self.search is None:
            return
        if 0 in (self.temperature, *(chance.temperature for chance in self.second_chances)):
            raise ValueError("search draws several continuations, which are all the same at temperature 0: raise it")
        if self.thinking_tokens or any(chance.thinking_tokens for chance in self.second_chances):
            raise ValueError("thinking_tokens bounds a trace that is drawn in one go: remove it, or search")
        if self.logprobs is not None:
            raise ValueError("logprobs are kept of a trace that is drawn in one go: remove logprobs, or search")
        if any(chance.continue_truncated for chance in self.second_chances):
            raise ValueError("continue_truncated goes on with one given trace: remove it, or search")
        if isinstance(self.search, StepSearch) and self.search.step_tokens > self.max_tokens:
            raise ValueError(f"search.step_tokens exceeds max_tokens ({self.max_tokens}): lower it")

    @property
    def most(self) -> tuple[str, int]:
        return ("n", self.n) if self.accept is None else ("max_n", self.max_n)

    @property
    def judged(self) -> bool:
        """True if traces are judged while others are drawn."""
        return self.accept is not None or bool(self.second_chances)

    @property
    def longest(self) -> int:
        """The largest `max_tokens` of any pass."""
        return max(self.max_tokens, *(chance.max_tokens or 0 for chance in self.second_chances), 0)

    @property
    def hints(self) -> tuple[str, ...]:
        """The templates with which second chances show the answer."""
        return tuple(chance.hint_template for chance in self.second_chances if chance.hint_template)
