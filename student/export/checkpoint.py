"""Turns a trained model directory into a Hugging Face checkpoint: weights, tokenizer, generation config, model card."""

import json
import shutil
from pathlib import Path

from configs.publishing import Publishing
from records.counts import ExportCounts
from records.errors import InputError
from records.files import write_json, write_whole
from records.thinking import CLOSE, OPEN

CARD = """---
license: {license}
base_model: {base}
library_name: transformers
pipeline_tag: text-generation
tags: [reasoning, distillation, retort]
---

# {name}

{base} fine-tuned on verified reasoning traces of {teacher} with Retort.
The model reasons inside `{think_tags}` and gives its answer after it, in `\\boxed{{}}`.

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
    of CARD as Markdown: name, base, teacher, prompt, scores and lineage. `max_tokens` is the default bound on a
    completion. Errors: InputError if there are no weights.
    """
    weights = sorted(trained.glob("*.safetensors"))
    if not weights:
        raise InputError(f"{trained}: holds no *.safetensors weights; delete the folder to train again")
    for file in trained.iterdir():
        if file.is_file() and file.name != "manifest.json" and not file.name.startswith((".", "training_args")):
            shutil.copy2(file, folder / file.name)
    settings = json.loads((trained / "generation_config.json").read_text())
    sampling = {"do_sample": True, "temperature": publishing.temperature, "top_p": publishing.top_p}
    write_json(folder / "generation_config.json", settings | sampling | {"max_new_tokens": max_tokens})
    write_whole(folder / "README.md", CARD.format(license=publishing.license, think_tags=f"{OPEN}…{CLOSE}", **card))
    return ExportCounts(weights_bytes=sum(file.stat().st_size for file in weights))
