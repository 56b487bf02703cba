"""What is sampled of a student for a stage: whose problems and judging, its names, its faults, its report."""

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT, make_trace
from evaluated_makers import judged_counts, sampled_counts
from round_makers import run_of, sampled_by

from configs.load import load_config
from flows.run.preflight import check as check_run
from flows.stages.dataset import SelectTraces
from flows.stages.evaluate import SampleModel
from flows.stages.sample import SampleTeacher
from flows.trained import samplings_behind, stage_sampling
from records.artifact import build_once
from records.counts import JudgingCounts, SelectionCounts
from records.errors import InputError


def test_the_students_samples_share_the_teachers_problems_judging_and_selection(tmp_path: Path) -> None:
    run = run_of(tmp_path, "selection.max_per_problem=2", "judging.require_box=true")
    (dataset,) = [one for one in run.student.needs if isinstance(one, SelectTraces)]
    traces = dataset.judged.traces
    assert isinstance(traces, SampleTeacher)
    assert isinstance(run.traces, SampleTeacher)
    assert traces.problems.path == run.traces.problems.path
    assert (dataset.selection, dataset.judged.rules.judging) == (run.dataset.selection, run.judged.rules.judging)
    assert dataset.prompt == run.dataset.prompt
    assert traces.teacher.thinks, "as the student once trained, not as its base"
    assert traces.engine == next(
        one.engine for one in run.plan.stages if isinstance(one, SampleModel) and "star-2" in one.name
    )


def test_two_samplings_of_a_stage_have_names_of_their_own(tmp_path: Path) -> None:
    data = "[{from: {sample: base, n: 2}}, {from: {sample: warm_up, n: 2}}, {from: traces}]"
    run = run_of(tmp_path, "training.1.rounds=null", f"training.1.data={data}")
    assert (sampled_by(run, "star-0"), sampled_by(run, "star-1")) == ("base-from-scratch", "train-warm_up")
    base = next(one for one in run.plan.stages if isinstance(one, SampleTeacher) and one.name == "sample-star-0")
    assert not base.teacher.reasons, "its base answers without"
    assert run.checks == ()


def test_a_sampling_that_nothing_was_accepted_of_names_the_stage(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    (dataset,) = [one for one in run.student.needs if isinstance(one, SelectTraces)]

    def judged(_: Path) -> JudgingCounts:
        return replace(judged_counts([make_trace(), make_trace()]), accepted=0, rejected={"wrong_answer": 2})

    build_once(dataset.judged.run_dir, dataset.judged.name, dataset.judged.inputs, judged)
    with pytest.raises(InputError) as caught:
        dataset.build(tmp_path, progress=lambda *_, **__: None)
    assert str(caught.value).startswith(
        "training stage star-3: none of the 2 traces that it would learn from was accepted (most often wrong_answer): "
    )
    assert "\n" not in str(caught.value)


def test_what_was_sampled_for_a_stage_is_gathered_for_the_report(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    datasets = samplings_behind(run.report)
    assert [dataset.learner for dataset in datasets] == ["star-1", "star-2", "star-3"]
    traces = [make_trace(), make_trace(prompt="q")]
    for stage, counts in (
        (datasets[0].judged.traces, sampled_counts(traces)),
        (datasets[0].judged, judged_counts(traces)),
        (datasets[0], SelectionCounts(selected=2, problems=2, left_out={}, disputed_references=0)),
    ):
        build_once(stage.run_dir, stage.name, stage.inputs, lambda _, counts=counts: counts)  # type: ignore[misc]
    told = stage_sampling(datasets[0])
    assert (told.stage, told.model, told.judged.traces, told.selected.selected) == ("star-1", "warm_up", 2, 2)


def test_a_missing_file_of_a_stages_problems_stops_before_any_work(tmp_path: Path) -> None:
    data = "[{from: {sample: base, n: 1, problems: [{kind: file, path: none.jsonl}]}}]"
    config = load_config(ROOT / "configs" / "demo" / "fake.yaml", [f"training.data={data}"])
    with pytest.raises(InputError, match=r"none\.jsonl: no such file"):
        check_run(config, tmp_path)
