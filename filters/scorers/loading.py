"""Loads a reward model with transformers."""

import re
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from transformers import AutoTokenizer

from configs.scorers import ModelScorer
from filters.scorers.checkpoint import check_scorer
from records.attention import with_own_attention
from records.errors import InputError
from records.tokenizer_check import check_rules, encoded

SAMPLE = "2 + 2 = 4, which is right."
# "model.layers.3.mlp.up_proj.weight"
OF_A_LAYER = re.compile(r"\.(?:layers?|h|blocks)\.\d+\..*(?<!inv_freq)(?<!masked_bias)(?<!attn\.bias)$")


def folder_of(location: str, revision: str | None) -> Path:
    """Return a model's folder; one on the Hugging Face hub is fetched first. Errors: InputError."""
    if Path(location).is_dir():
        return Path(location)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        return Path(snapshot_download(location, revision=revision))
    except (OSError, HfHubHTTPError, HFValidationError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{location}: no such model directory, and the Hugging Face hub does not give it ({reason})"
        ) from error


def checked_folder(scorer: ModelScorer, location: str) -> Path:
    """Return the folder of a scorer's model once its files are checked. Errors: InputError."""
    folder = folder_of(location, scorer.revision)
    check_scorer(scorer, folder)
    return folder


def load_tokenizer(folder: Path) -> Any:
    """Errors: InputError if it does not load, or has rules without bounds."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:  # OSError, KeyError, Rust's bare Exception: they share no narrower class
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise InputError(f"{folder}: its tokenizer does not load ({reason})") from error
    check_rules(tokenizer)
    check_spelling(folder, tokenizer)
    return tokenizer


def check_spelling(folder: Path, tokenizer: Any) -> None:
    """Check that a tokenizer gives a text back. Where a file of its vocabulary is missing, transformers makes one that
    takes every text for the same few tokens. Errors: InputError."""
    try:
        told = tokenizer.decode(encoded(tokenizer, SAMPLE))
    except InputError:
        raise
    except Exception as error:  # TypeError, KeyError: whatever nonsense its files hold
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise InputError(f"{folder}: its tokenizer fails on a text ({reason}); choose another model") from error
    if "".join(told.split()).casefold() != "".join(SAMPLE.split()).casefold():
        raise InputError(
            f"{folder}: its tokenizer makes {told[:100]!r} of {SAMPLE!r}; a file of its vocabulary is missing, or is "
            "another model's"
        )


def load_model(auto: Any, folder: Path, dtype: str) -> Any:
    """Load a model by one of transformers' auto classes, onto a GPU if there is one.

    Errors: InputError if it does not load, if weights are missing, which transformers would draw at random, and if
    weights of layers are left over, which it would leave out.
    """
    try:
        model, found = auto.from_pretrained(folder, dtype=dtype, trust_remote_code=False, output_loading_info=True)
    except Exception as error:  # OSError, ValueError, SafetensorError: they share no narrower class
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise InputError(f"{folder}: does not load as a reward model ({reason})") from error
    if missing := sorted(found["missing_keys"]):
        raise InputError(
            f"{folder}: its files lack {len(missing)} weights, such as {missing[0]}, so its scores would be random; "
            "give a trained reward model"
        )
    if unused := sorted(filter(OF_A_LAYER.search, found["unexpected_keys"])):
        raise InputError(
            f"{folder}: its config.json has no place for {len(unused)} weights, such as {unused[0]}, so parts of the "
            "model would be left out; correct num_hidden_layers"
        )
    return with_own_attention(model).to("cuda" if torch.cuda.is_available() else "cpu").eval()


def read_tensors(folder: Path, names: tuple[str, ...]) -> list[torch.Tensor]:
    """Read some tensors of a checkpoint. Errors: InputError if one is missing, or holds what is no number."""
    found: dict[str, torch.Tensor] = {}
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "pt") as tensors:
            there = set(tensors.keys())
            found |= {name: tensors.get_tensor(name) for name in names if name in there}
    for file in sorted(folder.glob("*.bin")) if not found else ():
        tensors = torch.load(file, map_location="cpu", weights_only=True)
        found |= {name: tensors[name] for name in names if name in tensors}
    if missing := [name for name in names if name not in found]:
        raise InputError(f"{folder}: has no {missing[0]}, the head of this form; set the form of this model")
    if broken := [name for name in names if not found[name].isfinite().all()]:
        raise InputError(f"{folder}: its {broken[0]} holds values that are no finite numbers; download it again")
    return [found[name] for name in names]
