"""Checks what the files of a reward model tell, before anything is loaded or scored."""

import json
import re
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from configs.scorers import ModelScorer, OutcomeScorer, ProcessScorer
from filters.scorers.forms import FORMS
from records.errors import InputError
from records.files import ADAPTER_CONFIG
from records.model_size import check_size

LONGEST_NAME = 100
WRONG = re.compile(
    r"(?i)(?:wrong|incorrect|bad|negative|false|not[ _-]?(?:ok|correct)|error|mistake|no|fail|invalid)\b|-$"
)
RIGHT = re.compile(r"(?i)(?:right|correct|good|positive|true|ok|yes|pass|valid)\b|\+")
WEIGHTS = ("*.safetensors", "*.bin")


def check_scorer(scorer: ModelScorer, folder: Path) -> None:
    """Check the folder of a reward model.

    Errors: InputError for a folder without a config or weights, for a torn file, for a model of another task or form,
    and for a head with another number of labels.
    """
    config = read_config(folder)
    check_size(folder, config)
    if (folder / ADAPTER_CONFIG).exists():
        raise InputError(
            f"{folder}: holds {ADAPTER_CONFIG}, by which the weights of another model would be loaded; merge the "
            "adapter into its model first"
        )
    if not any(file for pattern in WEIGHTS for file in folder.glob(pattern)):
        raise InputError(f"{folder}: no weights (*.safetensors) beside config.json; correct the scorer's path")
    tensors = tensor_names(folder)
    if isinstance(scorer, OutcomeScorer):
        check_outcome(folder, config)
    if isinstance(scorer, ProcessScorer):
        check_form(folder, config, scorer.form, tensors)


def check_outcome(folder: Path, config: dict[str, Any]) -> None:
    """Check that a model is a sequence classification with one label. Errors: InputError."""
    if not any(name.endswith("ForSequenceClassification") for name in architectures(config)):
        raise InputError(
            f"{folder}: is {named(config)}, without the head of an outcome scorer (ForSequenceClassification); give a "
            "reward model, or kind: process if it scores steps"
        )
    if (labels := label_count(config)) != 1:
        raise InputError(f"{folder}: has {labels} labels, and an outcome scorer 1; give a reward model")


def check_form(folder: Path, config: dict[str, Any], form: str, tensors: set[str]) -> None:
    """Check that a model is of a form. `tensors` are the names of its tensors, empty if they are not known. Errors:
    InputError."""
    wanted, head = FORMS[form].architecture, FORMS[form].tensors
    if not any(name.endswith(wanted) for name in architectures(config)):
        raise InputError(
            f"{folder}: is {named(config)}, which is not of the form {form} (…{wanted}); set the form of this model, "
            f"one of {', '.join(FORMS)}, or give another one"
        )
    if form == "trl" and (labels := label_count(config)) != 2:
        raise InputError(f"{folder}: has {labels} labels, and a process scorer 2 (wrong, right); give such a model")
    wrong, right = label_name(config, 0), label_name(config, 1)
    if form == "trl" and (WRONG.match(right) or RIGHT.match(wrong)):
        raise InputError(
            f"{folder}: its label 0 is {wrong!r} and its label 1 is {right!r}, and a process scorer's label 1 says "
            "that a step is right; give a model whose labels are wrong, right"
        )
    if tensors and (lacking := [name for name in head if name not in tensors]):
        raise InputError(f"{folder}: has no {lacking[0]}, the head of the form {form}; set the form of this model")


def architectures(config: dict[str, Any]) -> list[str]:
    names = config.get("architectures")
    return [str(name)[:LONGEST_NAME] for name in names] if isinstance(names, list) else []


def named(config: dict[str, Any]) -> str:
    return ", ".join(architectures(config)) or "of no named architecture"


def tensor_names(folder: Path) -> set[str]:
    """Return the names of a checkpoint's tensors from the files' headers; none if they are not safetensors. Errors:
    InputError for a torn file."""
    names = set[str]()
    for file in sorted(folder.glob("*.safetensors")):
        try:
            with safe_open(file, "np") as tensors:
                names |= set(tensors.keys())
        except SafetensorError as error:
            raise InputError(f"{file}: not a whole safetensors file ({error}); download it again") from error
    return names


def label_count(config: dict[str, Any]) -> int:
    """Return the number of labels; config.json leaves out transformers' default of 2."""
    named = config.get("id2label")
    number = config.get("num_labels")
    return len(named) if isinstance(named, dict) else number if type(number) is int else 2


def label_name(config: dict[str, Any], number: int) -> str:
    """Return the name of a label; empty if it has none."""
    named = config.get("id2label")
    return str(named.get(str(number), ""))[:LONGEST_NAME] if isinstance(named, dict) else ""


def read_config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{folder}: no config.json, so this is no model directory; correct the scorer's path"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{folder / 'config.json'}: not readable as JSON ({error})") from error
    if not isinstance(config, dict):
        raise InputError(f"{folder / 'config.json'}: not a JSON object")
    return config
