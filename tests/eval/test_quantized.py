"""bitsandbytes on the CPU, through the sampling loop's protocol."""

from pathlib import Path

import pytest
from conftest import make_problem

from configs.evaluation import Evaluation
from configs.models import Model
from eval.quantized import QuantizedSampler
from records.requests import Completion, Request, Settings

EVALUATION = Evaluation(max_tokens=8, quantized_batch_size=4)


def sampler(
    tiny_model: Path, precision: str, max_model_len: int = 128, evaluation: Evaluation = EVALUATION
) -> QuantizedSampler:
    model = Model(name="tiny", path=str(tiny_model), dtype="float32", max_model_len=max_model_len)
    return QuantizedSampler(model, str(tiny_model), precision, evaluation)


def request(prompt: str, seed: int = 1) -> Request:
    messages = ({"role": "user", "content": prompt},)
    return Request(make_problem(prompt), 0, 0, seed, messages, Settings(0.0, 1.0, -1, EVALUATION.max_tokens))


def requests(count: int) -> list[Request]:
    return [request(f"{at} + 1?", at) for at in range(count)]


def draw(quantized: QuantizedSampler, asked: list[Request]) -> list[Completion]:
    """As the sampling loop does: whatever there is room for, then what is finished."""
    drawn: list[Completion] = []
    while asked or quantized.room() < 4:
        while asked and quantized.room() > 0:
            quantized.submit(asked[0])
            asked = asked[1:]
        drawn += quantized.finished()
    return drawn


@pytest.mark.parametrize("precision", ["int8", "nf4"])
def test_every_request_is_answered_and_the_weights_are_quantized(tiny_model: Path, precision: str) -> None:
    quantized = sampler(tiny_model, precision)
    layer = quantized.model.model.layers[0].mlp.up_proj
    assert type(layer).__name__ == {"int8": "Linear8bitLt", "nf4": "Linear4bit"}[precision]
    if precision == "nf4":
        assert layer.weight.quant_state.quant_type == "nf4"
        assert layer.weight.quant_state.nested, "double quantization"
    drawn = draw(quantized, requests(6))
    assert [completion.request for completion in drawn] == requests(6)
    assert all(0 < completion.completion_tokens <= 8 for completion in drawn)
    assert draw(quantized, requests(6)) == drawn, "greedy repeats"


def test_a_prompt_beyond_the_context_is_recorded_and_the_rest_goes_on(tiny_model: Path) -> None:
    quantized = sampler(tiny_model, "nf4", max_model_len=64)
    long = request("1 + " * 100 + "1?")
    drawn = {completion.request.problem.id: completion for completion in draw(quantized, [long, *requests(2)])}
    assert drawn[long.problem.id].finish_reason == "prompt_too_long"
    assert len(drawn) == 3
    assert {c.finish_reason for c in drawn.values()} - {"prompt_too_long"} <= {"stop", "length"}


def test_only_the_configured_sampling_shapes_a_completion(tiny_model: Path) -> None:
    # transformers' own default of top_k=50 would set the quantized student apart from vLLM's full one.
    for top_k, expected in ((-1, 0), (20, 20)):
        evaluation = Evaluation(max_tokens=8, temperature=0.6, top_p=0.95, top_k=top_k)
        settings = sampler(tiny_model, "int8", evaluation=evaluation).settings()
        assert (settings.do_sample, settings.temperature, settings.top_p, settings.top_k) == (True, 0.6, 0.95, expected)
