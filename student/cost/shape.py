"""The sizes in a transformers config that memory and arithmetic depend on, and the parameters that they make."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Shape:
    """A dense decoder with gated MLPs (Qwen2, Qwen3, Llama, Mistral, Phi-3). Biases and norms on heads are left out:
    they are below a ten-thousandth of the parameters."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocab: int
    tied: bool
    """The output layer's weight is the embedding's."""

    @property
    def query(self) -> int:
        """Width of the queries, and of the attention's output, in numbers a token."""
        return self.heads * self.head_dim

    @property
    def key(self) -> int:
        """Width of the keys, and of the values, in numbers a token."""
        return self.kv_heads * self.head_dim

    @property
    def linears(self) -> list[tuple[int, int]]:
        """A layer's linear maps as (inputs, outputs): q, k, v, o, gate, up, down."""
        attention = [(self.hidden, self.query), (self.hidden, self.key), (self.hidden, self.key)]
        mlp = [(self.hidden, self.intermediate)] * 2 + [(self.intermediate, self.hidden)]
        return [*attention, (self.query, self.hidden), *mlp]

    @property
    def layer_linear(self) -> int:
        """Parameters of one layer's linear maps."""
        return sum(inputs * outputs for inputs, outputs in self.linears)

    @property
    def embedding(self) -> int:
        """Parameters of the embedding, which are those of an output layer too."""
        return self.vocab * self.hidden

    @property
    def norms(self) -> int:
        """Parameters of all norms: two a layer, and the last."""
        return (2 * self.layers + 1) * self.hidden

    @property
    def parameters(self) -> int:
        return self.layers * self.layer_linear + self.norms + self.embedding * (1 if self.tied else 2)

    def adapter(self, rank: int) -> int:
        """Parameters of LoRA adapters on all linear maps of the layers (peft's `all-linear` leaves the output layer
        out): rank x (inputs + outputs) each."""
        return self.layers * sum(rank * (inputs + outputs) for inputs, outputs in self.linears)


def shape_of(config: Mapping[str, Any]) -> Shape:
    """Read the shape from a config's dict (`config.to_dict()`, or config.json read). KeyError where a size is missing.

    `head_dim` and `num_key_value_heads` may be missing or null: transformers then takes hidden / heads, and heads.
    """
    heads = config["num_attention_heads"]
    return Shape(
        hidden=config["hidden_size"],
        layers=config["num_hidden_layers"],
        heads=heads,
        kv_heads=config.get("num_key_value_heads") or heads,
        head_dim=config.get("head_dim") or config["hidden_size"] // heads,
        intermediate=config["intermediate_size"],
        vocab=config["vocab_size"],
        tied=bool(config.get("tie_word_embeddings")),
    )
