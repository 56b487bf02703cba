"""transformers draws through the sampling loop's protocol what vLLM does, in full and from quantized folders."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import make_problem

from configs.models import Student
from eval.transformers_sampler import TransformersSampler
from records.quantization import BITSANDBYTES
from records.requests import Completion, Request, Settings
from student.export.quantized import quantize

GREEDY = Settings(temperature=0.0, top_p=1.0, top_k=-1, max_tokens=8)


@pytest.fixture(scope="module")
def folders(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The tiny model by precision."""
    folders = {"full": tiny_model}
    for precision in BITSANDBYTES:
        folders[precision] = tmp_path_factory.mktemp(precision)
        quantize(tiny_model, folders[precision], precision, torch.bfloat16)
    return folders


def sampler(folder: Path, max_model_len: int = 128) -> TransformersSampler:
    model = Student(name="tiny", path=str(folder), max_model_len=max_model_len)
    return TransformersSampler(model, str(folder), batch_size=4)


def request(prompt: str, seed: int = 1, settings: Settings = GREEDY) -> Request:
    messages = ({"role": "user", "content": prompt},)
    return Request(make_problem(prompt), 0, 0, seed, messages, settings)


def requests(count: int) -> list[Request]:
    return [request(f"{at} + 1?", at) for at in range(count)]


def draw(quantized: TransformersSampler, asked: list[Request]) -> list[Completion]:
    """As the sampling loop does: whatever there is room for, then what is finished."""
    drawn: list[Completion] = []
    while asked or quantized.room() < 4:
        while asked and quantized.room() > 0:
            quantized.submit(asked[0])
            asked = asked[1:]
        drawn += quantized.finished()
    return drawn


@pytest.mark.parametrize("precision", ["full", *BITSANDBYTES])
def test_every_request_is_answered_by_the_weights_of_the_folder(folders: dict[str, Path], precision: str) -> None:
    made = sampler(folders[precision])
    layer = made.model.model.layers[0].mlp.up_proj
    kinds = {"full": "Linear", "int8": "Linear8bitLt"}
    assert type(layer).__name__ == kinds.get(precision, "Linear4bit")
    if precision in ("nf4", "nf4_plain", "fp4"):
        assert layer.weight.quant_state.quant_type == precision[:3]
        assert layer.weight.quant_state.nested == (precision == "nf4"), "double quantization"
    drawn = draw(made, requests(6))
    assert [completion.request for completion in drawn] == requests(6)
    assert all(0 < completion.completion_tokens <= 8 for completion in drawn)
    assert draw(made, requests(6)) == drawn, "greedy repeats"
    runtime = made.runtime()
    assert (runtime.engine, runtime.device, runtime.attention, runtime.dtype) == (
        *("transformers", "cpu", "sdpa", "bfloat16"),
    )
    assert runtime.stop_tokens == ("<|im_end|>",)
    assert runtime.penalties == (1.0, 0.0, 0.0)
    assert (runtime.quantization == "") == (precision == "full")


def test_a_prompt_beyond_the_context_is_recorded_and_the_rest_goes_on(folders: dict[str, Path]) -> None:
    quantized = sampler(folders["nf4"], max_model_len=64)
    long = request("1 + " * 100 + "1?")
    drawn = {completion.request.problem.id: completion for completion in draw(quantized, [long, *requests(2)])}
    assert drawn[long.problem.id].finish_reason == "prompt_too_long"
    assert len(drawn) == 3
    assert {c.finish_reason for c in drawn.values()} - {"prompt_too_long"} <= {"stop", "length"}


def test_only_the_requests_settings_shape_a_completion(folders: dict[str, Path]) -> None:
    # transformers' own default of top_k=50 would set the quantized student apart from vLLM's full one.
    quantized = sampler(folders["int8"])
    for top_k, expected in ((-1, 0), (20, 20)):
        made = quantized.generation_config(Settings(temperature=0.6, top_p=0.95, top_k=top_k, max_tokens=8))
        assert (made.do_sample, made.temperature, made.top_p, made.top_k) == (True, 0.6, 0.95, expected)
        assert made.max_new_tokens == 8
    assert not quantized.generation_config(GREEDY).do_sample


def test_each_request_is_drawn_with_its_own_settings(folders: dict[str, Path]) -> None:
    quantized = sampler(folders["nf4"], max_model_len=64)
    limits = {"1 + 1?": 3, "2 + 2?": 8, "3 + 3?": 1000}
    asked = [request(prompt, settings=replace(GREEDY, max_tokens=limit)) for prompt, limit in limits.items()]
    drawn = {completion.request.settings.max_tokens: completion for completion in draw(quantized, asked)}
    assert drawn[3].completion_tokens <= 3 < drawn[8].completion_tokens <= 8
    assert drawn[1000].finish_reason == "prompt_too_long"
    alone = draw(quantized, asked[:1])
    assert alone == [drawn[3]]


def test_a_completion_may_fill_the_context_to_its_last_token(folders: dict[str, Path]) -> None:
    long = draw(sampler(folders["nf4"]), [request("1 + 1?")])[0].prompt_tokens + GREEDY.max_tokens
    for limit, fits in ((long, True), (long - 1, False)):
        (completion,) = draw(sampler(folders["nf4"], max_model_len=limit), [request("1 + 1?")])
        assert (completion.finish_reason != "prompt_too_long") is fits


def test_a_completion_ends_at_every_stop_token(folders: dict[str, Path], tmp_path: Path) -> None:
    """Greedy, the untrained model repeats one token: as second eos it ends the completion, with nothing after it."""
    (endless,) = draw(sampler(folders["int8"]), [request("1 + 1?")])
    assert (endless.finish_reason, endless.completion_tokens) == ("length", 8)
    quantized = sampler(folders["int8"])
    first = quantized.tokenizer.encode(endless.text, add_special_tokens=False)[0]
    shutil.copytree(folders["int8"], tmp_path / "model")
    file = tmp_path / "model" / "generation_config.json"
    settings = json.loads(file.read_text())
    file.write_text(json.dumps(settings | {"eos_token_id": [settings["eos_token_id"], first]}))
    (ended,) = draw(sampler(tmp_path / "model"), [request("1 + 1?")])
    assert (ended.finish_reason, ended.completion_tokens, ended.text) == ("stop", 1, "")


def test_the_checkpoints_generation_settings_shape_nothing(folders: dict[str, Path], tmp_path: Path) -> None:
    shutil.copytree(folders["int8"], tmp_path / "model")
    file = tmp_path / "model" / "generation_config.json"
    instruct = {"repetition_penalty": 5.0, "do_sample": True, "top_k": 1, "temperature": 0.1}
    file.write_text(json.dumps(json.loads(file.read_text()) | instruct))
    assert draw(sampler(tmp_path / "model"), requests(3)) == draw(sampler(folders["int8"]), requests(3))


def test_a_prefix_is_continued_as_in_vllm(folders: dict[str, Path]) -> None:
    asked = replace(request("1 + 1?"), prefix="<think>\n1 + ")
    (completion,) = draw(sampler(folders["int8"]), [asked])
    assert completion.text.startswith("<think>\n1 + ")
    assert completion.prompt_tokens > draw(sampler(folders["int8"]), [request("1 + 1?")])[0].prompt_tokens
