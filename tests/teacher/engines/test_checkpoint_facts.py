"""A checkpoint's own files say how it is measured, and one that cannot be is refused."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from records.errors import InputError
from teacher.engines.checkpoint import read_checkpoint


@pytest.fixture
def model(tiny_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


def change(file: Path, **changes: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_context_and_dtype_are_those_of_its_config(model: Path) -> None:
    config = json.loads((model / "config.json").read_text())
    facts = read_checkpoint(str(model), None)
    assert facts.positions == config["max_position_embeddings"]
    assert (facts.dtype, facts.quantized) == ("bfloat16", False), "float32 is measured in 16 bits"
    change(model / "config.json", dtype="float16", quantization_config={"quant_method": "awq"})
    facts = read_checkpoint(str(model), None)
    assert (facts.dtype, facts.quantized) == ("float16", True)


def test_a_model_that_also_sees_keeps_its_language_model_apart(model: Path) -> None:
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps({"text_config": config | {"max_position_embeddings": 77}}))
    assert read_checkpoint(str(model), None).positions == 77


@pytest.mark.parametrize(
    ("template", "expected"),
    [("{{ '<|channel|>' }}", "harmony"), ("{{ '[THINK]' }}", "mistral"), ("{{ '<think>' }}", "think"), ("", "think")],
)
def test_the_template_shows_how_reasoning_is_marked(model: Path, template: str, expected: str) -> None:
    (model / "chat_template.jinja").write_text(template)
    assert read_checkpoint(str(model), None).reasoning_format == expected
    (model / "chat_template.jinja").unlink()
    change(model / "tokenizer_config.json", chat_template=template)
    assert read_checkpoint(str(model), None).reasoning_format == expected


def highest(model: Path) -> int:
    return int(max(json.loads((model / "tokenizer.json").read_text())["model"]["vocab"].values()))


def test_a_tokenizer_with_more_tokens_than_embeddings_is_refused(model: Path) -> None:
    last = highest(model)
    change(model / "config.json", vocab_size=last + 1)
    read_checkpoint(str(model), None)
    change(model / "config.json", vocab_size=last)
    with pytest.raises(InputError, match=f"of another vocabulary: it has a token {last}, and the model has {last} "):
        read_checkpoint(str(model), None)


def test_an_added_token_may_lie_beyond_the_embeddings(model: Path) -> None:
    tokenizer, last = json.loads((model / "tokenizer.json").read_text()), highest(model)
    image = tokenizer["added_tokens"][0] | {"id": last + 1, "content": "<image>"}
    (model / "tokenizer.json").write_text(json.dumps(tokenizer | {"added_tokens": [*tokenizer["added_tokens"], image]}))
    change(model / "config.json", vocab_size=last + 1)
    read_checkpoint(str(model), None)


def test_a_tokenizer_without_the_models_eos_is_refused(model: Path) -> None:
    change(model / "config.json", vocab_size=2_000, eos_token_id=[1_999, 0])
    read_checkpoint(str(model), None)  # models list tokens at which only some completions end
    change(model / "config.json", eos_token_id=1_999)
    with pytest.raises(InputError, match="of another vocabulary: it has no token 1999, at which"):
        read_checkpoint(str(model), None)


@pytest.mark.parametrize(
    ("file", "values"),
    [
        ("tokenizer.json", {"model": None}),
        ("tokenizer.json", {"model": {"vocab": {"a": "7"}}}),
        ("tokenizer.json", {"added_tokens": [{"content": "<b>"}]}),
        ("tokenizer.json", {"added_tokens": {"a": 1}}),
        ("config.json", {"text_config": [1]}),
    ],
)
def test_files_of_nonsense_are_told(model: Path, file: str, values: dict[str, Any]) -> None:
    change(model / file, **values)
    with pytest.raises(InputError, match=r"not of the form of a tokenizer|is no object"):
        read_checkpoint(str(model), None)


def test_neither_a_directory_nor_on_the_hub() -> None:
    with pytest.raises(InputError, match="owner/none: no such model directory, and the Hugging Face hub "):
        read_checkpoint("owner/none", None)
