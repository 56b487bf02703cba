"""A second opinion in a run: where its stages stand in the plan, and what selection takes on its word."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from opinion_makers import traces_of

from configs.hub_names import unpinned
from configs.load import load_config
from configs.schema import Config
from filters.counting.funnel import Funnel
from filters.counting.pass_rates import accepted_share
from flows.distill import Distillation, plan_distillation
from flows.plan import Stage
from flows.run.preflight import check
from records.artifact import build_once, read_counts
from records.counts import Counts, SamplingCounts, SelectionCounts
from records.errors import InputError
from records.opinion_counts import OpinionCounts
from records.parquet import read_rows, read_traces, write_rows
from records.rows import Trace
from records.schemas import TRACE
from teacher.servers.fake import FakeServer

JUDGE = {"kind": "fake_judge", "accuracy": 1, "unclosed": 0}


def config_of(folder: Path, opinion: dict[str, Any] | None = None) -> Config:
    tree = yaml.safe_load((ROOT / "configs" / "demo" / "fake.yaml").read_text())
    tree["run_dir"] = str(folder / "run")
    if opinion is not None:
        tree["second_opinion"] = {"judge": JUDGE, "sampling": {"max_tokens": 100}} | opinion
    (folder / "pair.yaml").write_text(yaml.safe_dump(tree))
    return load_config(folder / "pair.yaml")


def planned(folder: Path, opinion: dict[str, Any] | None = None) -> Distillation:
    return plan_distillation(config_of(folder, opinion))


def build(stage: Stage) -> None:
    build_once(stage.run_dir, stage.name, stage.inputs, lambda folder: stage.build(folder, progress=quiet))


def quiet(*_: Any, **__: Any) -> None:
    """Report nothing."""


def judge_by_hand(run: Distillation, traces: list[Trace]) -> None:
    """Put judged traces where the run's judge would have put them."""

    def write(folder: Path) -> Counts:
        funnel = Funnel()
        for trace in traces:
            funnel.add(trace)
        write_rows(folder / "judged-00000.parquet", traces, TRACE)
        return funnel.counts(accepted_share, None, {}, 0.0)

    build_once(run.run_dir, run.judged.name, run.judged.inputs, write)


def select_with(run: Distillation) -> tuple[OpinionCounts, SelectionCounts]:
    judge_by_hand(run, traces_of(20, 20, 10))
    opinion = run.second_opinion
    assert opinion is not None
    for stage in (opinion.questions, opinion.replies, opinion, run.dataset):
        build(stage)
    return read_counts(opinion.artifact, OpinionCounts), read_counts(run.dataset.artifact, SelectionCounts)


def test_a_judge_that_only_reports_changes_no_row(tmp_path: Path) -> None:
    without, reported, taken = planned(tmp_path), planned(tmp_path, {}), planned(tmp_path, {"accept": True})
    assert not [stage.name for stage in without.plan.stages if "opinion" in stage.name]
    assert reported.dataset.path == without.dataset.path != taken.dataset.path
    assert reported.report.path != without.report.path
    names = [stage.name for stage in taken.plan.stages]
    order = ["judge", "opinion-questions", "opinion-replies", "second-opinion", "select"]
    assert [name for name in names if name in order] == order
    assert "second-opinion" in [stage.name for stage in reported.plan.stages]


def test_rows_by_the_judge_are_counted_and_leave_pass_rates_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told, selected = select_with(planned(tmp_path, {"accept": True, "min_kappa": 0.5}))
    assert (told.admitted, told.refused) == (10, None)
    assert (selected.selected, selected.by_second_opinion) == (30, 10)
    run = planned(tmp_path, {"accept": True, "min_kappa": 0.5})
    assert "10 of the traces were accepted by an LLM judge alone" in (run.dataset.path / "README.md").read_text()
    rows = list(read_rows(run.dataset.path / "data", ["problem_id", "by_second_opinion"]))
    assert len({row["problem_id"] for row in rows}) == 30
    taken = {trace.problem_id for trace in traces_of(20, 20, 10)[40:]}
    assert {row["problem_id"] for row in rows if row["by_second_opinion"]} == taken
    assert {row["by_second_opinion"] for row in rows} == {True, False}
    assert "nothing is accepted" not in capsys.readouterr().out


def test_below_the_floor_nothing_is_taken_and_one_line_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told, selected = select_with(planned(tmp_path, {"accept": True, "min_kappa": 0.99}))
    assert (told.admitted, selected.selected, selected.by_second_opinion) == (0, 20, 0)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "on its word" in line]
    assert line.startswith("llm_judge:final_answer: nothing is accepted on its word, because its kappa")


def test_a_judge_behind_servers_is_asked_like_any_teacher(tmp_path: Path) -> None:
    with FakeServer() as server:
        judge = {
            "kind": "server",
            "name": "judge",
            "model": "fake-model",
            "base_urls": [server.url],
            "max_model_len": 4096,
        }
        told, _ = select_with(planned(tmp_path, {"judge": judge, "sampling": {"max_tokens": 100, "n": 3}}))
    run = planned(tmp_path, {"judge": judge, "sampling": {"max_tokens": 100, "n": 3}})
    assert run.second_opinion is not None
    drawn = read_counts(run.second_opinion.replies.artifact, SamplingCounts)
    assert (drawn.traces, drawn.failed) == (150, 0)
    assert all(trace.reasoning for trace in read_traces(run.second_opinion.replies.path))
    assert told.unknown == {}
    assert 5 < sum(said["pass"] for said in told.by_reason.values()) < 30
    assert told.agreement is not None
    assert abs(told.agreement.kappa.value or 0) < 0.5, "it knows nothing of the answers"


def test_what_the_judge_lacks_is_told_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def config(judge: dict[str, Any]) -> Config:
        return config_of(tmp_path, {"judge": judge})

    vllm = {"kind": "vllm", "name": "j", "max_model_len": 4096}
    with pytest.raises(InputError, match=r"correct second_opinion\.judge\.path"):
        check(config(vllm | {"path": "./nowhere"}), tmp_path)
    assert any(
        line.startswith("second_opinion.judge: owner/judge is not pinned")
        for line in unpinned(config(vllm | {"path": "owner/judge"}))
    )
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    server = {"kind": "server", "name": "j", "model": "m", "base_urls": ["http://a/v1"], "max_model_len": 4096}
    with pytest.raises(InputError, match="NO_SUCH_KEY is not set"):
        check(config(server | {"api_key_env": "NO_SUCH_KEY"}), tmp_path)
