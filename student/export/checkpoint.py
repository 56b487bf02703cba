"""Turns a trained model directory into a Hugging Face checkpoint: weights, tokenizer, generation config, model card."""

import json
import shutil
from pathlib import Path
from typing import Any

from configs.publishing import Publishing
from records.counts import ExportCounts
from records.errors import InputError
from records.files import write_json, write_whole
from records.thinking import CLOSE, OPEN
from student.data.reasoning import Reasoning

CARD = """---
license: {license}
base_model: {base}
library_name: transformers
pipeline_tag: text-generation
tags: [reasoning, distillation, retort]
---

# {name}

{base} fine-tuned on verified reasoning traces of {teacher} with Retort.
{reasoning}

## Scores

{scores}

## Use

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("PATH", dtype="auto")
tokenizer = AutoTokenizer.from_pretrained("PATH")
```

or `vllm serve PATH --reasoning-parser deepseek_r1`. Ask as it was trained: `{prompt}`.

## Lineage

{lineage}

`manifest.json` lists every file with its SHA-256, and the packages and commit it was made with.
"""


def export(folder: Path, trained: Path, publishing: Publishing, card: dict[str, str], max_tokens: int) -> ExportCounts:
    """Copy the trained model's files into `folder`, and add generation defaults and the model card as `README.md`.

    `trained` is a model directory with `*.safetensors` weights and a `generation_config.json`. `card` holds the fields
    of CARD as Markdown: name, base, teacher, reasoning, prompt, scores and lineage. `max_tokens` is the default bound
    on a completion. Errors: InputError if there are no weights.
    """
    weights = sorted(trained.glob("*.safetensors"))
    if not weights:
        raise InputError(f"{trained}: holds no *.safetensors weights; delete the folder to train again")
    for file in trained.iterdir():
        if file.is_file() and file.name != "manifest.json" and not file.name.startswith((".", "training_args")):
            shutil.copy2(file, folder / file.name)
    settings = json.loads((trained / "generation_config.json").read_text())
    write_json(folder / "generation_config.json", settings | decoding(publishing) | {"max_new_tokens": max_tokens})
    write_whole(folder / "README.md", CARD.format(license=publishing.license, **card))
    return ExportCounts(weights_bytes=sum(file.stat().st_size for file in weights))


def decoding(publishing: Publishing) -> dict[str, Any]:
    """Return the decoding defaults in transformers' words. `generate` raises for a temperature of 0, and an absent
    `top_k` is 50 there."""
    if publishing.temperature == 0:
        return {"do_sample": False}
    shaping = {"temperature": publishing.temperature, "top_p": publishing.top_p, "top_k": publishing.top_k}
    return {"do_sample": True} | shaping


def how_it_reasons(reasoning: Reasoning, switch: str) -> str:
    """Return the card's sentence about what the model writes. `switch` says how to ask for an answer alone."""
    within = f"The model reasons inside `{OPEN}…{CLOSE}` and gives its answer after it, in `\\boxed{{}}`"
    if reasoning == "visible":
        return f"{within}."
    if reasoning == "hidden":
        return "The model gives its answer at once, in `\\boxed{}`; it was trained on answers alone."
    return f"{within}. Asked with `{switch}`, it gives the answer at once."
