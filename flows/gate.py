"""Checks the conditions of a run's gate once its scores are there. Nothing is built or kept: a run whose stages are all
complete is checked again."""

from configs.schema import Config
from eval.gate import unmet
from flows.distill import Distillation
from records.comparisons import read_comparisons


def unmet_conditions(config: Config, run: Distillation) -> list[str]:
    """Return a line for every condition of `evaluation.gate` that the scores do not show to be met."""
    gate = config.evaluation.gate if config.evaluation else None
    return unmet(gate, read_comparisons(run.scores.path)) if gate and run.scores else []
