"""Search as decoding in a run: its stages, what they are identified by, and a whole evaluation with the fake."""

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import yaml
from conftest import make_problem
from sampling_makers import Dying, contents
from search_makers import HALF, PAIR, Metered

from configs.load import load_config
from eval.report.searches import searches_shown
from eval.scaling.curve import read_curves
from flows.distill import plan_distillation
from flows.plan import Stage
from flows.stages.curves import MeasureCurves
from flows.stages.evaluate import SampleModel
from flows.stages.score import Measured
from flows.stages.score_traces import ScoreTraces
from flows.stages.search import SearchModel
from records.artifact import build_once, read_counts
from records.parquet import read_traces, write_rows
from records.requests import Sampler
from records.schemas import PROBLEM
from records.search_counts import SearchedCounts
from teacher.engines.fake import FakeSampler
from teacher.engines.shared import SharedEngine

HELD_OUT = {"sources": [{"kind": "reasoning_gym", "task": "chain_sum", "size": 3}]}
EVALUATED: dict[str, Any] = PAIR | {
    "benchmarks": {"held_out": HELD_OUT},
    "sampling": {"n": 2, "max_tokens": 512},
    "evaluation": {"max_tokens": 500, "temperature": 0.5, "n": 8, "rerank": ["exact"]},
}
SEARCHES = [
    {"kind": "beam", "scorer": "exact", "width": 4, "expand": 2, "step_tokens": 40},
    {"kind": "mcts", "scorer": "exact", "simulations": 2, "expand": 2, "step_tokens": 40},
]
STEPS = {
    "name": "steps",
    "method": "process_reward",
    "max_length": 512,
    "data": [{"path": "hf://o/n", "form": "prm800k"}],
}


def curves_of(folder: Path, *overrides: str, **changed: Any) -> MeasureCurves:
    evaluation = EVALUATED["evaluation"] | {"search": SEARCHES}
    tree = EVALUATED | {"evaluation": evaluation, "run_dir": str(folder / "run")} | changed
    (folder / "pair.yaml").write_text(yaml.safe_dump(tree))
    curves = plan_distillation(load_config(folder / "pair.yaml", list(overrides))).curves
    assert curves is not None
    return curves


def stage_of(curves: MeasureCurves, model: str = "student", at: int = 0) -> SearchModel:
    one = next(one for one in curves.compared if one.measured.variant.model == model)
    found = one.searches[at].judged.traces
    assert isinstance(found, SearchModel)
    return found


def test_every_model_searches_in_full_precision_on_what_is_sampled_several_times(tmp_path: Path) -> None:
    curves = curves_of(tmp_path, benchmarks={"held_out": HELD_OUT, "once": HELD_OUT | {"n": 1}})
    places = [(one.measured.benchmark, str(one.measured.variant), one.scored.scorer_name) for one in curves.compared]
    assert places == [("held_out", "base full", "exact"), ("held_out", "student full", "exact")]
    assert [[one.name for one in both.searches] for both in curves.compared] == [["beam 4", "mcts 2"]] * 2
    assert curves.compared[0].scored.path == curves.reranked[0].scored.path, "scored once"
    stage = stage_of(curves)
    drawn = curves.compared[1].measured.completions
    assert stage.engine == drawn.engine, "one start serves both"
    assert (stage.evaluation.n, drawn.evaluation.n, stage.waits, drawn.waits) == (1, 8, True, False)
    assert curves_of(tmp_path, "evaluation.search=[]").compared == ()


def test_scorers_and_what_stands_for_their_steps_have_comparisons_of_their_own(tmp_path: Path) -> None:
    given = [SEARCHES[0], SEARCHES[1] | {"aggregate": "min"}, SEARCHES[0] | {"scorer": "prm"}]
    curves = curves_of(tmp_path, f"evaluation.search={yaml.safe_dump(given, default_flow_style=True).strip()}")
    found = [(one.scored.scorer_name, one.aggregate, len(one.searches)) for one in curves.compared[:3]]
    assert found == [("exact", "mean", 1), ("exact", "min", 1), ("prm", "min", 1)]
    prm = curves.compared[2].searches[0].judged.traces
    assert isinstance(prm, SearchModel)
    assert "filters.scorers.models" in prm.libraries
    assert "filters.scorers.models" not in stage_of(curves).libraries


def test_what_a_run_trains_leads_its_searches_and_is_part_of_their_identity(tmp_path: Path) -> None:
    made = PAIR["scorers"] | {"made": {"kind": "process", "from": "steps"}}
    search = "evaluation.search=[{kind: beam, scorer: made}]"
    shared = {"scorers": made, "training": [STEPS, {"max_length": 512}]}
    stage, again, other = (
        stage_of(curves_of(tmp_path, search, *more, **shared))
        for more in ((), ("scorers.made.batch_tokens=99",), ("training.0.seed=5",))
    )
    assert "train-steps" in [need.name for need in stage.needs]
    assert stage.path == again.path != other.path
    jobs = [one.job(tmp_path).search for one in (stage, again, other)]
    assert jobs[0] == jobs[1] != jobs[2], "searches led by other weights are not taken over"


