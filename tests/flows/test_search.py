"""A search as a run has it: its scorer is a scorer of the config, and its rows go through judging as any."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import make_problem
from search_makers import PAIR

from configs.load import load_config
from eval.report.accounts import read_sampling, sampling_facts
from filters.scorers.scoring import Scoring
from flows.distill import plan_distillation
from flows.searching import UNDECIDED, SearchScorer, value_of
from flows.stages.sample import SampleTeacher
from records.artifact import build_once, read_counts
from records.counts import SamplingCounts
from records.parquet import read_traces, write_rows
from records.rows import Artifact
from records.schemas import PROBLEM
from records.search_counts import SearchedCounts
from records.step_scorer import Prefix

SEARCH = {"kind": "beam", "scorer": "exact", "width": 4, "expand": 2, "step_tokens": 40}


def stage_of(folder: Path, scorer: str = "exact", **sampling: Any) -> SampleTeacher:
    search = SEARCH | {"scorer": scorer}
    changed = {"sampling": {"n": 1, "max_tokens": 300, "search": search} | sampling, "run_dir": str(folder / "run")}
    (folder / "pair.yaml").write_text(yaml.safe_dump(PAIR | changed))
    traces = plan_distillation(load_config(folder / "pair.yaml")).traces
    assert isinstance(traces, SampleTeacher)
    return traces


def built(stage: SampleTeacher, problems: int) -> Artifact:
    if not stage.problems.path.exists():
        stage.problems.path.mkdir(parents=True)
        rows = (make_problem(f"{at} + 1?", f"{at + 1}") for at in range(problems))
        write_rows(stage.problems.path / "problems.parquet", rows, PROBLEM)
    return build_once(
        stage.run_dir,
        stage.name,
        stage.inputs,
        lambda folder: stage.build(folder, progress=lambda *_, **__: None),
    )


def test_the_stage_searches_and_leaves_no_journal(tmp_path: Path) -> None:
    artifact = built(stage_of(tmp_path), 6)
    traces = list(read_traces(artifact.path))
    assert len(traces) == 6
    assert all(trace.searched and trace.searched.kind == "beam" for trace in traces)
    assert {trace.searched.value for trace in traces if trace.searched} == {UNDECIDED}, "the fake writes no equation"
    counts = read_counts(artifact, SearchedCounts)
    assert counts.search.expansions == sum(trace.searched.expansions for trace in traces if trace.searched) > 24
    assert not list(artifact.path.glob(".search-*"))
    told = sampling_facts(read_sampling(artifact))["search"]
    share = counts.search.kept_tokens / counts.search.tokens
    assert told == f"{counts.search.expansions:,} expansions, {share:.0%} of {counts.search.tokens:,} tokens kept"


def test_without_a_search_nothing_of_it_is_in_the_identity(tmp_path: Path) -> None:
    stage = stage_of(tmp_path, search=None)
    assert stage.search is None
    assert "search" not in stage.settings()["sampling"]
    assert "search" in stage_of(tmp_path).settings()["sampling"]
    artifact = built(stage, 3)
    assert {trace.searched for trace in read_traces(artifact.path)} == {None}
    assert read_counts(artifact, SamplingCounts).traces == 3


def test_a_reward_model_leads_the_search(tmp_path: Path) -> None:
    from scorer_makers import make_reward_model

    model = make_reward_model(tmp_path / "model", "trl", positions=90)
    prm = {"kind": "process", "path": str(model), "dtype": "float32", "aggregate": "last"}
    assert stage_of(tmp_path).libraries == (), "the exact check needs none"
    given = f"scorers.prm={yaml.safe_dump(prm, default_flow_style=True).strip()}"
    stage = plan_distillation(load_config(tmp_path / "pair.yaml", [given, "sampling.search.scorer=prm"])).traces
    assert isinstance(stage, SampleTeacher)
    assert "torch" in stage.libraries
    artifact = built(stage, 2)
    rows = list(read_traces(artifact.path))
    values = [row.searched.value for row in rows if row.searched]
    assert stage.search
    texts = [Prefix(row.prompt, row.reasoning, row.answer, row.closed) for row in rows]
    with stage.search.start() as scorer:
        assert values == [value and pytest.approx(value, abs=1e-5) for value in scorer(texts)]
    assert all(value is None or 0 < value < 1 for value in values)
    assert read_counts(artifact, SearchedCounts).search.unscored > 0, "the longest exceed its context"


@pytest.mark.parametrize(
    ("scoring", "aggregate", "value"),
    [
        (Scoring([0.9, None, 0.5]), "min", 0.5),
        (Scoring([0.9, None, 0.5]), "last", 0.5),
        (Scoring([0.9, None, 0.5]), "product", 0.45),
        (Scoring([0.9, None, 0.5]), "mean", 0.7),
        (Scoring(outcome=0.3), "outcome", 0.3),
        (Scoring([None, None]), "min", UNDECIDED),
        (Scoring([None], left_out="too_long"), "min", None),
        (Scoring([], left_out="no_steps"), "outcome", None),
    ],
)
def test_a_prefix_is_worth_what_the_aggregate_says(scoring: Scoring, aggregate: str, value: float | None) -> None:
    assert value_of(scoring, aggregate) == (None if value is None else pytest.approx(value))


def test_the_exact_check_prefers_what_is_right(tmp_path: Path) -> None:
    search = stage_of(tmp_path).search
    assert isinstance(search, SearchScorer)
    texts = [Prefix("p", text, "", closed=False) for text in ("2 + 2 = 4\n", "nothing yet\n", "2 + 2 = 5\n", "")]
    with search.start() as scorer:
        assert scorer(texts) == [1.0, UNDECIDED, 0.0, None]


def test_the_name_of_the_scorer_shapes_nothing(tmp_path: Path) -> None:
    stage = stage_of(tmp_path)
    assert stage.search
    sampling = stage.sampling
    assert sampling.search
    renamed = replace(
        stage, sampling=sampling.model_copy(update={"search": sampling.search.model_copy(update={"scorer": "x"})})
    )
    assert renamed.path == stage.path
