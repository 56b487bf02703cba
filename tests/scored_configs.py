"""A config with scorers of every kind, as a tree."""

from typing import Any

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
