"""The students of configs/pairs/ as their config.json describes them, so that pairs are checked and estimated without
the hub. Fields that neither sizes nor the preflight depend on are left out.

    python -m bench.pair_models     # what each pair's training takes, as the preflight estimates it
"""

from pathlib import Path
from typing import Any

from configs.load import load_config
from configs.training import Training
from student.cost.device import ELSEWHERE, GIB, seconds_on
from student.cost.estimating import Rows, cost_of

LLAMA3_ROPE = {"rope_type": "llama3", "rope_theta": 5e5, "original_max_position_embeddings": 8192}
LLAMA3_ROPE |= {"low_freq_factor": 1.0, "high_freq_factor": 4.0}

MODELS: dict[str, dict[str, Any]] = {
    "Qwen/Qwen2.5-1.5B": {
        **{"model_type": "qwen2", "hidden_size": 1536, "intermediate_size": 8960, "num_hidden_layers": 28},
        **{"num_attention_heads": 12, "num_key_value_heads": 2, "vocab_size": 151936, "tie_word_embeddings": True},
        **{"max_position_embeddings": 131072, "rope_parameters": {"rope_type": "default", "rope_theta": 1e6}},
    },
    "Qwen/Qwen2.5-7B": {
        **{"model_type": "qwen2", "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28},
        **{"num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": 152064, "tie_word_embeddings": False},
        **{"max_position_embeddings": 131072, "rope_parameters": {"rope_type": "default", "rope_theta": 1e6}},
    },
    "Qwen/Qwen2.5-14B": {
        **{"model_type": "qwen2", "hidden_size": 5120, "intermediate_size": 13824, "num_hidden_layers": 48},
        **{"num_attention_heads": 40, "num_key_value_heads": 8, "vocab_size": 152064, "tie_word_embeddings": False},
        **{"max_position_embeddings": 131072, "rope_parameters": {"rope_type": "default", "rope_theta": 1e6}},
    },
    "Qwen/Qwen3-1.7B-Base": {
        **{"model_type": "qwen3", "hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": 28},
        **{"num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936},
        **{"tie_word_embeddings": True, "max_position_embeddings": 32768},
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e6},
    },
    "Qwen/Qwen3-8B-Base": {
        **{"model_type": "qwen3", "hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 36},
        **{"num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936},
        **{"tie_word_embeddings": False, "max_position_embeddings": 32768},
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e6},
    },
    "meta-llama/Llama-3.2-3B": {
        **{"model_type": "llama", "hidden_size": 3072, "intermediate_size": 8192, "num_hidden_layers": 28},
        **{"num_attention_heads": 24, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 128256},
        **{"tie_word_embeddings": True, "max_position_embeddings": 131072},
        "rope_parameters": LLAMA3_ROPE | {"factor": 32.0},
    },
    "meta-llama/Llama-3.1-8B": {
        **{"model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32},
        **{"num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 128256},
        **{"tie_word_embeddings": False, "max_position_embeddings": 131072},
        "rope_parameters": LLAMA3_ROPE | {"factor": 8.0},
    },
    "microsoft/phi-4": {
        **{"model_type": "phi3", "hidden_size": 5120, "intermediate_size": 17920, "num_hidden_layers": 40},
        **{"num_attention_heads": 40, "num_key_value_heads": 10, "vocab_size": 100352, "tie_word_embeddings": False},
        **{"max_position_embeddings": 16384, "rope_parameters": {"rope_type": "default", "rope_theta": 2.5e5}},
    },
    "google/gemma-3-1b-pt": {
        **{"model_type": "gemma3_text", "hidden_size": 1152, "intermediate_size": 6912, "num_hidden_layers": 26},
        **{"num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 256, "vocab_size": 262144},
        **{"tie_word_embeddings": True, "max_position_embeddings": 32768, "sliding_window": 512},
        "rope_parameters": {
            "full_attention": {"rope_type": "default", "rope_theta": 1e6},
            "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
        },
    },
}
"""By the model's name on the hub."""
for size in ("1.5B", "7B"):
    MODELS[f"Qwen/Qwen2.5-Math-{size}"] = MODELS[f"Qwen/Qwen2.5-{size}"] | {
        "max_position_embeddings": 4096,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e4},
    }

DOCUMENTS = 4
"""Rows of equal length in a pack, for the estimate: some 8,000 tokens each."""
PROMPT_SHARE = 0.03
"""Share of a row's tokens that is prompt."""


def estimated(model: str, training: Training) -> tuple[float, float]:
    """Return the peak memory of one GPU in GiB, and the hours that an H100 takes for 100 million tokens at
    `student.cost.device.ASSUMED_MFU`."""
    longest = training.max_length // DOCUMENTS
    rows = Rows(1, longest, round(longest * (1 - PROMPT_SHARE)), longest, (longest + 1) / 2)
    cost = cost_of(MODELS[model], training, rows)
    assert not isinstance(cost, str), cost
    seconds = seconds_on(ELSEWHERE, cost)
    assert seconds is not None
    return cost.memory_bytes / GIB, seconds / cost.tokens * 1e8 / 3600


def main() -> None:
    for file in sorted((Path(__file__).parent.parent / "configs" / "pairs").glob("*.yaml")):
        config = load_config(file)
        training, model = config.training[-1], str(config.student.path)
        memory, hours = estimated(model, training)
        method = "all weights" if training.lora is None else "LoRA"
        print(f"| {file.stem} | {model} | {method}, {training.dtype} | {memory:.0f} | {hours:.1f} |")


if __name__ == "__main__":
    main()
