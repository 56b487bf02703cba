"""What a distillation's settings must fit, beside what TRL checks."""

from typing import Any

from configs.stages import DistillStage
from records.errors import InputError
from student.methods.settings import settings_of

COMPLETION = "max_completion_length"
DRAWN = 512
"""TRL's default of it (DistillationConfig)."""


def longest_prompt(config: DistillStage) -> int:
    """Return the most tokens of a prompt that leave room for a whole completion within `max_length`."""
    return config.max_length - drawn_tokens(config)


def drawn_tokens(config: DistillStage) -> int:
    given = settings_of(config).get(COMPLETION, DRAWN)
    return given if isinstance(given, int) else DRAWN


def check_distilling(config: DistillStage, place: str) -> None:
    """Check what TRL does not know of. Errors: InputError."""
    if config.source == "on_policy" and drawn_tokens(config) >= config.max_length:
        raise InputError(
            f"{place}.settings.{COMPLETION}: {drawn_tokens(config)} leaves no room for a prompt within max_length "
            f"{config.max_length}; lower it, or raise max_length"
        )
    if config.source == "stored" and config.settings.get("loss_type", "nll") != "nll":
        raise InputError(f"{place}.settings.loss_type: remove it; the loss is that of the stored log-probabilities")
    if config.align == "gold":
        check_gold(config, place)


def check_gold(config: DistillStage, place: str) -> None:
    """Let TRL check the settings of GOLD's loss, which it does in a config of its own trainer alone: of an unknown
    strategy the loss makes another one. Errors: InputError."""
    from student.methods.gold import ULD, GOLDConfig

    given: dict[str, Any] = {one.name: config.settings[one.name] for one in ULD if one.name in config.settings}
    try:
        GOLDConfig(use_uld_loss=True, use_cpu=True, bf16=False, **given)
    except ValueError as error:
        raise InputError(f"{place}.settings: {error}") from None
