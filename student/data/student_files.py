"""Reads what a student's files say besides its weights: tokenizer, config and generation config."""

from dataclasses import dataclass
from typing import Any

from transformers import AutoConfig, AutoTokenizer, GenerationConfig

from configs.models import Positions
from records.chat_template import use_template
from records.errors import InputError
from records.model_size import check_size
from records.same_model import check_same_model
from records.tokenizer_check import check_rules

UNSTRETCHED = {"default", "llama3"}
"""Kinds of rotary embedding (`rope_type`) for which `max_position_embeddings` is a bound and nothing else. Others
multiply it by their factor, or derive their angles from it (transformers/modeling_rope_utils.py)."""
POSITIONS = ("max_position_embeddings", "n_positions", "max_seq_len")
"""What configs call the number of a model's positions: most of them, GPT-2 and those made after it, MPT."""


@dataclass(frozen=True)
class StudentOrigin:
    """Where a student comes from, and the chat template that it is given. Workers load their tokenizers by it."""

    path: str
    """A model directory or a Hugging Face name."""
    revision: str | None = None
    template: str | None = None
    positions: Positions | None = None

    def tokenizer(self) -> Any:
        """Load the tokenizer. Errors: InputError if it does not load or has no chat template that fits."""
        try:
            tokenizer = AutoTokenizer.from_pretrained(self.path, revision=self.revision, trust_remote_code=False)
        except Exception as error:  # OSError, KeyError, Rust's bare Exception: they share no narrower class
            raise InputError(f"{self.path}: its tokenizer does not load ({reason_of(error)})") from error
        check_rules(tokenizer)
        use_template(tokenizer, self.template)
        return tokenizer

    def config(self) -> Any:
        """Load the config with the student's positions. Errors: InputError if it does not load, says something to vLLM
        alone, or has no place for them."""
        try:
            config = AutoConfig.from_pretrained(self.path, revision=self.revision, trust_remote_code=False)
        except Exception as error:  # whatever a config's values raise in the class that takes them
            raise InputError(f"{self.path}: its config.json does not load ({reason_of(error)})") from error
        check_size(self.path, config.to_dict())
        check_same_model(self.path, config)
        config.return_dict = True  # trainers read what a model returns by its name
        if self.positions:
            give_positions(config, self.positions)
        return config

    def configs(self) -> "Configs":
        """Load the configs, as `from_pretrained` gives them to the model. Errors: InputError as for `config`."""
        config = self.config()
        try:
            generation = GenerationConfig.from_pretrained(self.path, revision=self.revision or "main")
        except OSError:  # a model without the file
            generation = GenerationConfig.from_model_config(config)
        except Exception as error:  # whatever its values raise in the class that takes them
            raise InputError(f"{self.path}: its generation_config.json does not load ({reason_of(error)})") from error
        return Configs(config, generation)


def reason_of(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


@dataclass
class Configs:
    """A model without its weights."""

    config: Any
    generation_config: Any

    @property
    def embedding_rows(self) -> int:
        return embedding_rows(self.config)

    @property
    def context(self) -> int | None:
        """Positions that the model is made for. YaRN and the like stretch them by a factor, as in vLLM's
        `_get_and_verify_max_len`; Llama 3's `max_position_embeddings` already counts the stretched ones."""
        said = self.config.get_text_config().to_dict()
        positions, rope = positions_of(self.config), said.get("rope_parameters") or {}
        if positions is None or rope.get("rope_type") not in ("yarn", "linear", "dynamic"):
            return positions
        return max(positions, int(rope.get("original_max_position_embeddings", positions) * rope.get("factor", 1)))


def positions_of(config: Any) -> int | None:
    """Return the number of positions that a model's config says; None if it is not bounded."""
    said = config.get_text_config().to_dict()
    return next((said[name] for name in POSITIONS if said.get(name)), None)


def give_positions(config: Any, positions: Positions) -> None:
    """Change the positions of a model's config.

    Errors: InputError if it stretches its positions by a factor already, or has no one rotary base to change.
    """
    text = config.get_text_config()
    rope = text.to_dict().get("rope_parameters") or {}
    kinds = {one.get("rope_type", "default") for one in ([rope] if "rope_theta" in rope else rope.values())}
    if stretched := kinds - UNSTRETCHED:
        raise InputError(
            f"student.positions: {text.model_type} stretches its positions itself ({', '.join(sorted(stretched))}): "
            "remove it, or change the factor in its config.json"
        )
    text.max_position_embeddings = positions.max_position_embeddings
    if positions.rope_theta is None:
        return
    if "rope_theta" not in rope:
        raise InputError(
            f"student.positions.rope_theta: {text.model_type} has no rotary base, or one for each kind of layer; "
            "remove it"
        )
    text.rope_parameters = rope | {"rope_theta": positions.rope_theta}


def embedding_rows(config: Any) -> int:
    """Return the number of tokens that a model embeds."""
    return int(config.get_text_config().vocab_size)
