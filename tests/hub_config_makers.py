"""A pair config that names its models and problems on the hub."""

from pathlib import Path
from typing import Any

import yaml

from configs.load import load_config
from configs.schema import Config

COMMIT = "976055f8c83f394f35dbd3ab09a285a984907bd0"


def make_config(tmp_path: Path, **sections: Any) -> Config:
    tree = {
        "name": "made",
        "teacher": {"kind": "vllm", "name": "t", "path": "owner/teacher"},
        "student": {"name": "s", "path": "owner/student", "revision": COMMIT},
        "problems": [{"kind": "file", "path": "hf://owner/problems"}, {"kind": "file", "path": "data/problems.jsonl"}],
        "sampling": {"max_tokens": 100},
        "training": {"max_length": 512, "settings": {"learning_rate": 1e-5}},
    }
    (tmp_path / "made.yaml").write_text(yaml.safe_dump(tree | sections))
    return load_config(tmp_path / "made.yaml")
