"""Reads what a student's files say besides its weights: tokenizer, config and generation config."""

from dataclasses import dataclass
from typing import Any

from transformers import AutoConfig, AutoTokenizer, GenerationConfig

from records.chat_template import use_template
from records.errors import InputError


@dataclass(frozen=True)
class StudentOrigin:
    """Where a student comes from, and the chat template that it is given. Workers load their tokenizers by it."""

    path: str
    """A model directory or a Hugging Face name."""
    revision: str | None = None
    template: str | None = None

    def tokenizer(self) -> Any:
        """Load the tokenizer. Errors: InputError if it does not load or has no chat template that fits."""
        try:
            tokenizer = AutoTokenizer.from_pretrained(self.path, revision=self.revision)
        except Exception as error:  # OSError, KeyError, Rust's bare Exception: they share no narrower class
            reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
            raise InputError(f"{self.path}: its tokenizer does not load ({reason})") from error
        use_template(tokenizer, self.template)
        return tokenizer

    def configs(self) -> "Configs":
        """Load the configs, as `from_pretrained` gives them to the model."""
        config = AutoConfig.from_pretrained(self.path, revision=self.revision)
        try:
            generation = GenerationConfig.from_pretrained(self.path, revision=self.revision or "main")
        except OSError:  # a model without the file
            generation = GenerationConfig.from_model_config(config)
        return Configs(config, generation)


@dataclass
class Configs:
    """A model without its weights."""

    config: Any
    generation_config: Any

    @property
    def embedding_rows(self) -> int:
        return int(self.config.get_text_config().vocab_size)

    @property
    def context(self) -> int | None:
        """Positions that the model is made for. YaRN and the like stretch them by a factor, as in vLLM's
        `_get_and_verify_max_len`; Llama 3's `max_position_embeddings` already counts the stretched ones."""
        said = self.config.get_text_config().to_dict()
        positions, rope = said.get("max_position_embeddings"), said.get("rope_parameters") or {}
        if positions is None or rope.get("rope_type") not in ("yarn", "linear", "dynamic"):
            return positions
        return max(positions, int(rope.get("original_max_position_embeddings", positions) * rope.get("factor", 1)))
