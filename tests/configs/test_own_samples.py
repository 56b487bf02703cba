"""A training stage may learn from what an earlier stage's model samples, in rounds; mistakes are one line."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from config_makers import make_config, refusal, refused

from configs.hub_names import unpinned
from configs.load import load_config
from configs.rounds import rounds_of, unrolled
from configs.stage_checks import adapts_the_base
from configs.teachers import SampledStudent

LAST = "[{from: {sample: previous, n: 2}}]"


def stages(*given: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"max_length": 64} | one for one in given]


def own(**fields: Any) -> list[dict[str, Any]]:
    return [{"from": {"sample": "previous", "n": 2} | fields}]


def test_what_is_not_given_is_as_the_teacher_is_sampled_but_for_how_often(tmp_path: Path) -> None:
    teacher = {"accept": 2, "max_n": 9, "max_tokens": 400, "temperature": 0.9, "thinking_tokens": 99, "seed": 3}
    teacher |= {"second_chances": [{"max_n": 2}], "budget": {"tokens": 5}}
    data = own(sample="base", top_p=0.5, selection={"max_per_problem": 2})
    config = make_config(tmp_path, sampling=teacher, selection={"order": "random"}, training=stages({"data": data})[0])
    (source,) = config.training[0].datasets
    assert source.sampled
    found = source.sampled.sampling_by(config.sampling)
    assert (found.n, found.accept, found.top_p) == (2, None, 0.5)
    assert (found.max_tokens, found.temperature, found.seed) == (400, 0.9, 3)
    assert (found.thinking_tokens, found.second_chances, found.budget.tokens) == (None, [], None)
    selection = source.sampled.selection_by(config.selection)
    assert (selection.order, selection.max_per_problem) == ("random", 2)


def test_the_student_is_asked_as_it_is_once_trained_and_its_base_as_it_is(tmp_path: Path) -> None:
    config = make_config(tmp_path, "student.thinks=false", "student.prompt=r1", "student.template=chatml")
    base, trained = (SampledStudent.of(config.student, trained=one) for one in (False, True))
    assert (base.reasons, trained.reasons) == (False, True)
    assert (trained.asks, trained.template, trained.kind) == (config.student.prompt, config.student.template, "vllm")
    assert SampledStudent.of(make_config(tmp_path, "student.reasoning=hidden").student, trained=True).reasons is False


@pytest.mark.parametrize(
    ("training", "message"),
    [
        ([{"name": "a", "data": own(sample="a")}], "training.0.data.0.from.sample: 'a' is the stage itself; choose"),
        (
            [{"name": "a", "data": own(sample="b")}, {"name": "b"}],
            "'b' is no earlier stage; choose one of previous, base",
        ),
        (
            [{"data": [{"from": {"sample": "base"}}]}],
            "training.0.data.0.from: give either n (traces per problem) or acc",
        ),
        ([{"data": own(accept=1)}], "training.0.data.0.from: give either n"),
        ([{"data": own(max_n=3)}], "max_n goes with accept"),
        (
            [{"data": [{"from": {"sample": "previous", "accept": 3, "max_n": 2}}]}],
            "training.0.data.0.from: max_n=2 can never give accept=3 accepted traces",
        ),
        ([{"data": own(temperature=0)}], "n=2 at temperature 0 draws the same trace 2 times"),
        (
            [{"data": own(max_tokens=512)}],
            "training.0.data.0.from: max_tokens must leave room for the prompt: below 512",
        ),
        ([{"data": own(thinking_tokens=9)}], "thinking_tokens bounds reasoning, and this model answers without"),
        (
            [{"data": own(selection={"min_pass_rate": 0.9, "max_pass_rate": 0.1})}],
            "min_pass_rate exceeds max_pass_rate",
        ),
        ([{"data": own(tempature=1)}], "training.0.data.0.from.tempature: unknown key; did you mean temperature?"),
        ([{"data": [{"from": "trace"}]}], "training.0.data.0.from: Input should be 'traces' (got 'trace')"),
        ([{"rounds": 2}], "training.0.rounds: every round would learn from the same rows; add"),
        ([{"rounds": 2, "data": own(sample="base")}], "training.0.rounds: every round would learn from the same rows"),
        ([{"rounds": 0, "data": own()}], "training.0.rounds: Input should be greater than or equal to 1"),
        ([{"rounds": {"most": 2, "benchmark": "x"}, "data": own()}], "rounds.benchmark: 'x' is none of held_out"),
        (
            [{"name": "a", "rounds": 2, "data": own()}, {"name": "a-2"}],
            "training.1.name: 'a-2' cannot be used, because",
        ),
        (
            [{"name": "a", "rounds": 2, "data": own()}, {"start": "a-2"}],
            "training.1.start: 'a-2' may never come, because rounds end by what they bring; name a, which is the round",
        ),
        (
            [{"name": "a", "rounds": 2, "data": own()}, {"data": own(sample="a-2")}],
            "training.1.data.0.from.sample: 'a-2' may never come",
        ),
        (
            [{"name": "a", "method": "grpo", "rounds": 2, "settings": {"max_completion_length": 32}}],
            "training.0.rounds: every round would learn from the same rows",
        ),
    ],
)
def test_mistakes(training: list[dict[str, Any]], message: str, tmp_path: Path) -> None:
    assert message in refused(
        tmp_path, "student.thinks=false", sampling={"max_tokens": 400}, training=stages(*training)
    )


def test_a_selection_that_does_not_fit_the_runs_is_refused(tmp_path: Path) -> None:
    message = refused(
        tmp_path,
        sampling={"max_tokens": 400},
        selection={"min_pass_rate": 0.9},
        training=stages({"data": own(selection={"max_pass_rate": 0.1})}),
    )
    assert "training.0.data.0.from: selection: min_pass_rate exceeds max_pass_rate" in message


def test_a_budget_of_the_context_less_one_is_none_too_many(tmp_path: Path) -> None:
    make_config(tmp_path, training=stages({"data": own(max_tokens=511)}))


def test_a_stages_name_means_its_model_for_later_stages(tmp_path: Path) -> None:
    given = stages({"name": "a", "rounds": 2, "data": own()}, {"name": "b", "start": "a", "data": own(sample="a-1")})
    config = make_config(tmp_path, sampling={"max_tokens": 400}, training=given)
    assert [one.name for one in unrolled(config.training)] == ["a-1", "a-2", "b"]
    assert [one.rounds for one in unrolled(config.training)] == [None, None, None]


def test_the_last_round_from_the_base_adapts_it_and_one_from_a_round_does_not(tmp_path: Path) -> None:
    for most, start, adapts in ((1, "previous", True), (2, "previous", False), (2, "base", True)):
        stage = {"name": "a", "rounds": most, "start": start, "lora": {}, "data": own()}
        config = make_config(tmp_path, sampling={"max_tokens": 400}, training=stages(stage))
        assert len(rounds_of(config.training[0])) == most
        assert adapts_the_base(config.training) is adapts


def test_a_recorded_teacher_needs_problems_for_the_stage(tmp_path: Path) -> None:
    recorded = {"kind": "recorded", "name": "r", "files": [{"path": "traces.jsonl"}]}

    def given(**fields: Any) -> dict[str, Any]:
        training = stages({"data": own(sample="base", **fields)})
        return {"teacher": recorded, "problems": None, "sampling": None, "training": training}

    message = refused(tmp_path, **given(max_tokens=99))
    assert "training.0.data.0.from: a recorded teacher's problems are not asked again; give training.0" in message
    problems = [{"kind": "reasoning_gym", "task": "chain_sum", "size": 3}]
    message = refused(tmp_path, **given(problems=problems))
    assert message.endswith(
        "training.0.data.0.from: max_tokens: required, because the run has no sampling to take it from"
    )
    config = make_config(tmp_path, **given(problems=problems, max_tokens=99))
    assert config.training[0].datasets[0].sampled


def test_rounds_need_a_benchmark(tmp_path: Path) -> None:
    given = stages({"rounds": 2, "data": own()})
    message = refused(tmp_path, training=given, sampling={"max_tokens": 99}, benchmarks=None, evaluation=None)
    assert "training.0.rounds: held-out accuracy decides when they end; give benchmarks and evaluation" in message


def test_a_model_by_path_cannot_have_a_rounds_name(tmp_path: Path) -> None:
    given = stages({"name": "a", "rounds": 2, "data": own()})
    models = {"base": ["full"], "student": ["full"], "a-1": {"path": "owner/name"}}
    evaluation = {"max_tokens": 99, "models": models}
    message = refused(tmp_path, training=given, sampling={"max_tokens": 99}, evaluation=evaluation)
    assert "evaluation.models.a-1: is a model of the run" in message


# A file that extends another


def test_a_file_takes_from_the_one_that_it_extends_what_it_does_not_say(tmp_path: Path) -> None:
    below = make_config(tmp_path)  # it writes made.yaml
    (tmp_path / "above.yaml").write_text("extends: made.yaml\nname: above\nstudent: {thinks: false}\nproblems: []\n")
    assert "sampling a teacher needs both problems and sampling" in refusal(tmp_path / "above.yaml")
    (tmp_path / "top.yaml").write_text(
        yaml.safe_dump({"extends": "above.yaml", "problems": [{"kind": "file", "path": "other.jsonl"}]})
    )
    config = load_config(tmp_path / "top.yaml", ["student.name=s"])
    assert (config.name, config.student.name, config.student.thinks) == ("above", "s", False)
    assert config.student.path == below.student.path
    assert [source.model_dump()["path"] for source in config.problems] == ["other.jsonl"]


def test_what_extends_nothing_or_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n")
    assert "extends: " in refusal(tmp_path / "a.yaml")
    assert refusal(tmp_path / "a.yaml").endswith("b.yaml: no such config; give a file beside this one")
    (tmp_path / "b.yaml").write_text("extends: a.yaml\n")
    assert "b.yaml: extends: a.yaml extends this file again; remove one of the two" in refusal(tmp_path / "a.yaml")


def test_a_stages_problems_from_the_hub_are_to_be_pinned_as_well(tmp_path: Path) -> None:
    data = own(sample="base", problems=[{"kind": "file", "path": "hf://owner/more"}])
    config = make_config(tmp_path, sampling={"max_tokens": 99}, training=stages({"data": data}))
    place = "training.data.0.from.problems.0"
    assert unpinned(config) == [
        f"{place}: owner/more is not pinned; set {place}.revision to a commit of it, or the run cannot be repeated"
    ]
