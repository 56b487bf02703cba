"""A pair with a scorer of every kind, as the tests of scorers load it."""

from pathlib import Path
from typing import Any

import yaml

from configs.load import load_config
from configs.schema import Config

SCORERS: dict[str, Any] = {
    "exact": {"kind": "equations"},
    "orm": {"kind": "outcome", "path": "owner/orm", "revision": "a1"},
    "prm": {"kind": "process", "path": "owner/prm", "form": "qwen_math_prm"},
}
PAIR: dict[str, Any] = {
    "name": "pair",
    "teacher": {"kind": "fake"},
    "student": {"name": "small", "path": "owner/name"},
    "problems": [{"kind": "reasoning_gym", "task": "chain_sum", "size": 3}],
    "benchmarks": {"held_out": {"sources": [{"kind": "reasoning_gym", "task": "chain_sum", "size": 3}]}},
    "sampling": {"n": 2, "max_tokens": 512},
    "training": {"max_length": 512},
    "scorers": SCORERS,
    "selection": {"order": "score", "scorer": "prm", "aggregate": "product", "min_score": 0.5},
    "evaluation": {"max_tokens": 500, "temperature": 0.5, "n": 4, "rerank": ["exact", "orm", "prm"]},
}


def load(folder: Path, *overrides: str) -> Config:
    (folder / "pair.yaml").write_text(yaml.safe_dump(PAIR))
    return load_config(folder / "pair.yaml", list(overrides))
