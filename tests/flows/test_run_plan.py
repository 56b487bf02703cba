"""Stages come in an order that respects their needs, each once, in groups that share an engine."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from configs.load import load_config
from flows.distill import Distillation, plan_distillation
from flows.plan import Plan, Sharded, Stage
from flows.run.progress import Report
from flows.stages.evaluate import SampleModel
from records.counts import Counts, ReportCounts
from records.share import WorkerSlot
from teacher.engines.shared import SharedEngine


@dataclass(frozen=True, kw_only=True)
class Plain(Stage):
    version = "1"
    from_stages: tuple[Stage, ...] = ()
    setting: int = 0

    @property
    def needs(self) -> tuple[Stage, ...]:
        return self.from_stages

    def settings(self) -> dict[str, Any]:
        return {"setting": self.setting}

    def build(self, folder: Path, *, progress: Report) -> Counts:
        return ReportCounts(traces=0)


@dataclass(frozen=True, kw_only=True)
class Drawn(Plain, Sharded):
    engine_name: str = ""
    at_a_time: int = 1

    @property
    def workers(self) -> int:
        return self.at_a_time

    @property
    def engine(self) -> str:
        return self.engine_name

    def build_part(self, folder: Path, *, slot: WorkerSlot, engine: SharedEngine, progress: Report) -> Counts:
        return ReportCounts(traces=slot.workers)

    def missing(self, folder: Path) -> int:
        return 0

    def gather(self, folder: Path, parts: list[Any]) -> Counts:
        return ReportCounts(traces=sum(part.traces for part in parts))


def plain(name: str, *needs: Stage, setting: int = 0) -> Plain:
    return Plain(run_dir=Path("run"), name=name, from_stages=needs, setting=setting)


def drawn(name: str, *needs: Stage, engine: str = "e", workers: int = 1) -> Drawn:
    return Drawn(run_dir=Path("run"), name=name, from_stages=needs, engine_name=engine, at_a_time=workers)


def names(stages: tuple[Stage, ...]) -> list[str]:
    return [stage.name for stage in stages]


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


def test_without_an_engine_or_with_other_workers_nothing_is_shared() -> None:
    end = plain("end", drawn("a", engine=""), drawn("b", engine=""), drawn("c"), drawn("d", workers=2))
    assert [names(group) for group in Plan.of(end).groups()] == [["a"], ["b"], ["c"], ["d"], ["end"]]


def test_a_lone_worker_makes_all_shards(tmp_path: Path) -> None:
    counts = Sharded.build(drawn("a"), tmp_path, progress=lambda *_, **__: None)
    assert counts == ReportCounts(traces=1)


def run_of(*overrides: str) -> Distillation:
    return plan_distillation(load_config(ROOT / "configs" / "demo" / "tiny.yaml", list(overrides)))


def test_the_method_in_its_order() -> None:
    order = names(run_of().plan.stages)
    wanted = ["benchmark-held_out", "problems", "teacher-from-scratch", "sample", "judge", "select"]
    assert [name for name in order if name in wanted] == wanted
    assert order.index("base-from-scratch") < order.index("train-sft") < order.index("eval-held_out-student-full")
    assert order[-2:] == ["report", "publish"]
    assert len(order) == len(set(order)) == 19


def test_one_engine_start_serves_every_benchmark_of_a_model() -> None:
    more = "{kind: reasoning_gym, task: chain_sum, size: 10, seed: 4000000, verifier: math}"
    groups = [names(group) for group in run_of(f"benchmarks.second=[{more}]").plan.groups()]
    for model, precision in (("base", "full"), ("student", "full"), ("student", "int8"), ("student", "nf4")):
        assert [f"eval-{benchmark}-{model}-{precision}" for benchmark in ("held_out", "second")] in groups
    assert ["sample"] in groups


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
