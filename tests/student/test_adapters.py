"""LoRA and QLoRA: which weights change, what the adapter is merged onto, and mistakes in its settings."""

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from training_makers import answers, fit, make_training, write_dataset
from transformers import AutoModelForCausalLM

from records.errors import InputError
from student.data.student_files import StudentOrigin
from student.methods.adapters import load_base


def changed(before: Path, after: Path) -> set[str]:
    ours, theirs = load_file(before / "model.safetensors"), load_file(after / "model.safetensors")
    assert ours.keys() == theirs.keys()
    return {name for name in ours if not torch.equal(ours[name], theirs[name])}


def test_lora_is_merged_into_plain_weights_and_kept(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(8))
    training = make_training(lora={"r": 4, "lora_alpha": 8})
    counts = fit(tmp_path / "out", tiny_model, data, training)
    names = changed(tiny_model, tmp_path / "out")
    assert names
    assert all("proj" in name for name in names)
    assert counts.trainable_parameters < counts.parameters
    assert counts.merged_onto == "base"
    again = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_model), tmp_path / "out" / "adapter")
    merged = again.merge_and_unload().state_dict()
    saved = load_file(tmp_path / "out" / "model.safetensors")
    assert all(torch.equal(merged[name], saved[name]) for name in saved)


@pytest.mark.parametrize(
    "how",
    [
        {"lora": {"r": 4, "modules_to_save": ["embed_tokens", "lm_head"]}},
        {"lora": {"r": 4}, "quantize": "nf4"},
        {"lora": {"r": 4}, "quantize": "nf4", "dtype": "bfloat16", "held_out": 2, "patience": 9},
    ],
)
def test_a_lora_interrupted_ends_bit_identical(how: dict[str, Any], tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(8))
    training = make_training(**how)
    fit(tmp_path / "whole", tiny_model, data, training)

    def die(done: int, total: int | None, note: str = "", **_: Any) -> None:
        if done == 5 and not note:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path / "killed", tiny_model, data, training, die)
    fit(tmp_path / "killed", tiny_model, data, training)
    assert not changed(tmp_path / "whole", tmp_path / "killed")
    adapters = [load_file(tmp_path / name / "adapter" / "adapter_model.safetensors") for name in ("whole", "killed")]
    assert all(adapters[0][name].dtype == weight.dtype for name, weight in adapters[1].items())


def test_qlora_merges_onto_the_dequantized_base(tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(8))
    training = make_training(lora={"r": 4}, quantize="nf4")
    counts = fit(tmp_path / "out", tiny_model, data, training)
    assert counts.merged_onto == "dequantized nf4 base"
    assert not AutoModelForCausalLM.from_pretrained(tmp_path / "out").config.to_dict().get("quantization_config")

    quantized = load_base(training, StudentOrigin(str(tiny_model)), cpu=True)
    trained = PeftModel.from_pretrained(quantized, tmp_path / "out" / "adapter")  # the model as it was trained
    saved = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    plain = AutoModelForCausalLM.from_pretrained(tiny_model)
    ids = torch.arange(40, 60)[None]
    with torch.no_grad():
        seen, ours, base = (model(ids).logits for model in (trained, saved, plain))
    assert (seen - ours).abs().max() < 0.02 * (seen - base).abs().max(), "the student is what was trained"


def test_gradients_on_4_bits_are_the_same_after_an_evaluation(tiny_model: Path) -> None:
    """bitsandbytes' kernel for inference, which CPUs with AVX512-BF16 take, has no backward pass."""
    base = load_base(make_training(lora={"r": 4}, quantize="nf4"), StudentOrigin(str(tiny_model)), cpu=True)
    model = get_peft_model(base, LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False))
    ids = torch.arange(3, 20)[None]

    def gradients() -> dict[str, torch.Tensor]:
        model.train().zero_grad()
        model(input_ids=ids, labels=ids).loss.backward()
        return {name: weight.grad.clone() for name, weight in model.named_parameters() if weight.grad is not None}

    before = gradients()
    with torch.no_grad():
        model.eval()(input_ids=ids)
    after = gradients()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("start", ["olora", "pissa", "mica", "orthogonal"])
