"""Lists the rules that a trace meets, in their order, and the version of all judging."""

from configs.judging import Judging
from filters.rules.answer_format import AnswerFormat
from filters.rules.contamination import Contamination
from filters.rules.false_equations import FalseEquations
from filters.rules.hint import QuotesHint
from filters.rules.language import Language
from filters.rules.length import LengthBounds
from filters.rules.refusal import Refusal
from filters.rules.repetition import Repetition
from filters.rules.rule import Filter, Rule, Setup
from filters.verifiers.registry import VERIFIERS

RULES: tuple[type[Rule], ...] = (
    Refusal,
    AnswerFormat,
    LengthBounds,
    Repetition,
    Language,
    FalseEquations,
    QuotesHint,
    Contamination,
)
"""Every rule, in the order in which their reasons count. A new rule is one more line."""
MACHINERY = "7"
"""Raise it if judging changes verdicts by other means than a rule or a verifier: order, limits, isolation."""
VERSION = ".".join([MACHINERY, *(rule.version for rule in RULES), *(one.version for one in VERIFIERS.values())])
"""The version changes with that of any rule or verifier, so that traces are judged again."""


def all_filters(
    config: Judging, benchmarks: dict[str, list[str]] | None = None, hints: tuple[str, ...] = ()
) -> list[Filter]:
    """Return the filters that a trace has to pass besides its verifier.

    `benchmarks` holds the prompts of each held-out benchmark by its name, `hints` the templates in which traces were
    shown the reference.
    """
    setup = Setup(config, benchmarks or {}, hints)
    return [configured for rule in RULES if (configured := rule.configured(setup))]
