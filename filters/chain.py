"""Which rules a trace meets, in which order, and the version of them all."""

from configs.judging import Judging
from filters.rules.answer_format import AnswerFormat
from filters.rules.contamination import Contamination, contamination
from filters.rules.hint import QuotesHint
from filters.rules.language import Language
from filters.rules.length import LengthBounds
from filters.rules.refusal import Refusal
from filters.rules.repetition import Repetition
from filters.verifiers.registry import VERIFIERS
from filters.workers import VERSION as WORKER_VERSION
from filters.workers import Filter

RULE_VERSIONS = (
    AnswerFormat.version,
    LengthBounds.version,
    Refusal.version,
    Repetition.version,
    Language.version,
    Contamination.version,
    QuotesHint.version,
)
VERSION = ".".join(["3", WORKER_VERSION, *RULE_VERSIONS, *(verifier.version for verifier in VERIFIERS.values())])
"""Changes with any filter's version, so that traces are judged again when a rule changes."""


def all_filters(config: Judging, benchmarks: dict[str, list[str]], hints: tuple[str, ...]) -> list[Filter]:
    """What a trace has to pass besides its verifier."""
    own = [QuotesHint(hints)] if hints else []
    return [*trace_filters(config), *own, contamination(config.decontamination, benchmarks)]


def trace_filters(config: Judging) -> list[Filter]:
    """The filters the config asks for that need nothing but a trace, in the order in which their reasons count."""
    filters: list[Filter] = [Refusal()] if config.reject_refusals else []
    filters += [AnswerFormat(config.require_box), LengthBounds(config.min_tokens, config.max_tokens)]
    filters += [Repetition(config.repetition)] if config.repetition else []
    filters += [Language(config.language)] if config.language else []
    return filters
