"""The published checkpoint decodes as it was scored."""

import json
import shutil
from pathlib import Path

from test_card import CARD
from transformers import AutoModelForCausalLM, AutoTokenizer

from configs.publishing import Publishing
from student.export.checkpoint import decoding, export


def test_at_temperature_0_the_checkpoint_is_greedy(tiny_model: Path, tmp_path: Path) -> None:
    export(tmp_path, tiny_model, Publishing(temperature=0), CARD, 4, "float32")
    said = json.loads((tmp_path / "generation_config.json").read_text())
    assert said["do_sample"] is False
    assert not said.keys() & {"temperature", "top_p", "top_k"}
    model, tokenizer = AutoModelForCausalLM.from_pretrained(tmp_path), AutoTokenizer.from_pretrained(tmp_path)
    ids = tokenizer("1 + 1?", return_tensors="pt")
    first, second = (model.generate(**ids).tolist() for _ in range(2))  # it raised for a temperature of 0
    assert first == second


def test_above_it_nothing_is_left_to_transformers_defaults(tiny_model: Path, tmp_path: Path) -> None:
    trained = tmp_path / "trained"
    shutil.copytree(tiny_model, trained)
    export(tmp_path, trained, Publishing(temperature=0.1), CARD, 4, "float32")
    model = AutoModelForCausalLM.from_pretrained(tmp_path)
    said = model.generation_config
    assert (said.do_sample, said.temperature, said.top_p, said.top_k) == (True, 0.1, 0.95, 0)
    assert decoding(Publishing(top_k=20))["top_k"] == 20
