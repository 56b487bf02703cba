"""bitsandbytes folders, adapters, and how an export is tried and refused."""

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from export_makers import ask, make_student, questions, write_dataset_of
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BloomConfig,
    Gemma4Config,
    GptOssConfig,
    MixtralConfig,
    PreTrainedConfig,
    Qwen3MoeConfig,
)

from configs.publishing import ExportCheck
from records.errors import InputError
from records.files import write_json
from student.export.adapter import export_adapter, load_on_base
from student.export.formats import ExportJob, export_format, refuse_broken
from student.export.quantized import load, quantize
from student.export.reference import (
    Comparison,
    Reference,
    agreement,
    answer,
    ask_student,
    compare,
    shortest_prompts,
    until_stop,
)

CHECK = ExportCheck(prompts=3, max_tokens=40)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_student(tmp_path_factory.mktemp("student") / "trained")


@pytest.fixture(scope="module")
def reference(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the student's own answers."""
    folder = tmp_path_factory.mktemp("reference")
    data = write_dataset_of(folder / "data", ["one", "two", "three"])
    counts = ask_student(folder, trained, data, "float32", CHECK)
    assert (counts.prompts, counts.self_agreement) == (3, 1.0)
    assert counts.stopped == 3
    assert counts.tokens > 60
    return folder


def job(trained: Path, reference: Path, **changes: Any) -> ExportJob:
    made = ExportJob(
        trained=trained,
        reference=reference,
        format="nf4",
        dtype="float32",
        name="made",
        base="owner/base",
        base_location=str(trained),
        base_revision=None,
        min_agreement=0.2,
    )
    return replace(made, **changes)


# Quantized folders


@pytest.mark.parametrize("kind", [Qwen3MoeConfig, GptOssConfig, MixtralConfig])
def test_experts_are_not_left_in_16_bits(kind: type[PreTrainedConfig], trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "experts"
    shutil.copytree(trained, folder)
    (folder / "model.safetensors").unlink()
    sizes = {"hidden_size": 64, "intermediate_size": 64, "moe_intermediate_size": 64, "num_hidden_layers": 1}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 32, "vocab_size": 300}
    experts = {"num_experts" if kind is Qwen3MoeConfig else "num_local_experts": 4, "num_experts_per_tok": 2}
    with torch.random.fork_rng():  # what is drawn after this stays as it was
        AutoModelForCausalLM.from_config(kind(**sizes, **heads, **experts, pad_token_id=0)).save_pretrained(folder)
    with pytest.raises(InputError, match=r"experts\..* holds experts, which bitsandbytes .*; remove nf4"):
        quantize(folder, tmp_path / "out", "nf4", torch.bfloat16)


def test_a_table_of_places_in_images_is_no_expert(trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sees"
    shutil.copytree(trained, folder)
    (folder / "model.safetensors").unlink()
    sizes = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1, "head_dim": 32}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2}
    text = {"vocab_size": 300, "vocab_size_per_layer_input": 300, "global_head_dim": 32, "num_kv_shared_layers": 0}
    config = Gemma4Config(text_config=sizes | heads | text, vision_config=sizes | heads, audio_config=None)
    with torch.random.fork_rng():
        AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    quantize(folder, tmp_path / "out", "nf4", torch.bfloat16)
    assert "vision_tower" in str([*load_file(tmp_path / "out" / "model.safetensors")])


@pytest.mark.parametrize(
    ("precision", "layer", "quant_type", "nested"),
    [
        ("int8", "Linear8bitLt", None, None),
        ("nf4", "Linear4bit", "nf4", True),
        ("nf4_plain", "Linear4bit", "nf4", False),
        ("fp4", "Linear4bit", "fp4", False),
    ],
)
def test_a_quantized_folder_loads_as_it_says(
    trained: Path, precision: str, layer: str, quant_type: str | None, nested: bool | None, tmp_path: Path
) -> None:
    words = quantize(trained, tmp_path, precision, torch.bfloat16)
    stored = json.loads((tmp_path / "config.json").read_text())["quantization_config"]
    assert stored["quant_method"] == "bitsandbytes"
    assert stored["load_in_8bit"] is (precision == "int8")
    linear = load(tmp_path, torch.bfloat16).model.layers[0].mlp.up_proj
    assert type(linear).__name__ == layer
    if quant_type:
        assert (linear.weight.quant_state.quant_type, linear.weight.quant_state.nested) == (quant_type, nested)
        assert (stored["bnb_4bit_quant_type"], stored["bnb_4bit_use_double_quant"]) == (quant_type, nested)
        assert linear.compute_dtype == torch.bfloat16
        assert stored["bnb_4bit_compute_dtype"] == words["compute dtype"] == "bfloat16"
        assert words["double quantization"] == ("yes" if nested else "no")
    assert AutoTokenizer.from_pretrained(tmp_path).chat_template


