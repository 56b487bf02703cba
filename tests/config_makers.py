"""The smallest pair config, with sections replaced, and what a broken one is refused with."""

from pathlib import Path
from typing import Any

import yaml
from refusals import refusal_of

from configs.load import ConfigError, load_config
from configs.schema import Config


def make_tree() -> dict[str, Any]:
    """The smallest config that samples, trains and evaluates."""
    return {
        "name": "made",
        "teacher": {"kind": "vllm", "name": "teacher", "path": "somewhere", "max_model_len": 1024},
        "student": {"name": "student", "path": "elsewhere", "max_model_len": 512},
        "problems": [{"kind": "file", "path": "problems.jsonl"}],
        "benchmarks": {"held_out": [{"kind": "reasoning_gym", "task": "chain_sum", "size": 3}]},
        "sampling": {"max_tokens": 1000},
        "training": {"max_length": 512, "settings": {"learning_rate": 1e-5}},
        "evaluation": {"max_tokens": 500},
    }


def make_config(tmp_path: Path, *overrides: str, **sections: Any) -> Config:
    """`make_tree()` with sections replaced (None removes one), written to a file and loaded."""
    tree = {key: value for key, value in (make_tree() | sections).items() if value is not None}
    path = tmp_path / "made.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True))
    return load_config(path, list(overrides))


def refusal(path: Path, *overrides: str) -> str:
    """The one line a broken config is refused with."""
    return refusal_of(lambda: load_config(path, list(overrides)), ConfigError)


def refused(tmp_path: Path, *overrides: str, **sections: Any) -> str:
    told = refusal_of(lambda: make_config(tmp_path, *overrides, **sections), ConfigError)
    return told.removeprefix(f"{tmp_path / 'made.yaml'}: ")


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "made.yaml"
    path.write_bytes(content)
    return path