def test_a_search_is_known_by_what_shapes_it(tmp_path: Path) -> None:
    at = "evaluation.search.0"
    stage = stage_of(curves_of(tmp_path))

    def path(*overrides: str) -> Path:
        return stage_of(curves_of(tmp_path, *overrides)).path

    assert path("evaluation.n=9") == path(f"{at}.aggregate=mean") == stage.path, "mean is the scorer's own"
    renamed = "scorers.same={kind: equations}"
    assert path(renamed, f"{at}.scorer=same") == stage.path
    for changed in (f"{at}.width=8", f"{at}.depth=9", f"{at}.aggregate=last", f"{at}.scorer=prm", "evaluation.seed=1"):
        assert path(changed) != stage.path, changed


# With the fake in place of vLLM


class FakeModel(SampleModel):
    """Draws with the fake."""

    version = SampleModel.version

    def start(self, folder: Path, engine: SharedEngine) -> Sampler:
        return FakeSampler(HALF)


class FakeSearch(SearchModel):
    """Searches with the fake, or with what `samplers` holds."""

    version = SearchModel.version
    samplers: list[Callable[[], Sampler]] = []

    def start(self, folder: Path, engine: SharedEngine) -> Sampler:
        return self.samplers.pop(0)() if self.samplers else FakeSampler(HALF)


class Mortal(Metered, Dying):
    """Breaks down after so many completions, and says what it drew."""


def as_fake(stage: Any, kind: Any) -> Any:
    return kind(**{field.name: getattr(stage, field.name) for field in fields(stage)})


def built(stage: Stage) -> Path:
    return build_once(
        stage.run_dir, stage.name, stage.inputs, lambda folder: stage.build(folder, progress=lambda *_, **__: None)
    ).path


def write_problems(curves: MeasureCurves, count: int) -> None:
    problems = curves.compared[0].measured.completions.problems
    problems.path.mkdir(parents=True)
    rows = [make_problem(f"{at} + 1?", f"{at + 1}") for at in range(count)]
    write_rows(problems.path / "problems.parquet", rows, PROBLEM)


def test_a_whole_evaluation_by_search(tmp_path: Path) -> None:
    planned = curves_of(tmp_path)
    one = planned.compared[1]
    write_problems(planned, 20)
    drawn = as_fake(one.measured.completions, FakeModel)
    judged = replace(one.measured.judged, traces=drawn)
    measured: Measured = replace(one.measured, completions=drawn, judged=judged)
    searches = tuple(
        replace(found, judged=replace(found.judged, traces=as_fake(found.judged.traces, FakeSearch)))
        for found in one.searches
    )
    scored: ScoreTraces = replace(one.scored, judged=judged)
    comparison = replace(one, measured=measured, scored=scored, searches=searches)
    curves = replace(planned, sampled=(), reranked=(), compared=(comparison,))
    for stage in (
        drawn,
        judged,
        scored,
        *(stage for found in searches for stage in (found.judged.traces, found.judged)),
    ):
        built(stage)
    search = searches[0].judged.traces
    rows = list(read_traces(search.path))
    assert len(rows) == 20
    assert {row.searched.kind for row in rows if row.searched} == {"beam"}
    assert read_counts(search.artifact, SearchedCounts).search.expansions > 80
    assert not list(search.path.glob(".search-*"))

    found = [one for one in read_curves(built(curves)) if one.chart == "search"]
    assert [one.name for one in found] == ["majority", "best-of-k", "weighted majority", "beam 4", "mcts 2"]
    [point] = found[3].points
    spent = [row.searched.completion_tokens for row in rows if row.searched]
    assert point.x == sum(spent) / 20 > sum(row.completion_tokens for row in rows) / 20, "what was dropped counts"
    assert {one.model for one in found} == {"student"}
    shown = searches_shown(read_curves(curves.path))
    assert [row["search"] for row in shown.searches] == ["beam 4", "mcts 2"]
    assert shown.bands


def test_an_interrupted_search_draws_nothing_twice_and_finds_the_same(tmp_path: Path) -> None:
    planned, whole = curves_of(tmp_path), Metered(HALF)
    write_problems(planned, 12)
    stage = as_fake(stage_of(planned), FakeSearch)
    samplers: list[Metered] = [whole]
    FakeSearch.samplers[:] = [lambda: whole]
    traces = contents(built(stage))
    stage.path.rename(tmp_path / "whole")
    for _ in range(20):
        samplers.append(Mortal(HALF.model_copy(update={"in_flight": 8})))
        FakeSearch.samplers[:] = [lambda: samplers[-1]]
        try:
            built(stage)
        except RuntimeError:
            continue
        break
    assert len(samplers) > 3, "it broke down several times"
    assert sum(len(one.drawn) for one in samplers[1:]) == len(whole.drawn)
    again = contents(stage.path)
    parquet = [name for name in traces if name.endswith(".parquet")]
    assert parquet
    assert {name: again[name] for name in parquet} == {name: traces[name] for name in parquet}
