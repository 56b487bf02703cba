"""The stages of reward models: planned from a config, built from judged traces, and read by a scorer."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from distill_makers import write_pair
from reward_makers import GIVEN, SETTINGS, judged_trace

from configs.launch import Launch
from configs.load import load_config
from configs.stages import ProcessRewardStage, RewardStage
from eval.report.curves import panels
from flows.distill import Distillation, plan_distillation
from flows.plan import Stage
from flows.stages.pairs import SelectPairs
from flows.stages.rollouts import LabelSteps
from flows.stages.train_reward import TrainReward
from flows.trained import trained_stage
from flows.training_checks import check_trainings
from records.artifact import build_once, read_counts
from records.counts import Counts
from records.errors import InputError
from records.parquet import write_rows
from records.preflight import read_preflight
from records.schemas import TRACE, TRAINING_LOG
from records.training_counts import RolloutCounts

LABELLED = [{"path": "steps.jsonl", "form": "mr_gsm8k"}]


def plan(tmp_path: Path, *training: dict[str, Any], **more: Any) -> Distillation:
    student, teacher = write_pair(tmp_path)
    tree = {
        "name": "made",
        "run_dir": str(tmp_path / "run"),
        "teacher": {"kind": "vllm", "name": "big", "path": str(teacher), "max_model_len": 192, "dtype": "float32"},
        "student": {"name": "small", "path": str(student), "max_model_len": 192, "dtype": "float32"},
        "problems": [{"kind": "reasoning_gym", "task": "chain_sum", "size": 6, "settings": {"max_terms": 2}}],
        "sampling": {"max_tokens": 32},
        "training": [GIVEN | one for one in training],
    }
    (tmp_path / "made.yaml").write_text(yaml.safe_dump(tree | more))
    return plan_distillation(load_config(tmp_path / "made.yaml"))


def build(stage: Stage) -> None:
    build_once(stage.run_dir, stage.name, stage.inputs, lambda folder: stage.build(folder, progress=ignore))


def ignore(*_: Any, **__: Any) -> None:
    """Take no notice of progress."""


def judge(stage: Stage, outcomes: tuple[str, ...]) -> None:
    """Put judged traces in the place of the judging stage."""
    traces = [judged_trace(f"{at}?", sample, one) for at in range(4) for sample, one in enumerate(outcomes)]

    def make(folder: Path) -> Counts:
        write_rows(folder / "judged-00000.parquet", traces, TRACE)
        return Counts()

    build_once(stage.run_dir, stage.name, stage.inputs, make)


def test_a_reward_model_is_built_and_is_not_the_student(tmp_path: Path) -> None:
    reward = {"method": "reward", "settings": SETTINGS | {"max_steps": 2, "eval_steps": 2}, "held_out": 1}
    run = plan(tmp_path, {"settings": {}}, reward)
    assert run.student.training.name == "sft"
    [stage] = run.reward_models
    assert isinstance(stage, TrainReward)
    assert stage in run.plan.stages
    assert stage.path not in run.exporting
    assert [need.name for need in stage.needs] == ["pairs", "train-sft"]
    judge(run.judged, ("pass", "fail", "fail"))
    alone = plan(tmp_path, reward, {"settings": {}}).reward_models[0]
    assert isinstance(alone, TrainReward)
    for one in (*alone.data, alone):
        build(one)
    told = trained_stage(alone)
    assert (told.method, told.start, told.counts.rows, told.counts.held_out_rows) == ("reward", "the base", 6, 2)
    titles = {panel.title for panel in panels(told.log, told.method) if panel.chart is not None}
    assert {"pairs, replies or steps judged right, %", "margin of the better reply"} <= titles
    found = read_preflight(alone.path)
    assert (found.rows, found.trained, found.refusals) == (8, 8, [])
    assert found.supervised_tokens == 16


def test_reward_models_learn_from_the_same_samples_of_an_earlier_stage(tmp_path: Path) -> None:
    drawn = {"sample": "previous", "n": 2}
    reward = {"method": "reward", "data": [{"from": drawn}]}
    process = {"method": "process_reward", "data": [{"from": "rollouts", "traces": drawn | {"sample": "sft"}}]}
    run = plan(tmp_path, {"settings": {}}, reward, process)
    one, other = run.reward_models
    assert isinstance(one, TrainReward)
    assert isinstance(other, TrainReward)
    [pairs], [labels] = one.data, other.data
    assert isinstance(pairs, SelectPairs)
    assert isinstance(labels, LabelSteps)
    assert pairs.judged.name == "judge-of-sft"
    assert labels.judged.path == pairs.judged.path
    assert [stage.name for stage in run.plan.stages].count("sample-of-sft") == 1
    assert labels.judged.path != run.judged.path
    of_teacher = plan(tmp_path, {"settings": {}}, {"method": "process_reward", "data": [{"from": "rollouts"}]})
    [made] = of_teacher.reward_models
    assert isinstance(made, TrainReward)
    assert made.data[0].path != labels.path


def test_stages_without_rejected_traces_end_in_one_line(tmp_path: Path) -> None:
    run = plan(tmp_path, {"method": "reward", "settings": SETTINGS}, {"settings": {}})
    judge(run.judged, ("pass", "pass"))
    [stage] = run.reward_models
    assert isinstance(stage, TrainReward)
    [pairs] = stage.data
    assert isinstance(pairs, SelectPairs)
    with pytest.raises(InputError, match="no rejected trace to learn from"):
        build(pairs)


def test_long_replies_and_other_bases_are_refused_before_a_model_is_loaded(tmp_path: Path) -> None:
    run = plan(tmp_path, {"method": "reward", "max_length": 16, "settings": SETTINGS}, {"settings": {}})
    judge(run.judged, ("pass", "fail"))
    [stage] = run.reward_models
    assert isinstance(stage, TrainReward)
    build(stage.data[0])
    found = stage.preflight(ignore)
    assert [one.startswith("4 of 4 rows cannot be trained on") for one in found.refusals] == [True]
    assert found.dropped["too_long"].rows == 4


def test_step_labels_are_imported_from_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    right = '{"question": "1?", "model_output_steps": ["a", "b"], "model_output_solution_correctness": "correct"}\n'
    wrong = right.replace('"correct"', '"wrong", "model_output_solution_first_error_step": 2')
    (tmp_path / "steps.jsonl").write_text(right + wrong)
    settings = SETTINGS | {"max_steps": 1, "per_device_train_batch_size": 1}
    run = plan(tmp_path, {"method": "process_reward", "data": LABELLED, "settings": settings}, {"settings": {}})
    [stage] = run.reward_models
    assert isinstance(stage, TrainReward)
    for one in (*stage.data, stage):
        build(one)
    assert trained_stage(stage).counts.supervised_tokens == 4


def test_the_run_s_own_traces_are_labelled_by_rollouts(tmp_path: Path) -> None:
    settings = SETTINGS | {"max_steps": 1, "per_device_train_batch_size": 1}
    rollouts = {"from": "rollouts", "n": 2, "limit": 6}
    process = {"method": "process_reward", "max_length": 400, "data": [rollouts], "settings": settings}
    student = {"name": "small", "path": str(tmp_path / "student"), "max_model_len": 512, "dtype": "float32"}
    fake = {"kind": "fake", "accuracy": 0.5, "steps": 4}
    sampling = {"n": 4, "max_tokens": 32}
    run = plan(tmp_path, process, {"settings": {}}, teacher=fake, student=student, sampling=sampling)
    [stage] = run.reward_models
    assert isinstance(stage, TrainReward)
    [labels] = stage.data
    assert isinstance(labels, LabelSteps)
    judge(run.judged, ("pass", "fail", "fail"))
    build(labels)
    counts = read_counts(labels.artifact, RolloutCounts)
    assert counts.solutions == 6
    assert counts.rollouts == 12
    assert counts.left_out["over_cap"] > 0
    build(stage)
    assert trained_stage(stage).counts.rows == 6
    by_stage = process | {"data": [rollouts | {"model": "sft"}]}
    tree = plan(tmp_path, {"settings": {}}, by_stage, teacher=fake, student=student, sampling=sampling)
    made = tree.reward_models[0]
    assert isinstance(made, TrainReward)
    assert [need.name for need in made.data[0].needs] == ["judge", "train-sft"]


def test_a_scorer_of_the_run_needs_the_stage(tmp_path: Path) -> None:
    made = {"kind": "reasoning_gym", "task": "chain_sum", "size": 3}
    models = {"base": ["full"], "student": ["full"]}
    run = plan(
        tmp_path,
        {"method": "reward", "settings": SETTINGS},
        {"settings": {}},
        benchmarks={"held": {"sources": [made]}},
        scorers={"orm": {"kind": "outcome", "from": "reward"}},
        evaluation={"max_tokens": 64, "n": 2, "temperature": 1, "models": models, "rerank": ["orm"]},
    )
    scoring = [stage for stage in run.plan.stages if stage.name.startswith("eval-scores")]
    assert len(scoring) == 2
    assert all(run.reward_models[0] in stage.needs for stage in scoring)


@pytest.mark.parametrize(
    ("method", "settings", "fields", "message"),
    [
        ("reward", {"max_length": 9}, {}, "settings.max_length: remove it; set max_length of the stage"),
        ("reward", {"center_rewards": 1}, {}, "did you mean center_rewards_coefficient"),
        ("reward", {"center_rewards_coefficient": 0.01}, {"labels": "single"}, "centers pairs"),
        ("reward", {"train_sampling_strategy": "group_by_length"}, {}, "rows come random or sequential"),
        ("reward", {}, {"attn_implementation": "torch_varlen"}, "needs packed rows"),
        ("process_reward", {"step_separator": "x"}, {}, "settings.step_separator: unknown"),
        ("process_reward", {"label_names": []}, {}, "settings.label_names: remove it; rows are rendered"),
        ("process_reward", {"learning_rate": "much"}, {}, "settings.learning_rate: "),
        ("reward", {"center_rewards_coefficient": 0.01}, {}, ""),
        ("process_reward", {"train_on_last_step_only": True}, {"lora": {}}, ""),
    ],
)
def test_settings_are_checked_before_anything_is_trained(
    method: str, settings: dict[str, Any], fields: dict[str, Any], message: str
) -> None:
    given = {"method": method, "settings": settings, **GIVEN} | fields
    kinds = {"reward": RewardStage, "process_reward": ProcessRewardStage}
    data = {"data": LABELLED} if method == "process_reward" else {}
    stage = kinds[method].model_validate(given | data)
    launch = Launch(shard="ddp", processes=3, device="cpu")  # a reward model takes one process of them
    if not message:
        check_trainings({"training": stage}, launch)
        return
    with pytest.raises(InputError, match=message):
        check_trainings({"training": stage}, launch)


def test_the_log_has_no_column_twice() -> None:
    assert len(set(TRAINING_LOG.names)) == len(TRAINING_LOG.names)
