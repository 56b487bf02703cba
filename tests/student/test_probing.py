"""A training keeps what its model says of a text, from the weights that were saved."""

import json
from pathlib import Path

import pytest
import torch
from training_makers import answers, fit, make_training, write_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, GPT2Config, MptConfig, PreTrainedConfig

from records.probe import FILE, TOP, read_probe
from records.training_log import RECORDS
from student.methods.probing import keep_probe


@pytest.mark.parametrize(
    ("named", "attention"), [({}, "sdpa"), ({"lora": {"r": 4}}, "eager"), ({"max_length": 64}, "sdpa")]
)
def test_a_training_keeps_what_its_model_says(
    named: dict[str, object], attention: str, tiny_model: Path, tmp_path: Path
) -> None:
    training = make_training(attn_implementation=attention, drop_at_most=1, **named)
    fit(tmp_path / "out", tiny_model, write_dataset(tmp_path / "data", answers(8)), training)
    probe = read_probe(tmp_path / "out")
    assert probe is not None
    assert len(probe.ids) == probe.lengths[-1] == training.max_length, "no longer than a row of the training"
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    with torch.no_grad():
        says = model(torch.tensor([probe.ids])).logits[0].log_softmax(-1)
    for length, top in zip(probe.lengths, probe.top, strict=True):
        ids = [int(token) for token in top]
        assert ids == says[length - 1].topk(TOP).indices.tolist()
        assert [top[str(token)] for token in ids] == pytest.approx(says[length - 1][ids].tolist(), abs=1e-4)


def test_rotary_frequencies_stay_whole_where_weights_are_cast(tiny_model: Path, tmp_path: Path) -> None:
    training, data = make_training(max_length=512), write_dataset(tmp_path / "data", answers(8))
    probes = []
    for dtype in ("float32", "bfloat16"):
        fit(tmp_path / dtype, tiny_model, data, training, dtype=dtype)
        probes.append(read_probe(tmp_path / dtype))
    assert probes[0] == probes[1] is not None


@pytest.mark.parametrize(("dtype", "bf16"), [("bfloat16", False), ("float32", True), ("float32", False)])
def test_what_was_computed_in_16_bits_is_told(dtype: str, bf16: bool, tiny_model: Path, tmp_path: Path) -> None:
    training = make_training({"bf16": bf16}, dtype=dtype)
    fit(tmp_path / "out", tiny_model, write_dataset(tmp_path / "data", answers(8)), training, dtype="float32")
    probe = read_probe(tmp_path / "out")
    assert probe is not None
    assert probe.in_16_bits == (dtype == "bfloat16" or bf16)


@pytest.mark.parametrize(
    "config",
    [
        GPT2Config(n_positions=64, n_embd=32, n_layer=1, n_head=2),
        MptConfig(d_model=32, n_heads=2, n_layers=1, max_seq_len=64),
    ],
)
def test_a_text_is_no_longer_than_the_positions(config: PreTrainedConfig, tiny_model: Path, tmp_path: Path) -> None:
    config.vocab_size = 600
    model = AutoModelForCausalLM.from_config(config)
    keep_probe(tmp_path, model, AutoTokenizer.from_pretrained(tiny_model), 512)
    probe = read_probe(tmp_path)
    assert probe is not None
    assert len(probe.ids) == 64


def test_the_end_of_the_text_can_be_copied_from_its_beginning(tiny_model: Path, tmp_path: Path) -> None:
    fit(tmp_path / "out", tiny_model, write_dataset(tmp_path / "data", answers(8)))
    tree = json.loads((tmp_path / "out" / RECORDS / FILE).read_text())
    assert tree["ids"][64:] == tree["ids"][:64]


def test_memory_that_does_not_suffice_costs_no_training(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr("student.methods.probing.most_probable", full)
    fit(tmp_path / "out", tiny_model, write_dataset(tmp_path / "data", answers(8)))
    assert read_probe(tmp_path / "out") is None
    assert "vLLM will not be checked against this model" in capsys.readouterr().out
