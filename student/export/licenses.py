"""Licences of well-known teachers and bases, and what they ask of a model that is trained on them.

They are those of the models' cards on the Hugging Face hub. Licences change: the card that is published is the
publisher's own responsibility.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class License:
    """A licence as the hub names it."""

    name: str
    asks: str = ""
    """What it asks of a model that was trained on the outputs or weights; empty if nothing but a notice."""
    prefix: str = ""
    """The word with which such a model's name must begin."""


LLAMA = (
    "a model trained on these weights or their outputs must have a name that begins with “Llama” when it is "
    "distributed, must show “Built with Llama”, and comes with a copy of the licence"
)
GEMMA = (
    "a model trained on these weights or their outputs is a derivative of Gemma: who gets it must be bound by Gemma's "
    "use restrictions, and gets a copy of the terms with “Gemma is provided under and subject to the Gemma Terms of "
    "Use found at ai.google.dev/gemma/terms”"
)
KNOWN = {
    "deepseek-r1-distill-llama": License("llama3.1", LLAMA, "Llama"),
    "deepseek-r1": License("mit", "distillation is allowed explicitly"),
    "deepseek-v3": License("mit"),
    "qwen2.5-3b": License("qwen-research", "no commercial use"),
    **dict.fromkeys((f"qwen2.5-{size}" for size in ("0.5b", "1.5b", "7b", "14b", "32b")), License("apache-2.0")),
    **dict.fromkeys(("qwen2.5-math-1.5b", "qwen2.5-math-7b"), License("apache-2.0")),
    "qwq-32b": License("apache-2.0"),
    "qwen3": License("apache-2.0"),
    "gpt-oss": License("apache-2.0"),
    "magistral-small": License("apache-2.0"),
    "phi-4": License("mit"),
    "gemma-3-": License("gemma", GEMMA),
    "llama-3.1": License("llama3.1", LLAMA, "Llama"),
    "llama-3.2": License("llama3.2", LLAMA, "Llama"),
    "llama-3.3": License("llama3.3", LLAMA, "Llama"),
}
"""By a part of the model's name. The first that fits counts, so the longer ones come first."""
MADE_HERE = License("none", "it was made by the run itself")


def license_of(model: str) -> License | None:
    """Return the licence of a model by its path or name, such as `Qwen/QwQ-32B`; None if it is not known."""
    return next((found for part, found in KNOWN.items() if part in model.lower()), None)
