"""Reads what a checkpoint says of itself: the defaults with which it is measured."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.errors import InputError
from records.same_model import QUANTIZED_BESIDE, quantized_for
from teacher.engines.model_directory import check_checkpoint, read_json
from teacher.engines.weight_files import check_consolidated

LONGEST = 32_768
"""Most tokens of context that are taken without being asked for: the KV cache grows with it."""
TEMPLATES = {"<|channel|>": "harmony", "[THINK]": "mistral"}
"""Formats of reasoning by what a chat template of theirs holds; all others write `<think>` tags or none."""
FILES = ("config.json", QUANTIZED_BESIDE, "tokenizer_config.json", "chat_template.jinja")


@dataclass(frozen=True, slots=True)
class CheckpointFacts:
    """What a checkpoint says of itself. Made by `read_checkpoint`; read by the command."""

    positions: int | None
    """Its longest sequence in tokens."""
    dtype: str
    reasoning_format: str
    quantized: bool


def read_checkpoint(location: str, revision: str | None) -> CheckpointFacts:
    """Read a model directory, or the small files of a model on the Hugging Face hub.

    Errors: InputError for a directory that is no whole model, a model that the hub does not have, and a tokenizer of
    another vocabulary.
    """
    folder = Path(location)
    if folder.is_dir():
        check_checkpoint(folder)
        check_consolidated(folder)
        check_vocabulary(folder)
    else:
        folder = fetch(location, revision)
    config = read_json(folder / "config.json")
    text = text_config(config, folder)
    dtype = text.get("dtype") or text.get("torch_dtype") or config.get("dtype")
    return CheckpointFacts(
        positions=text.get("max_position_embeddings"),
        dtype="float16" if dtype == "float16" else "bfloat16",
        reasoning_format=format_of(template_of(folder)),
        quantized=quantized_for(folder, config) is not None,
    )


def text_config(config: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the part of a config.json that is about text, if the model also sees. Errors: InputError."""
    text = config.get("text_config") or config
    if not isinstance(text, dict):
        raise InputError(f"{folder}: text_config in its config.json is no object; download it again")
    return text


def fetch(name: str, revision: str | None) -> Path:
    """Return the folder of the local cache with the small files of a model on the hub. Errors: InputError."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=list(FILES)))
    except (OSError, HfHubHTTPError, HFValidationError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{name}: no such model directory, and the Hugging Face hub does not give it ({reason})"
        ) from error


def template_of(folder: Path) -> str:
    """Return the chat template; empty if there is none."""
    file = folder / "chat_template.jinja"
    if file.is_file():
        return file.read_text(encoding="utf-8")
    settings = read_json(folder / "tokenizer_config.json") if (folder / "tokenizer_config.json").is_file() else {}
    return str(settings.get("chat_template") or "")


def format_of(template: str) -> str:
    return next((name for mark, name in TEMPLATES.items() if mark in template), "think")


def check_vocabulary(folder: Path) -> None:
    """Check that a tokenizer and a model in one directory belong together.

    Added tokens may lie beyond the embeddings: Gemma 3's smallest model has no embedding for its own token of an image.
    Errors: InputError if another token does, or if the token is missing at which the model's completions end.
    """
    if not (folder / "tokenizer.json").is_file():
        return
    config = read_json(folder / "config.json")
    ordinary, added = ids_of(folder / "tokenizer.json")
    ids = ordinary | added
    text = text_config(config, folder)
    size, eos = text.get("vocab_size"), text.get("eos_token_id")
    last = max(ordinary, default=0)
    if isinstance(size, int) and last >= size:
        raise InputError(
            f"{folder}: its tokenizer is of another vocabulary: it has a token {last}, and the model has {size} "
            "embeddings; copy the tokenizer that the model was trained with"
        )
    ends = {eos} if isinstance(eos, int) else {*(eos or [])}
    if ends and not ends & ids:
        raise InputError(
            f"{folder}: its tokenizer is of another vocabulary: it has no token {min(ends)}, at which the model's "
            "completions end; copy the tokenizer that the model was trained with"
        )


def ids_of(file: Path) -> tuple[set[int], set[int]]:
    """Return the ids of the ordinary and of the added tokens. Errors: InputError for a file of another form."""
    tokenizer = read_json(file)
    try:
        vocabulary = tokenizer.get("model", {}).get("vocab", {})
        ordinary = set(vocabulary.values()) if isinstance(vocabulary, dict) else set(range(len(vocabulary)))
        added = {token["id"] for token in tokenizer.get("added_tokens", [])}
        if not all(isinstance(index, int) for index in ordinary | added):
            raise TypeError("an id is no number")
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(f"{file}: not of the form of a tokenizer ({error}); download it again") from error
    return ordinary, added
