"""A stranger's model directory: its code never runs, and what is broken in it is told in one line."""

import io
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizer_makers import make_byte_tokenizer
from training_makers import make_training

from records import within_limits
from records.chat_template import MOST_CHARACTERS, assistant_turn, use_template
from records.errors import InputError
from records.rendering import prompt_text
from records.special_tokens import stop_ids
from student.data.student_files import StudentOrigin
from student.methods.adapters import load_base
from student.methods.saving import size_of
from teacher.engines.model_directory import check_checkpoint
from teacher.engines.tokenizer import load_tokenizer

WEIGHTS = "model.safetensors"
CODE = """
from pathlib import Path
from transformers import PretrainedConfig
Path(__file__).with_name("ran").touch()
class Config(PretrainedConfig):
    model_type = "evil"
"""


class RunsCode:
    """A pickle that makes a file when it is loaded."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.file),)


@pytest.fixture
def model(tiny_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


def change(file: Path, **values: object) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def load(model: Path) -> Any:
    return load_base(make_training(), StudentOrigin(str(model)), cpu=True)


def test_code_of_a_model_does_not_run_whatever_is_typed(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (model / "evil.py").write_text(CODE)
    change(model / "config.json", model_type="evil", auto_map={"AutoConfig": "evil.Config"})
    change(model / "tokenizer_config.json", tokenizer_class="Evil", auto_map={"AutoTokenizer": ["evil.Config", None]})
    origin = StudentOrigin(str(model))
    for attempt in (origin.tokenizer, origin.config, lambda: size_of(str(model), None), lambda: load(model)):
        monkeypatch.setattr("sys.stdin", io.StringIO("y\n" * 9))  # transformers asks, unless it was told no
        with pytest.raises(InputError, match="custom code"):
            attempt()
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n" * 9))
    with pytest.raises(InputError, match="custom code"):
        load_tokenizer(str(model))
    assert not list(model.rglob("ran"))


def test_a_pickle_is_no_weights(model: Path) -> None:
    (model / WEIGHTS).unlink()
    torch.save(RunsCode(model / "ran"), model / "pytorch_model.bin")
    with pytest.raises(InputError, match="cannot be loaded for training"):
        load(model)
    assert not (model / "ran").exists()


def test_a_model_that_lacks_weights_is_not_trained_on_random_ones(model: Path) -> None:
    tensors = load_file(model / WEIGHTS)
    assert load(model) is not None
    name = next(name for name in sorted(tensors) if name.endswith("up_proj.weight"))
    save_file({other: tensor for other, tensor in tensors.items() if other != name}, model / WEIGHTS, {"format": "pt"})
    with pytest.raises(InputError, match=f"lacks 1 weights, such as {name}"):
        load(model)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"model_type": "llama"}, "names Qwen3ForCausalLM in architectures, and its model_type is of LlamaForCausalLM"),
        ({"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True}}, "quantized already"),
        ({"quantization_config": {"quant_method": "compressed-tensors", "config_groups": {}}}, "cannot be loaded"),
        ({"rope_parameters": {"rope_type": "yarn", "factor": 2.0, "rope_theta": 1}}, "cannot be loaded"),
        ({"text_config": "x"}, "cannot be loaded|does not load"),
    ],
)
def test_a_config_of_other_weights_is_not_trained(model: Path, values: dict[str, object], told: str) -> None:
    change(model / "config.json", **values)
    with pytest.raises(InputError, match=told):
        load(model)


@pytest.mark.parametrize("eos", ["x", 2.0, True, {"a": 1}, [[1]], [2, "x"], -1, [2, 2**40]])
def test_a_stop_token_that_is_no_number(model: Path, eos: object) -> None:
    change(model / "generation_config.json", eos_token_id=eos)
    origin = StudentOrigin(str(model))
    with pytest.raises(InputError, match=r"eos_token_id in its generation_config\.json"):
        stop_ids(origin.tokenizer(), origin.configs().generation_config.eos_token_id)


@pytest.mark.parametrize("content", [(2**62).to_bytes(8, "little") + b"{}", b"", b"\0" * 64])
def test_a_header_of_absurd_size_is_told(model: Path, content: bytes) -> None:
    (model / WEIGHTS).write_bytes(content)
    with pytest.raises(InputError, match="cannot be loaded for training"):
        load(model)
    with pytest.raises(InputError, match="not a whole safetensors file"):
        check_checkpoint(model)


@pytest.mark.parametrize("values", [{"num_hidden_layers": None}, {"hidden_size": "x"}, {"quantization_config": [1]}])
def test_a_config_of_nonsense_is_told(model: Path, values: dict[str, object]) -> None:
    change(model / "config.json", **values)
    with pytest.raises(InputError, match=r"its config\.json does not load"):
        StudentOrigin(str(model)).config()


def test_a_size_of_nonsense_is_told(model: Path) -> None:
    change(model / "config.json", vocab_size=-1)
    with pytest.raises(InputError, match="no model that loads"):
        size_of(str(model), None)


@pytest.mark.parametrize("weight_map", [[1], {"a": [1]}, {"a": "../other/model.safetensors"}, {"a": "/x"}])
def test_an_index_names_files_of_its_folder(model: Path, weight_map: object) -> None:
    (model / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    with pytest.raises(InputError, match="weight_map must name a file of the folder"):
        check_checkpoint(model)


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ messages[0].content + 1 }}", "can only concatenate"),
        ("{{ 'a' * 10000000000000 }}", "MemoryError"),
        ("{{ 'a' * 10 ** 13 }}", "it raises to a power"),
        ("{{ 9**9**9 }}", "it raises to a power"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "recursion"),
        ("{% for i in range(1000000000) %}{% endfor %}", "Range too big"),
        ("{{ '%30000000d' % 1 }}", "it wrote 30,000,000 characters"),
        ('{% include "/etc/passwd" %}', "no loader"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ cycler.__init__.__globals__ }}", "unsafe"),
    ],
)
def test_a_template_that_fails_or_reaches_out_is_refused(template: str, told: str) -> None:
    tokenizer = make_byte_tokenizer(template)
    with pytest.raises(InputError, match=f"refuses it .*{told}"):
        prompt_text(tokenizer, [{"role": "user", "content": "?"}])
    with pytest.raises(InputError, match=f"refuses an assistant turn .*{told}"):
        assistant_turn(tokenizer)


LOOPS = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
GROWS = "{% set own = namespace(text='') %}{% for i in range(99) %}{% set own.text = own.text + 'x' * 4000000 %}"
GROWS += "{% for j in range(50000) %}{% endfor %}{% endfor %}"


@pytest.mark.parametrize(("template", "told"), [(LOOPS, "more than 0.5 s"), (GROWS, "it took 0.0625 GiB of memory")])
def test_a_template_without_an_end_is_ended(template: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the main thread and in another one; afterwards the same thread renders again."""
    monkeypatch.setattr(within_limits, "MOST_S", 0.5 if template == LOOPS else 60)
    monkeypatch.setattr(within_limits, "MOST_GROWTH", 1 << 26)

    def refusal() -> str:
        with pytest.raises(InputError) as refused:
            prompt_text(make_byte_tokenizer(template), [{"role": "user", "content": "?"}])
        assert prompt_text(make_byte_tokenizer("{{ messages[0].content }}"), [{"role": "user", "content": "?"}]) == "?"
        return str(refused.value)

    assert told in refusal()
    with ThreadPoolExecutor(1) as pool:
        assert told in pool.submit(refusal).result()


