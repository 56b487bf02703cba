"""An engine that runs another model than was trained is refused, whatever the reason."""

from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from transformers import LlamaConfig, Phi3Config, PreTrainedConfig

from records.errors import InputError
from records.files import write_json
from records.probe import FILE, Probe, difference, read_probe, write_probe
from records.training_log import RECORDS
from teacher.engines.probing import check_probe

PROBE = Probe([3, 4, 5, 6], [2, 4], False, [{"7": -0.1, "8": -3.0}, {"9": -0.5, "2": -1.5}])
SAME = {2: {7: -0.1, 8: -3.0, 1: -4.0}, 4: {9: -0.5, 2: -1.5, 1: -4.0}}


class Engine:
    """Stands for vLLM's LLMEngine: answers at once, by the length of the prompt."""

    def __init__(self, said: dict[int, dict[int, float]], config: Any) -> None:
        self.said, self.asked, self.model_config = said, [0], SimpleNamespace(hf_config=config)

    def add_request(self, _: str, prompt: dict[str, Any], __: object) -> None:
        self.asked.append(len(prompt["prompt_token_ids"]))

    def step(self) -> list[Any]:
        said = self.said[self.asked[-1]]
        told = SimpleNamespace(token_ids=[*said], logprobs=[*said.values()])
        return [SimpleNamespace(finished=True, outputs=[SimpleNamespace(logprobs=told)])]


def check(
    said: dict[int, dict[int, float]],
    dtype: str = "float32",
    context: int = 100,
    probe: Probe = PROBE,
    config: PreTrainedConfig | None = None,
) -> Engine:
    engine = Engine(said, config or LlamaConfig())
    check_probe(engine, "student", probe, dtype, context, object)
    return engine


def test_the_trained_model_is_taken() -> None:
    assert check(SAME).asked == [0, 2, 4]
    rounded = {2: {7: -0.3, 8: -3.4, 1: -4.0}, 4: {9: -0.5, 2: -1.9, 1: -4.0}}
    check(rounded, "bfloat16")
    check(rounded, probe=replace(PROBE, in_16_bits=True))
    with pytest.raises(InputError, match=r"differ by 0\.25 nats on average"):
        check(rounded)


@pytest.mark.parametrize(
    "there",
    [
        {9: -2.5, 2: -1.5, 1: -4.0},  # less probable
        {1: -2.9, 3: -3.0},  # not among the most probable ones
        {9: float("-inf"), 2: -1.5, 1: -4.0},
        {9: float("nan"), 2: -1.5, 1: -4.0},
    ],
)
def test_another_model_is_refused(there: dict[int, float]) -> None:
    with pytest.raises(InputError, match=r"student: vLLM runs another model than .* delete training/probe\.json of"):
        check(SAME | {4: there})


@pytest.mark.parametrize(
    ("first", "long", "alike"), [(3, 1.0, True), (4, 4.0, False), (99, 4.0, False), (3, 4.0, True), (100, 4.0, True)]
)
def test_two_sets_of_rotary_factors_are_two_models(first: int, long: float, alike: bool) -> None:
    """Phi-4-mini's: a training takes its short ones for the probe's four tokens, vLLM the long ones for 100."""
    factors = {"short_factor": [1.0] * 16, "long_factor": [long] * 16}
    rope: dict[str, Any] = {"rope_type": "longrope", "rope_theta": 1e4} | factors
    sizes: dict[str, Any] = {"hidden_size": 64, "num_attention_heads": 2, "pad_token_id": None}
    config = Phi3Config(**sizes, original_max_position_embeddings=first, rope_parameters=rope)
    other = SAME | {4: {9: -2.5, 2: -1.5, 1: -4.0}}
    if not alike:
        assert check(other, config=config).asked == [0]
        return
    check(SAME, config=config)
    with pytest.raises(InputError, match="vLLM runs another model"):
        check(other, config=config)


def test_what_does_not_fit_the_context_is_not_asked() -> None:
    assert check(SAME, context=4).asked == [0, 2]
    assert check(SAME, context=2).asked == [0]


def test_a_missing_token_is_at_most_as_probable_as_the_last_one() -> None:
    assert difference({"7": -0.5}, {1: -2.0, 2: -3.5}) == 3.0
    assert difference({"7": -6.0}, {1: -2.0, 2: -3.5}) == 0.0


def test_a_model_that_is_sure_of_its_token_rounds_more() -> None:
    """In 16 bits: the others' log-probabilities are off by a hundredth."""
    sure = replace(PROBE, in_16_bits=True, top=[{"7": 0.0, "8": -70.0}, {"9": 0.0, "2": -90.0}])
    check({2: {7: 0.0, 8: -71.0, 1: -99.0}, 4: {9: 0.0, 2: -91.5, 1: -99.0}}, probe=sure)
    with pytest.raises(InputError, match=r"\(rounding makes less than 2\.5\)"):
        check({2: {7: 0.0, 8: -71.0, 1: -99.0}, 4: {9: 0.0, 2: -80.0, 1: -99.0}}, probe=sure)


def test_what_is_no_number_is_no_agreement() -> None:
    assert not difference({"7": -0.1}, {1: float("nan")}) <= 1
    assert not difference({"7": -0.1}, {7: float("nan")}) <= 1


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_probe(tmp_path) is None
    write_probe(tmp_path, PROBE)
    assert read_probe(tmp_path) == PROBE


@pytest.mark.parametrize(
    "tree",
    [
        *([], "x", {"ids": 3}, {"ids": [None]}, asdict(PROBE) | {"top": [[1]]}),
        *(asdict(PROBE) | {"lengths": wrong} for wrong in ([], [2], [2, 5], [0, 4], [-1, 4])),
        *(asdict(PROBE) | {"top": wrong} for wrong in ([{}, {"1": -1}], [{"a": 1}] * 2, [{"1": None}] * 2)),
        asdict(PROBE) | {"lengths": [2] * 101, "top": [{"7": -0.1}] * 101},
    ],
)
def test_a_file_that_no_training_wrote_is_told(tmp_path: Path, tree: Any) -> None:
    (tmp_path / RECORDS).mkdir()
    write_json(tmp_path / RECORDS / FILE, tree)
    with pytest.raises(InputError, match=r"not what a training wrote .*delete it"):
        read_probe(tmp_path)
