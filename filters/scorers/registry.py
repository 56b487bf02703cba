"""Starts a scorer by its kind."""

from collections.abc import Callable
from typing import Any

from filters.scorers.scoring import Scorer


def equations(_: Any, __: str) -> Scorer:
    from filters.scorers.equations_scorer import score_equations

    return score_equations


def outcome(scorer: Any, location: str) -> Scorer:
    from filters.scorers.models import OutcomeModel  # imports torch and transformers

    return OutcomeModel(scorer, location)


def process(scorer: Any, location: str) -> Scorer:
    from filters.scorers.models import ProcessModel

    return ProcessModel(scorer, location)


SCORERS: dict[str, Callable[[Any, str], Scorer]] = {"equations": equations, "outcome": outcome, "process": process}
"""By the kind in the config: a function that takes the scorer's section and the place of its weights, empty for a
scorer without any. Errors: InputError for a model that is none of that kind."""
VERSIONS = {"equations": "1", "outcome": "1", "process": "1"}
"""By kind; raised when scorers of that kind say something else of the same trace."""