def test_a_bases_contradictory_generation_config_does_not_stop_the_export(trained: Path, tmp_path: Path) -> None:
    student = shutil.copytree(trained, tmp_path / "student")
    settings = json.loads((student / "generation_config.json").read_text())
    write_json(student / "generation_config.json", settings | {"do_sample": False, "temperature": 0.7})
    (tmp_path / "out").mkdir()
    quantize(student, tmp_path / "out", "nf4", torch.float32)
    assert json.loads((tmp_path / "out" / "generation_config.json").read_text())["eos_token_id"]


def test_weights_that_are_quantized_already_are_not_quantized_again(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "twice").mkdir()
    quantize(str(trained), tmp_path, "nf4", torch.bfloat16)
    with pytest.raises(InputError, match="its weights are quantized already; measure them as they are, in full only"):
        quantize(tmp_path, tmp_path / "twice", "int8", torch.bfloat16)


def test_no_weights(trained: Path, reference: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    shutil.copy(trained / "config.json", tmp_path / "empty")
    for name in ("nf4", "gguf_f16"):
        with pytest.raises(InputError, match=r"holds no \*\.safetensors weights"):
            export_format(tmp_path, job(tmp_path / "empty", reference, format=name))


# Adapters


@pytest.fixture
def adapted(trained: Path, tmp_path: Path) -> Path:
    """A trained folder as LoRA leaves it: merged weights, and the adapter beside them."""
    model = AutoModelForCausalLM.from_pretrained(trained, dtype=torch.float32)
    lora: Any = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
    torch.manual_seed(1)
    for name, parameter in lora.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.5)
    folder = tmp_path / "adapted"
    shutil.copytree(trained, folder)
    lora.save_pretrained(folder / "adapter")
    lora.merge_and_unload().save_pretrained(folder)
    return folder