def test_a_start_that_changes_the_base_is_refused_on_4_bits(start: str, tiny_model: Path, tmp_path: Path) -> None:
    data, lora = write_dataset(tmp_path / "data", answers(4)), {"r": 4, "init_lora_weights": start}
    with pytest.raises(InputError, match=f"init_lora_weights: {start} is not supported with quantize: nf4; take true"):
        fit(tmp_path / "nf4", tiny_model, data, make_training(lora=lora, quantize="nf4"))
    with pytest.raises(InputError, match="kasa_config: changes the base"):
        fit(tmp_path / "nf4", tiny_model, data, make_training(lora={"kasa_config": {}}, quantize="nf4"))
    fit(tmp_path / "whole", tiny_model, data, make_training({"max_steps": 2}, lora=lora))


@pytest.mark.parametrize(
    "lora",
    [
        {"modules_to_save": ["embed_tokens", "lm_head"]},
        {"modules_to_save": ["embed_tokens"]},
        {"use_dora": True, "use_rslora": True},
        {"init_lora_weights": "pissa"},
        {"target_modules": r".*\.(q|k)_proj", "rank_pattern": {"k_proj": 2}},
    ],
)
def test_what_is_saved_is_what_was_trained(lora: dict[str, Any], tiny_model: Path, tmp_path: Path) -> None:
    """Read anew, the merged weights and the base with the adapter say the same, with tied embeddings."""
    fit(tmp_path / "out", tiny_model, write_dataset(tmp_path / "data", answers(8)), make_training(lora=lora))
    base = AutoModelForCausalLM.from_pretrained(tiny_model)
    tuned = PeftModel.from_pretrained(base, tmp_path / "out" / "adapter")
    merged = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    ids = torch.arange(40, 60)[None]
    with torch.no_grad():
        torch.testing.assert_close(merged(ids).logits, tuned(input_ids=ids).logits, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("lora", "message"),
    [
        ({"rank": 4}, "training.lora.rank: unknown"),
        ({"r": "many"}, "training.lora.r: Input should be a valid integer"),
        ({"r": 0}, "training.lora.r: must be 1 or more"),
        ({"task_type": "CAUSAL_LM"}, "training.lora.task_type: remove it"),
        ({"runtime_config": None}, "training.lora.runtime_config: remove it"),
        ({"target_modules": ["q_proj", "w_pack"]}, "lora.target_modules: the model has no module w_pack"),
        ({"modules_to_save": ["lm_heads"]}, "lora.modules_to_save: the model has no module lm_heads"),
        ({"target_modules": ["lm_head"]}, "lm_head"),
        ({"target_modules": ".*lm_head"}, "lora.target_modules: TRL's loss passes over an adapter on lm_head"),
        ({"target_modules": ".*w_pack"}, "lora.target_modules: the model has no module"),
        ({"target_modules": "("}, "lora.target_modules: .* is no regular expression"),
        ({"target_modules": []}, "lora.target_modules: is empty"),
        ({"target_modules": ["q_proj", "embed_tokens"]}, "model.embed_tokens is the output layer too"),
        ({"target_modules": ".*(q_proj|embed_tokens)"}, "model.embed_tokens is the output layer too"),
        ({"exclude_modules": ["w_pack"]}, "lora.exclude_modules: the model has no module w_pack"),
        ({"rank_pattern": {"w_pack": 4}}, "lora.rank_pattern: the model has no module w_pack"),
        ({"alpha_pattern": {"w_pack": 4}}, "lora.alpha_pattern: the model has no module w_pack"),
        ({"target_parameters": ["w_pack"]}, "lora.target_parameters: the model has no parameter w_pack"),
        ({"lora_bias": True}, "lora.lora_bias: .*q_proj has no bias"),
        ({"lora_alpha": 0}, "lora.lora_alpha: must be above 0"),
        ({"lora_dropout": 1}, "lora.lora_dropout: must be at least 0 and below 1"),
        ({"init_lora_weights": "eva"}, "lora.init_lora_weights: eva is not supported; take"),
        ({"loftq_config": {}}, "lora.loftq_config: remove it; it needs a pass"),
        ({"alora_invocation_tokens": [5]}, "lora.alora_invocation_tokens: remove it; such an adapter cannot be merged"),
        ({"trainable_token_indices": [3]}, "lora.trainable_token_indices: model.embed_tokens is the output layer too"),
    ],
)
def test_mistakes_in_lora(lora: dict[str, Any], message: str, tiny_model: Path, tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", answers(4))
    with pytest.raises(InputError, match=message.replace("(", "\\(")):
        fit(tmp_path / "out", tiny_model, data, make_training(lora=lora))
