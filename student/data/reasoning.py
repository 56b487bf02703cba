"""Which rows are trained without their reasoning, and how the prompt of such a row says so."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from configs.models import MixedReasoning
from records.rendering import prompt_text
from records.thinking import split_reasoning

Reasoning = Literal["visible", "hidden"] | MixedReasoning
Messages = Sequence[dict[str, str]]

ARGUMENT = "enable_thinking"
"""The argument of the templates that can switch thinking off (Qwen3, SmolLM3, GLM-4.6)."""
SOFT_SWITCH = "\n/no_think"
"""What ends the user's turn otherwise. Qwen3's and SmolLM3's cards document `/no_think` for users, too."""
PROBE = ({"role": "user", "content": "1 + 1?"},)


@dataclass(frozen=True)
class Switch:
    """How a prompt asks for an answer without reasoning."""

    arguments: dict[str, Any] = field(default_factory=dict)
    """Arguments of the chat template."""
    suffix: str = ""
    """Text at the end of the last user turn."""

    def __str__(self) -> str:
        shown = [f"{name}={value}" for name, value in self.arguments.items()]
        return ", ".join(shown) or f"{self.suffix.strip()} at the end of the user's turn"

    def apply(self, turns: Messages) -> list[dict[str, str]]:
        last = max(at for at, turn in enumerate(turns) if turn["role"] == "user")
        return [
            {**turn, "content": turn["content"] + self.suffix} if at == last else turn for at, turn in enumerate(turns)
        ]


def switch_of(tokenizer: Any) -> Switch:
    """Return the template's own switch if it has one that changes the prompt, else the soft switch."""
    if ARGUMENT in str(tokenizer.chat_template):
        off = {ARGUMENT: False}
        if prompt_text(tokenizer, PROBE, off) != prompt_text(tokenizer, PROBE):
            return Switch(arguments=off)
    return Switch(suffix=SOFT_SWITCH)


def is_no_think(problem_id: str, reasoning: Reasoning) -> bool:
    """Return True if the traces of a problem are trained with the switch. Only the id decides, so that all traces of a
    problem are alike, and no other row matters."""
    if not isinstance(reasoning, MixedReasoning):
        return False
    drawn = int(hashlib.sha256(f"no_think:{problem_id}".encode()).hexdigest()[:8], 16)
    return drawn < reasoning.no_think_share * 2**32


def without_reasoning(completion: str) -> str:
    return split_reasoning(completion, thinks=False)[1]