def test_a_power_is_seen_only_where_it_is_computed() -> None:
    text = "{# 2 ** 3 #}**{{ '**' + messages[0].content }}"
    assert prompt_text(make_byte_tokenizer(text), [{"role": "user", "content": "?"}]) == "****?"


def test_of_named_templates_the_default_is_used_and_a_power_in_it_is_seen() -> None:
    tokenizer = make_byte_tokenizer("")
    tokenizer.chat_template = {"tool_use": "{{ 1 / 0 }}", "default": "{{ messages[0].content }}"}
    use_template(tokenizer, None)
    assert prompt_text(tokenizer, [{"role": "user", "content": "?"}]) == "?"
    tokenizer.chat_template = {"default": "{% if false %}{{ 9\n**9 }}{% endif %}"}
    with pytest.raises(InputError, match="raises to a power"):
        assistant_turn(tokenizer)
    tokenizer.chat_template = {"tool_use": "{{ messages[0].content }}"}
    with pytest.raises(InputError, match="no chat template"):
        use_template(tokenizer, None)


def test_the_longest_text_of_a_template() -> None:
    for length in (MOST_CHARACTERS, MOST_CHARACTERS + 1):
        tokenizer = make_byte_tokenizer(f"{{{{ '%{length}d' % 1 }}}}")
        if length > MOST_CHARACTERS:
            with pytest.raises(InputError, match="it wrote"):
                prompt_text(tokenizer, [{"role": "user", "content": "?"}])
        else:
            assert len(prompt_text(tokenizer, [{"role": "user", "content": "?"}])) == length


def test_half_a_character_of_a_template_is_replaced() -> None:
    text = prompt_text(
        make_byte_tokenizer("{{ '\\ud800' }}{{ messages[0].content }}"), [{"role": "user", "content": "?"}]
    )
    assert text == "�?"
