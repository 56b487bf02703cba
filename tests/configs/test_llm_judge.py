"""A second opinion is refused in one line where it could not work, and its rubrics say what they lack."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from pydantic import ValidationError

from configs.judges import judge_weights
from configs.llm_judge import JudgeSampling, SecondOpinion
from configs.load import ConfigError, load_config
from configs.rubric import RUBRICS, Rubric
from configs.sampling import TeacherSampling
from configs.schema import Config
from configs.scorers import StepJudge

PROMPT = "{problem} {answer}"
RUBRIC: dict[str, Any] = {"name": "own", "version": "1", "prompt": PROMPT}
SERVER = {"kind": "server", "name": "j", "model": "m", "base_urls": ["http://a/v1"], "max_model_len": 1000}


def opinion(**fields: Any) -> SecondOpinion:
    return SecondOpinion.model_validate({"judge": {"kind": "fake_judge"}, "sampling": {"max_tokens": 50}} | fields)


@pytest.mark.parametrize("file", sorted(RUBRICS.glob("*.yaml")), ids=lambda file: file.name)
def test_a_shipped_rubric_is_named_as_its_file(file: Path) -> None:
    rubric = Rubric.model_validate(file.stem)
    assert rubric.name == file.stem
    assert rubric == Rubric.model_validate(str(file))
    words = rubric.passes + rubric.fails
    assert all(f"<verdict>{word}</verdict>" in rubric.prompt for word in words), "it says how to answer"


def test_there_are_rubrics() -> None:
    assert len(list(RUBRICS.glob("*.yaml"))) == 3


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"prompt": "{problem}"}, "must contain {answer}"),
        ({"prompt": "{answer}"}, "must contain {problem}"),
        ({"prompt": PROMPT + "{steps}"}, "{steps} goes with another kind than answer"),
        ({"prompt": "{problem}", "kind": "steps"}, "must contain {steps}"),
        ({"prompt": "{problem} {steps} {reference}", "kind": "steps"}, "{reference} goes with another kind than steps"),
        ({"prompt": "{problem} {steps} {answer}", "kind": "steps"}, "{answer} goes with another kind than steps"),
        ({"passes": []}, "give at least one word each"),
        ({"fails": [" "]}, "give at least one word each"),
        ({"fails": ["Correct"]}, "'correct' stands in both"),
        ({"name": "Own Rubric"}, "should match pattern"),
        ({"read": "regex"}, "'tag' or 'json'"),
    ],
)
def test_a_rubric_without_what_it_needs_is_refused(changed: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=message):
        Rubric.model_validate(RUBRIC | changed)
    file = tmp_path / "own.yaml"
    file.write_text(yaml.safe_dump(RUBRIC | changed))
    with pytest.raises(ValidationError, match=r"own\.yaml: "):
        Rubric.model_validate(str(file))


def test_a_rubric_that_is_not_there_is_told() -> None:
    with pytest.raises(ValidationError, match="no such rubric; did you mean final_answer"):
        Rubric.model_validate("final_anser")
    with pytest.raises(ValidationError, match=r"no such file .*known rubrics: final_answer, "):
        Rubric.model_validate("own.yaml")


def test_an_unknown_key_in_a_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(yaml.safe_dump(RUBRIC | {"votes": 3}))
    with pytest.raises(ValidationError, match="votes: unknown key; known: name, version, kind"):
        Rubric.model_validate(str(file))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"rubric": "first_wrong_step"}, "this one judges steps"),
        ({"accept": True, "calibration": 0}, "set calibration above 0"),
        ({"over": []}, "at least 1 item"),
        ({"over": ["contaminated"]}, "Input should be"),
        ({"judge": SERVER | {"prompt": "r1"}}, "the rubric is what the judge reads"),
        ({"judge": SERVER, "sampling": {"max_tokens": 1000}}, "must leave room for the prompt: below 1000"),
        ({"sampling": {"max_tokens": 50, "thinking_tokens": 50}}, "must leave room for the answer"),
        ({"judge": SERVER | {"thinks": False}, "sampling": {"max_tokens": 50, "thinking_tokens": 9}}, "thinks=true"),
        ({"sampling": {"max_tokens": 50, "n": 3, "temperature": 0}}, "n=3 at temperature 0"),
        ({"sampling": {"max_tokens": 50, "budget": {"money": 1}}}, "needs a price"),
        ({"judge": {"kind": "recorded", "name": "x", "files": []}}, "'vllm', 'server', 'fake_judge'"),
        ({"min_kappa": 1.0}, "less than 1"),
    ],
)
def test_what_could_not_work_is_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        opinion(**changed)


@pytest.mark.parametrize(
    ("thinks", "thinking_tokens"), [(True, 9), (True, None), (False, None)], ids=["bounded", "unbounded", "none"]
)
def test_a_judge_may_think_or_not_and_only_thinking_is_bounded(thinks: bool, thinking_tokens: int | None) -> None:
    sampling = {"max_tokens": 50, "thinking_tokens": thinking_tokens}
    assert opinion(judge=SERVER | {"thinks": thinks}, sampling=sampling).sampling.thinking_tokens == thinking_tokens


def test_a_judge_without_weights_is_refused(tmp_path: Path) -> None:
    scratch = load_config(ROOT / "configs" / "demo" / "tiny.yaml").teacher.model_dump(mode="json")
    with pytest.raises(ValidationError, match="a judge needs trained weights; give path"):
        opinion(judge=scratch)


def test_the_bounds_of_its_context_are_exact() -> None:
    assert opinion(judge=SERVER, sampling={"max_tokens": 999}).sampling.max_tokens == 999


def test_every_setting_of_the_judge_reaches_the_sampling_loop() -> None:
    given = JudgeSampling(
        n=3, temperature=0.7, top_p=0.9, top_k=5, max_tokens=60, seed=4, shard_size=7, thinking_tokens=9
    )
    settings = given.settings
    assert isinstance(settings, TeacherSampling)
    assert {name: getattr(settings, name) for name in JudgeSampling.model_fields} == dict(given)
    assert not settings.judged


def test_the_weights_of_judges_are_named_by_their_place() -> None:
    vllm = {"kind": "vllm", "name": "j", "path": "owner/judge", "max_model_len": 1000}
    serve = {key: value for key, value in SERVER.items() if key != "base_urls"} | {"serve": {"path": "owner/judge"}}
    asked = {"second_opinion": {"judge": vllm, "sampling": {"max_tokens": 50}}}
    wise = {"kind": "step_judge", "judge": serve, "sampling": {"max_tokens": 50}}
    tree = yaml.safe_load((ROOT / "configs" / "demo" / "fake.yaml").read_text()) | asked | {"scorers": {"wise": wise}}
    places = [one.place for one in judge_weights(Config.model_validate(tree))]
    assert places == ["scorers.wise.judge.serve", "second_opinion.judge"]


def test_a_judge_of_steps_needs_a_rubric_of_steps() -> None:
    tree = {"kind": "step_judge", "judge": {"kind": "fake_judge"}, "sampling": {"max_tokens": 50}}
    assert StepJudge.model_validate(tree).rubric.name == "first_wrong_step"
    with pytest.raises(ValidationError, match="this one judges answers"):
        StepJudge.model_validate(tree | {"rubric": "final_answer"})
    with pytest.raises(ValidationError, match="the rubric is what the judge reads"):
        StepJudge.model_validate(tree | {"judge": SERVER | {"prompt": "r1"}})


def test_an_error_names_the_key(tmp_path: Path) -> None:
    at = ROOT / "configs" / "demo" / "fake.yaml"
    with pytest.raises(ConfigError, match="second_opinion"):
        load_config(at, ["second_opinion={judge: {kind: fake_judge}, sampling: {max_tokens: 5}, rubric: none}"])
