"""A stage samples its own model with what exists; rounds are planned as at most so many, and end by their checks."""

from pathlib import Path

import yaml
from report_makers import judged_trace, write_judged
from round_makers import FLAT, STAR, UP, decide, run_of, sampled_by, trained

from configs.load import load_config
from eval.rounds import grew
from flows.distill import plan_distillation
from flows.run.overview import possible_stages, told_of_rounds
from flows.stages.train_sft import TrainSft
from records.rounds import read_check


def test_before_the_first_check_the_plan_has_the_most_rounds_that_there_may_be(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    assert trained(run) == ["warm_up", "star-1", "star-2", "star-3"]
    assert run.student.training.name == "star-3"
    assert [check.name for check in run.checks] == [f"round-check-star-{number}" for number in (1, 2, 3)]
    assert run.open_check == run.checks[0]
    assert told_of_rounds(run) == [
        "round-check-star-1 decides whether star goes on: `at most` are the rounds that may follow"
    ]
    possible = {stage.name for stage in run.plan.stages if stage.path in possible_stages(run)}
    assert {"sample-star-2", "train-star-3", "round-check-star-3"} <= possible
    assert not possible & {"train-star-1", "round-check-star-1", "score", "publish"}


def test_each_round_samples_the_one_before_and_starts_where_it_says(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    assert [sampled_by(run, f"star-{number}") for number in (1, 2, 3)] == [
        "train-warm_up",
        "train-star-1",
        "train-star-2",
    ]
    starts = {stage.training.name: stage.base.made_by for stage in run.plan.stages if isinstance(stage, TrainSft)}
    assert {start.name for start in starts.values() if start} == {"base-from-scratch"}, "STaR trains from the base"
    onwards = run_of(tmp_path, "training.1.start=previous")
    assert onwards.student.base.made_by
    assert onwards.student.base.made_by.name == "train-star-2"


def test_a_check_that_grew_leaves_the_next_one_open(tmp_path: Path) -> None:
    decide(run_of(tmp_path).checks[0], UP)
    run = run_of(tmp_path)
    assert run.open_check == run.checks[1]
    assert trained(run)[-1] == "star-3"
    assert told_of_rounds(run)[0].endswith("[+5.00, +15.00] points over warm_up on held_out, shown to grow")


def test_the_first_round_that_does_not_grow_is_the_last_and_the_one_before_is_kept(tmp_path: Path) -> None:
    for brought in (UP, FLAT):
        check = run_of(tmp_path).open_check
        assert check
        decide(check, brought)
    run = run_of(tmp_path)
    assert run.open_check is None
    assert possible_stages(run) == set()
    assert trained(run) == ["warm_up", "star-1", "star-2"]
    assert run.student.training.name == run.checkpoint.trained.training.name == "star-1"
    assert told_of_rounds(run)[1:] == [
        "star: round 2 brought +0.40 [−1.10, +1.90] points over star-1 on held_out, not shown to bring anything: "
        "stopped",
        "star: round 1 is kept, the last one shown to grow",
    ]
    assert run.scores
    assert [one.variant.model for one in run.scores.measured] == ["base", "warm_up", "star-2", "student"]
    assert [(one.stage, one.model, one.start) for one in run.scores.started] == [
        ("warm_up", "warm_up", "base"),
        ("star-1", "student", "base"),
        ("star-2", "star-2", "base"),
    ]


def test_without_growth_at_all_the_stage_before_is_kept(tmp_path: Path) -> None:
    decide(run_of(tmp_path).checks[0], FLAT)
    run = run_of(tmp_path)
    assert trained(run) == ["warm_up", "star-1"]
    assert run.student.training.name == run.checkpoint.trained.training.name == "warm_up"
    assert told_of_rounds(run)[-1] == "star: warm_up is kept, because no round is shown to bring anything"
    assert run.scores
    assert [one.variant.model for one in run.scores.measured] == ["base", "star-1", "student"]
    assert [(one.stage, one.model) for one in run.scores.started] == [("warm_up", "student"), ("star-1", "star-1")]


def test_without_growth_over_the_base_the_first_round_is_kept(tmp_path: Path) -> None:
    config = tmp_path / "alone.yaml"
    (star,) = [stage.model_dump(mode="json", exclude_unset=True) for stage in load_config(STAR).training[1:]]
    config.write_text(yaml.safe_dump({"extends": str(STAR), "training": [star], "run_dir": str(tmp_path)}))
    decide(plan_distillation(load_config(config)).checks[0], FLAT)
    run = plan_distillation(load_config(config))
    assert (run.student.training.name, sampled_by(run, "star-1")) == ("star-1", "base-from-scratch")
    assert told_of_rounds(run)[-1] == "star: round 1 is kept, because no round is shown to bring anything"


def test_the_last_round_is_checked_as_well(tmp_path: Path) -> None:
    for brought in (UP, UP, FLAT):
        check = run_of(tmp_path).open_check
        assert check
        decide(check, brought)
    assert run_of(tmp_path).student.training.name == "star-2"


def test_a_stage_after_rounds_learns_from_the_one_that_is_kept(tmp_path: Path) -> None:
    last = {"name": "last", "max_length": 256, "data": [{"from": {"sample": "star", "n": 2}}]}
    stages = [stage.model_dump(mode="json", exclude_unset=True) for stage in load_config(STAR).training]
    config = tmp_path / "last.yaml"
    config.write_text(yaml.safe_dump({"extends": str(STAR), "training": [*stages, last], "run_dir": str(tmp_path)}))
    decide(plan_distillation(load_config(config)).checks[0], UP)
    decide(plan_distillation(load_config(config)).checks[1], FLAT)
    run = plan_distillation(load_config(config))
    assert trained(run) == ["warm_up", "star-1", "last", "star-2"]
    assert sampled_by(run, "last") == "train-star-1"
    assert run.student.base.made_by
    assert run.student.base.made_by.name == "train-star-1"


def test_checks_that_another_run_completed_since_this_one_was_planned_count(tmp_path: Path) -> None:
    from flows.run.flow import decide_rounds  # imports Prefect

    config = load_config(STAR, [f"run_dir={tmp_path}", "training.1.rounds=2"])
    planned = plan_distillation(config)
    for check, brought in zip(planned.checks, (UP, FLAT), strict=True):
        decide(check, brought)
    assert planned.student.training.name == "star-2"
    assert decide_rounds(planned, config).student.training.name == "star-1"


def test_up_to_a_check_nothing_of_the_next_round_is_built_and_one_engine_serves_a_model(tmp_path: Path) -> None:
    more = "benchmarks.second=[{kind: reasoning_gym, task: chain_sum, size: 9, seed: 4000000, verifier: math}]"
    run = run_of(tmp_path, more)
    plan = run.up_to(run.checks[0])
    built = [stage.name for stage in plan.stages]
    assert "train-star-1" in built
    assert not [name for name in built if "star-2" in name or name == "publish"]
    groups = [[stage.name for stage in group] for group in plan.groups()]
    assert ["eval-held_out-star-1-full", "eval-second-star-1-full"] in groups
    assert ["sample-star-1", "eval-held_out-warm_up-full"] in groups, "the same weights, in the same engine"


def test_another_benchmark_may_decide(tmp_path: Path) -> None:
    more = "benchmarks.second=[{kind: reasoning_gym, task: chain_sum, size: 9, seed: 4000000, verifier: math}]"
    run = run_of(tmp_path, more, "training.1.rounds={most: 2, benchmark: second}")
    assert [(check.ours.benchmark, check.before.benchmark) for check in run.checks] == [("second", "second")] * 2


def test_what_is_measured_for_a_check_is_what_an_evaluation_measures(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    assert run.scores
    measured = {one.variant.model: one.completions.path for one in run.scores.measured}
    check = run.checks[0]
    assert (check.ours.completions.path, check.before.completions.path) == (measured["star-1"], measured["warm_up"])


def test_a_check_compares_the_judged_answers_of_both_models(tmp_path: Path) -> None:
    check = run_of(tmp_path).checks[0]
    ours, before = [True] * 30 + [False] * 10, [True] * 10 + [False] * 30
    for measured, right in ((check.ours, ours), (check.before, before)):
        traces = [judged_trace(f"p{at}", "pass" if one else "fail") for at, one in enumerate(right)]
        write_judged(measured.judged.path, traces)
    folder = tmp_path / "check"
    folder.mkdir()
    check.build(folder, progress=lambda *_, **__: None)
    found = read_check(folder)
    assert (found.stage, found.number, found.before, found.pair.benchmark) == ("star", 1, "warm_up", "held_out")
    assert (found.pair.change.value, found.pair.n_problems, found.pair.gained) == (0.5, 40, 20)
    assert grew(found)
