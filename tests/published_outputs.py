"""Published outputs of models in ../shared/data, and the answers of Llama-3.1-405B's providers."""

import gzip
import json

from conftest import SHARED

FOLDER = SHARED / "eval_outputs"
PROVIDERS = {
    "Llama-3.1-405B-Instruct-Turbo": 28,
    "Meta-Llama-3.1-405B-Instruct@hyperbolic": 16,
    "Llama-3.1-405B-Inst@sambanova": 1,
}
"""Providers (the first serves FP8, the others BF16), and how many of their GSM8K answers hold no `"answer": "…"`."""


def zeroeval(task: str, provider: str) -> list[dict[str, str]]:
    file = FOLDER / "zeroeval_405b" / f"{task}__{provider}.jsonl.gz"
    rows = map(json.loads, gzip.decompress(file.read_bytes()).splitlines())
    return [
        {"problem": str(row["id"]), "completion": row["output"][0], "reference": str(row["answer"]).removeprefix("# ")}
        for row in rows
    ]