def test_the_adapter_on_its_base_is_the_merged_student(adapted: Path, trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    told = ask(adapted)
    write_json(tmp_path / "reference.json", asdict(told))
    counts = export_format(out, job(adapted, tmp_path, format="adapter", base_location=str(trained)))
    assert (counts.agreement, counts.stopped) == (1.0, told.stopped)
    assert counts.settings == {"method": "LoRA (peft)", "rank": "4", "alpha": "8", "base": "owner/base"}
    assert json.loads((out / "adapter_config.json").read_text())["base_model_name_or_path"] == "owner/base"
    assert {file.name for file in out.iterdir()} >= {"adapter_model.safetensors", "tokenizer.json"}
    assert not list(out.glob("model*"))
    assert agreement(load(trained, torch.float32), told) < 0.9, "a lost adapter would be noticed"


def test_a_training_without_adapter(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no adapter/ .* remove adapter from publishing.formats"):
        export_adapter(trained, tmp_path, "owner/base")
    with pytest.raises((ValueError, OSError)):
        load_on_base(tmp_path, str(trained), None, torch.float32)


# How an export is tried


def test_an_export_is_loaded_again_and_answers(trained: Path, reference: Path, tmp_path: Path) -> None:
    counts = export_format(tmp_path, job(trained, reference))
    assert counts.format == "nf4"
    assert counts.prompts == 3
    assert 0.2 <= counts.agreement <= 1
    assert 1 <= counts.stopped <= 3
    assert counts.bytes == sum(file.stat().st_size for file in tmp_path.iterdir())


def test_a_broken_export_is_refused(trained: Path, reference: Path, tmp_path: Path) -> None:
    weights = load_file(trained / "model.safetensors")
    student = shutil.copytree(trained, tmp_path / "student")
    turned = {name: tensor.flip(0) if "o_proj" in name else tensor for name, tensor in weights.items()}
    save_file(turned, student / "model.safetensors", metadata={"format": "pt"})
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match=r"nf4: the exported model is broken: .* publishing\.formats"):
        export_format(tmp_path / "out", job(student, reference, min_agreement=0.95))


@pytest.mark.parametrize(("agreed", "refused"), [(0.19, True), (0.2, False), (0.21, False)])
def test_the_floor(agreed: float, refused: bool, trained: Path, reference: Path) -> None:
    found = Comparison(compared_tokens=100, agreement=agreed, identical=0, stopped=1)
    told = Reference.read(reference)
    if refused:
        with pytest.raises(InputError, match=r"agrees with 19% .* below publishing\.check\.min_agreement=0\.2"):
            refuse_broken(job(trained, reference), told, found)
    else:
        refuse_broken(job(trained, reference), told, found)
    with pytest.raises(InputError, match="none of 3 answers stops by itself within 40 tokens"):
        refuse_broken(job(trained, reference), told, replace(found, agreement=1.0, stopped=0))


@pytest.mark.parametrize(("max_tokens", "stops"), [(38, False), (39, True), (40, True)])
def test_a_student_that_does_not_stop_in_time_cannot_be_exported(
    trained: Path, tmp_path: Path, max_tokens: int, stops: bool
) -> None:
    data = write_dataset_of(tmp_path / "data", ["one"])  # its answer has 39 tokens
    check = ExportCheck(prompts=1, max_tokens=max_tokens)
    if stops:
        assert ask_student(tmp_path, trained, data, "float32", check).tokens == 39
    else:
        with pytest.raises(InputError, match="ends none of its 1 shortest answers within 38 tokens"):
            ask_student(tmp_path, trained, data, "float32", check)


def test_answers_end_with_their_stop_token_and_do_not_depend_on_the_batch(trained: Path) -> None:
    told = ask(trained)
    assert told.stopped == 4
    assert not any(token in told.stop_ids for tokens in told.answers for token in tokens[:-1])
    model = load(trained, torch.float32)
    for prompt, tokens in zip(told.prompts, told.answers, strict=True):
        assert answer(model, [prompt], told.stop_ids, told.pad_id, told.max_tokens) == [tokens]
    assert compare(model, told) == Comparison(sum(map(len, told.answers)), 1.0, 4, told.stopped)
    assert until_stop([1, 2, 3, 2], [2]) == [1, 2]
    assert until_stop([1, 3], [2]) == [1, 3]


def test_one_wrong_token_costs_one_token(trained: Path) -> None:
    """Unlike a comparison of texts: what follows is judged given the student's own tokens."""
    told = ask(trained)
    model = load(trained, torch.float32)
    changed = [list(tokens) for tokens in told.answers]
    changed[0][-1] = next(token for token in range(9) if token != changed[0][-1])
    total = sum(map(len, changed))
    assert agreement(model, replace(told, answers=changed)) == round((total - 1) / total, 4)


def test_the_shortest_answers_of_different_problems_are_asked(tmp_path: Path) -> None:
    data = write_dataset_of(tmp_path / "data", ["12345", "1", "123", "12"])
    asked = questions(4)
    assert shortest_prompts(data, 2) == [asked[1], asked[3]]
    assert shortest_prompts(data, 9) == [asked[1], asked[3], asked[2], asked[0]]


def test_a_student_without_a_bound_of_positions_is_asked(trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "trained", ignore=shutil.ignore_patterns("*.safetensors", "config.json"))
    shape = BloomConfig(vocab_size=len(AutoTokenizer.from_pretrained(trained)), hidden_size=32, n_layer=1, n_head=2)
    AutoModelForCausalLM.from_config(shape).save_pretrained(tmp_path / "trained")
    with pytest.raises(InputError, match="ends none of its 1 shortest answers within 4 tokens"):
        ask_student(
            tmp_path,
            tmp_path / "trained",
            write_dataset_of(tmp_path / "data", ["one"]),
            "float32",
            ExportCheck(prompts=1, max_tokens=4),
        )
