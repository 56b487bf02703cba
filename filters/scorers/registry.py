"""Starts a scorer by its kind."""

from collections.abc import Callable
from typing import Any

from filters.scorers.scoring import Scorer
from records.pooling import Serve


def equations(_: Any, __: str, ___: Serve | None = None) -> Scorer:
    from filters.scorers.equations_scorer import score_equations

    return score_equations


def outcome(scorer: Any, location: str, serve: Serve | None = None) -> Scorer:
    from filters.scorers.models import OutcomeModel  # imports torch and transformers

    return OutcomeModel(scorer, location, serve)


def process(scorer: Any, location: str, serve: Serve | None = None) -> Scorer:
    from filters.scorers.models import ProcessModel

    return ProcessModel(scorer, location, serve)


def step_judge(scorer: Any, replies: str, _: Serve | None = None) -> Scorer:
    from filters.llm_judge.step_scorer import StepReplies

    return StepReplies(scorer, replies)


SCORERS: dict[str, Callable[[Any, str, Serve | None], Scorer]] = {
    "equations": equations,
    "outcome": outcome,
    "process": process,
    "step_judge": step_judge,
}
"""By the kind in the config: a function that takes the scorer's section, the place of its weights or of a judge's
replies (empty for a scorer without either), and what starts an engine for a model (None runs it in transformers).
Errors: InputError for a model that is none of that kind."""
VERSIONS = {"equations": "5", "outcome": "3", "process": "4", "step_judge": "2"}
"""By kind; raised when scorers of that kind say something else of the same trace."""
