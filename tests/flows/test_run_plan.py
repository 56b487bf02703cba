"""Stages come in an order that respects their needs, each once, in groups that share an engine."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from conftest import ROOT, make_problem
from plan_makers import Drawn, Plain, drawn, names, plain, run_of

from configs.load import load_config
from configs.sources import GeneratedProblems
from flows.distill import Distillation, plan_distillation
from flows.plan import Plan, Sharded, Stage
from flows.scaling import plan_curves
from flows.stages.choose import ChooseProblems
from flows.stages.evaluate import SampleModel
from flows.stages.problems import Problems
from records.counts import ProblemsCounts, ReportCounts
from records.parquet import read_problems, write_rows
from records.rows import Variant
from records.schemas import PROBLEM


def test_needs_come_first_and_each_stage_once() -> None:
    source = plain("source")
    left, right = plain("left", source), plain("right", source)
    assert names(Plan.of(plain("end", left, right)).stages) == ["source", "left", "right", "end"]


def test_two_recipes_share_what_is_the_same_of_them() -> None:
    one = plain("train", plain("data", plain("source")), setting=1)
    other = plain("train", plain("data", plain("source")), setting=2)  # equal ancestors, made twice
    plan = Plan.of(one, other)
    assert names(plan.stages) == ["source", "data", "train", "train"]
    assert len({stage.path for stage in plan.stages}) == 4


def test_a_change_renames_what_depends_on_it_and_nothing_else() -> None:
    before, after = plain("a", setting=1), plain("a", setting=2)
    assert plain("b", before).path != plain("b", after).path
    assert plain("b", before).path == plain("b", plain("a", setting=1)).path
    assert plain("other").path == plain("other").path


def test_the_version_is_part_of_the_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    before = plain("a").path
    monkeypatch.setattr(Plain, "version", "2")
    assert plain("a").path != before


def test_where_a_run_lies_and_how_many_work_at_it_is_no_part_of_it() -> None:
    assert replace(plain("a"), run_dir=Path("elsewhere")).artifact.fingerprint == plain("a").artifact.fingerprint
    assert drawn("a", workers=4).path == drawn("a").path


def test_stages_of_one_engine_are_built_together_once_their_needs_are_there() -> None:
    first, second = drawn("first", plain("one")), drawn("second", plain("two"))
    between = plain("between", first)
    waits = drawn("waits", between)
    end = plain("end", plain("one"), plain("two"), first, between, second, waits, drawn("apart", engine="other"))
    groups = [names(group) for group in Plan.of(end).groups()]
    assert groups == [["one"], ["two"], ["first", "second"], ["between"], ["waits"], ["apart"], ["end"]]


def test_a_need_of_the_same_group_is_not_there_yet() -> None:
    first = drawn("first")
    groups = [names(group) for group in Plan.of(drawn("second", first)).groups()]
    assert groups == [["first"], ["second"]]


def test_what_follows_a_stage_of_its_group_needs_a_lone_worker() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Following(Drawn):
        @property
        def follows(self) -> Stage:
            return self.from_stages[0]

    def following(name: str, first: Stage, *needs: Stage, workers: int = 1) -> Following:
        made = (first, *needs)
        return Following(run_dir=Path("run"), name=name, from_stages=made, engine_name="e", at_a_time=workers)

    def groups(last: Stage) -> list[list[str]]:
        return [names(group) for group in Plan.of(last).groups()]

    assert groups(following("second", drawn("first"))) == [["first", "second"]]
    assert groups(following("second", drawn("first", workers=2), workers=2)) == [["first"], ["second"]]
    assert groups(following("second", drawn("first", engine="o"))) == [["first"], ["second"]]
    first = drawn("first")
    assert groups(following("second", first, plain("late", first))) == [["first"], ["late"], ["second"]]


def test_without_an_engine_or_with_other_workers_nothing_is_shared() -> None:
    end = plain("end", drawn("a", engine=""), drawn("b", engine=""), drawn("c"), drawn("d", workers=2))
    assert [names(group) for group in Plan.of(end).groups()] == [["a"], ["b"], ["c"], ["d"], ["end"]]


def test_a_lone_worker_makes_all_shards(tmp_path: Path) -> None:
    counts = Sharded.build(drawn("a"), tmp_path, progress=lambda *_, **__: None)
    assert counts == ReportCounts(traces=1)


def test_the_method_in_its_order() -> None:
    order = names(run_of().plan.stages)
    wanted = ["benchmark-held_out", "problems", "teacher-from-scratch", "sample", "judge", "select"]
    assert [name for name in order if name in wanted] == wanted
    assert order.index("base-from-scratch") < order.index("train-sft") < order.index("eval-held_out-student-full")
    assert order.index("quantize-student-nf4") < order.index("eval-held_out-student-nf4")
    assert order[-2:] == ["report", "publish"]
    assert len(order) == len(set(order)) == 21


def test_one_engine_start_serves_every_benchmark_of_a_model() -> None:
    more = "{kind: reasoning_gym, task: chain_sum, size: 10, seed: 4000000, verifier: math}"
    groups = [names(group) for group in run_of(f"benchmarks.second=[{more}]").plan.groups()]
    for model, precision in (("base", "full"), ("student", "full"), ("student", "int8"), ("student", "nf4")):
        assert [f"eval-{benchmark}-{model}-{precision}" for benchmark in ("held_out", "second")] in groups
    assert ["sample"] in groups


def test_six_benchmarks_of_two_models_in_three_precisions_start_four_engines() -> None:
    source = "{kind: reasoning_gym, task: chain_sum, size: 10, seed: %d}"
    benchmarks = [f"benchmarks.b{at}=[{source % (4_000_000 + 1000 * at)}]" for at in range(5)]
    groups = [group for group in run_of(*benchmarks).plan.groups() if isinstance(group[0], SampleModel)]
    assert [len(group) for group in groups] == [6] * 4
    assert all(len({stage.engine for stage in group if isinstance(stage, SampleModel)}) == 1 for group in groups)


def test_any_model_is_measured_in_the_order_of_the_config() -> None:
    stages = "training=[{name: cold_start, max_length: 256}, {name: last, max_length: 256}]"
    other = "{path: owner/name, precisions: [full, fp4]}"
    models = f"evaluation.models={{teacher: [full], last_year: {other}, cold_start: [full], student: [full]}}"
    run = run_of(stages, models, "teacher.dtype=bfloat16")
    assert run.scores is not None
    measured = {str(one.variant): one.completions for one in run.scores.measured}
    assert list(measured) == ["teacher full", "last_year full", "last_year fp4", "cold_start full", "student full"]
    made_by = {name: one.weights.made_by and one.weights.made_by.name for name, one in measured.items()}
    assert made_by == {
        "teacher full": "teacher-from-scratch",
        "last_year full": None,
        "last_year fp4": "quantize-last_year-fp4",
        "cold_start full": "train-cold_start",
        "student full": "train-last",
    }
    made, student = measured["last_year full"].model, measured["student full"].model
    assert (made.name, made.path, made.prompt, made.max_model_len) == ("last_year", "owner/name", student.prompt, 512)
    assert made.thinks, "as the student once trained, not as its base"


def test_a_cross_check_samples_some_problems_with_transformers_beside_vllm() -> None:
    plain, checked = run_of(), run_of("evaluation.cross_check={problems: 20}")
    more = {stage.name for stage in checked.plan.stages} - {stage.name for stage in plain.plan.stages}
    variants = ("base-full", "student-full", "student-int8", "student-nf4")
    assert more == {"check-held_out"} | {
        f"{stage}-check-held_out-{variant}" for stage in ("eval", "eval-judge") for variant in variants
    }
    assert plain.scores
    assert checked.scores
    ours, theirs = ({one.completions.path for one in run.scores.measured} for run in (plain, checked) if run.scores)
    assert ours == theirs, "what vLLM draws stays as it is"
    assert all(check.completions.weights == check.measured.completions.weights for check in checked.scores.checked)


def test_a_cross_check_spreads_its_problems_over_the_benchmark(tmp_path: Path) -> None:
    source = GeneratedProblems(kind="reasoning_gym", task="chain_sum", size=10)
    problems = Problems(run_dir=tmp_path, name="b", sources=(source,))
    problems.path.mkdir()
    write_rows(problems.path / "problems.parquet", (make_problem(f"{at}") for at in range(10)), PROBLEM)

    def chosen(count: int) -> list[str]:
        folder = tmp_path / f"{count}"
        folder.mkdir()
        stage = ChooseProblems(run_dir=tmp_path, name="check", problems=problems, count=count)
        counts = stage.build(folder, progress=lambda *_, **__: None)
        found = [problem.prompt for problem in read_problems(folder)]
        assert counts == ProblemsCounts(problems=len(found), repeated=0, in_benchmark=0, without_reference=0)
        return found

    assert chosen(3) == ["0", "3", "6"]
    assert chosen(10) == chosen(11) == [f"{at}" for at in range(10)]


def test_budgets_share_the_start_of_the_engine_that_drew_what_is_stored() -> None:
    run = run_of("evaluation.budgets={think: [20, 40], answer_tokens: 64}")
    groups = [names(group) for group in run.plan.groups()]
    assert ["eval-held_out-student-full", "budgets-held_out-student-full"] in groups
    assert ["eval-held_out-base-full"] in groups, "the base does not think"
    assert run.curves is not None
    assert [one.variant.model for one in run.curves.budgeted] == ["student"]
    assert (run.curves.sampled, run.curves.cascades) == ((), ())


def test_without_budgets_or_several_samples_there_are_no_curves() -> None:
    assert run_of().curves is None
    several = run_of("evaluation.n=2", "evaluation.temperature=0.7").curves
    assert several is not None
    assert len(several.sampled) == 4


def test_a_teacher_that_was_measured_makes_a_cascade() -> None:
    config = load_config(ROOT / "configs" / "demo" / "tiny.yaml", ["evaluation.budgets.teacher_price=8"])
    student = plan_distillation(config)
    assert student.scores is not None
    measured = list(student.scores.measured)
    teacher = replace(measured[1], variant=Variant("teacher", "full"))
    curves = plan_curves(config, [*measured, teacher], {})
    assert curves is not None
    ((pair,), price) = curves.cascades, curves.price
    assert (pair.student.variant, pair.teacher.variant, price) == (Variant("student", "full"), teacher.variant, 8)


def test_lineage_is_all_that_a_stage_is_made_from() -> None:
    run = run_of()
    assert names(tuple(run.dataset.lineage())) == [
        *("benchmark-held_out", "problems", "teacher-from-scratch", "sample", "judge"),
    ]
    assert {"train-sft", "score"} <= {stage.name for stage in run.checkpoint.lineage()}


def test_a_student_without_reasoning_is_measured_as_one() -> None:
    def thinks(run: Distillation) -> dict[str, bool]:
        return {one.name: one.model.thinks for one in run.plan.stages if isinstance(one, SampleModel)}

    models = ("student-full", "student-int8", "student-nf4")
    for overrides, expected in (([], True), (["student.reasoning={no_think_share: 0.5}"], True)):
        assert thinks(run_of(*overrides)) == {"eval-held_out-base-full": False} | {
            f"eval-held_out-{name}": expected for name in models
        }
    assert set(thinks(run_of("student.reasoning=hidden")).values()) == {False}
