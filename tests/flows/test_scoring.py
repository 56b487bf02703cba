"""Scorers in a run: where their stages stand in the plan, and which of their mistakes stop it before any work."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import make_trace
from scored_pair_makers import PAIR

from configs.load import load_config
from configs.schema import Config
from configs.scorers import ProcessScorer
from flows.distill import plan_distillation
from flows.run.preflight import check
from flows.stages.score_traces import ScoreTraces
from flows.weights import Weights, weights_of_scorer
from records.artifact import build_once
from records.errors import InputError
from records.parquet import write_rows
from records.schemas import TRACE
from records.scores import read_trace_scores


def config_of(folder: Path, **changed: Any) -> Config:
    (folder / "pair.yaml").write_text(yaml.safe_dump(PAIR | {"run_dir": str(folder / "run")} | changed))
    return load_config(folder / "pair.yaml")


def test_scores_come_before_what_is_selected_and_drawn_by_them(tmp_path: Path) -> None:
    planned = plan_distillation(config_of(tmp_path))
    names = [stage.name for stage in planned.plan.stages]
    assert names.index("judge") < names.index("score-traces-prm") < names.index("select")
    assert planned.dataset.aggregate == "product"
    assert planned.curves is not None
    of_evaluation = {stage.name for stage in planned.curves.needs if isinstance(stage, ScoreTraces)}
    assert of_evaluation == {
        f"eval-scores-held_out-{model}-{name}"
        for model in ("base-full", "student-full", "student-int8", "student-nf4")
        for name in ("exact", "orm", "prm")
    }
    assert max(names.index(name) for name in of_evaluation) < names.index("curves")
    by_name = {stage.name: stage for stage in planned.plan.stages}
    exact, orm = (by_name[f"eval-scores-held_out-base-full-{name}"] for name in ("exact", "orm"))
    assert (exact.gpus, exact.libraries) == (0, ())
    assert (orm.gpus, "torch" in orm.libraries) == (1, True)


def test_without_scorers_nothing_is_scored(tmp_path: Path) -> None:
    evaluation = {key: value for key, value in PAIR["evaluation"].items() if key != "rerank"}
    planned = plan_distillation(config_of(tmp_path, selection={}, evaluation=evaluation, scorers={}))
    assert not [stage for stage in planned.plan.stages if isinstance(stage, ScoreTraces)]


def test_a_scorer_made_here_has_the_weights_of_its_stage(tmp_path: Path) -> None:
    trained = plan_distillation(config_of(tmp_path)).student
    scorer = ProcessScorer.model_validate({"kind": "process", "from": "steps"})
    found = weights_of_scorer(scorer, {"steps": Weights.of(trained), "sft": Weights("elsewhere")})
    assert (found.made_by, found.location) == (trained, str(trained.path))


def test_the_stage_scores_with_a_local_model(tmp_path: Path) -> None:
    from scorer_makers import make_reward_model

    model = make_reward_model(tmp_path / "model", "trl")
    prm = {"kind": "process", "path": str(model), "dtype": "float32"}
    config = config_of(tmp_path, scorers=PAIR["scorers"] | {"prm": prm})
    stage = plan_distillation(config).dataset.scored
    assert stage is not None
    stage.judged.path.mkdir(parents=True)
    traces = [make_trace(), make_trace(sample_index=1, answer="x" * 400)]
    write_rows(stage.judged.path / "judged-00000.parquet", traces, TRACE)
    told: list[int] = []
    artifact = build_once(
        stage.run_dir,
        stage.name,
        stage.inputs,
        lambda folder: stage.build(folder, progress=lambda at, *_, **__: told.append(at)),
    )
    first, second = read_trace_scores(artifact.path)
    assert (first.scorer, len(first.steps), first.left_out) == ("prm", 2, None)
    assert (second.left_out, second.steps, second.mean) == ("too_long", [None, None], None)
    assert told[-1] == 2
    counts = json.loads((artifact.path / "manifest.json").read_text())["counts"]
    (runtime,) = counts["runtimes"]
    assert (counts["runtimes"][runtime], counts["scored"], counts["left_out"]) == (1, 1, {"too_long": 1})
    assert runtime.startswith("transformers ")
    assert runtime.endswith(", float32")
    moved = model.rename(tmp_path / "moved")
    again = config_of(tmp_path, scorers=PAIR["scorers"] | {"prm": prm | {"path": str(moved), "batch_tokens": 5}})
    same = plan_distillation(again).dataset.scored
    assert same is not None
    assert same.path == stage.path, "neither the place of the weights nor the batches shape a score"


def scorings(config: Config) -> list[ScoreTraces]:
    return [stage for stage in plan_distillation(config).plan.stages if isinstance(stage, ScoreTraces)]


def test_scorers_in_vllm_share_an_engine_if_they_load_the_same(tmp_path: Path) -> None:
    prm = {"kind": "process", "path": "owner/prm", "form": "qwen_math_prm", "engine": "vllm"}
    engines: dict[str, str] = {}
    for name, changed in {
        "prm": {},
        "named": {"aggregate": "last", "batch_tokens": 5},
        "longer": {"max_length": 512},
        "other": {"form": "rlhflow"},
        "revised": {"revision": "v2"},
        "sliced": {"vllm": {"gpu_memory_utilization": 0.5}},
        "own": {"engine": "transformers"},
    }.items():
        config = config_of(tmp_path, scorers=PAIR["scorers"] | {"prm": prm | changed})
        (stage,) = [stage for stage in scorings(config) if stage.name == "score-traces-prm"]
        engines[name] = stage.engine
        assert (stage.gpus, "vllm" in stage.libraries) == (1, name != "own")
    assert engines["named"] == engines["prm"] != ""
    assert engines["own"] == ""
    assert len(set(engines.values())) == 6


@pytest.mark.parametrize(("engine", "gpus"), [("transformers", 1), ("vllm", 2), ("auto", 2)])
def test_a_scorer_takes_the_gpus_of_its_engine(engine: str, gpus: int, tmp_path: Path) -> None:
    orm = PAIR["scorers"]["orm"] | {"engine": engine, "vllm": {"tensor_parallel_size": 2}}
    scored = scorings(config_of(tmp_path, scorers=PAIR["scorers"] | {"orm": orm}))
    assert {stage.gpus for stage in scored if stage.scorer_name == "orm"} == {gpus}
    assert {stage.gpus for stage in scored if stage.scorer_name == "exact"} == {0}


def test_samples_of_every_model_are_scored_by_one_engine(tmp_path: Path) -> None:
    config = config_of(tmp_path, scorers=PAIR["scorers"] | {"orm": PAIR["scorers"]["orm"] | {"engine": "vllm"}})
    groups = [[stage.name for stage in group] for group in plan_distillation(config).plan.groups()]
    models = ("base-full", "student-full", "student-int8", "student-nf4")
    assert [f"eval-scores-held_out-{model}-orm" for model in models] in groups
    assert [f"eval-scores-held_out-{model}-exact" for model in models] not in groups


def test_the_engine_is_part_of_what_shapes_scores_and_its_settings_are_not(tmp_path: Path) -> None:
    def name(**changed: Any) -> str:
        config = config_of(tmp_path, scorers=PAIR["scorers"] | {"prm": PAIR["scorers"]["prm"] | changed})
        return next(stage.path.name for stage in scorings(config) if stage.name == "score-traces-prm")

    names = {engine: name(engine=engine) for engine in ("auto", "vllm", "transformers")}
    assert len(set(names.values())) == 3
    assert name() == names["auto"] == name(vllm={"enforce_eager": True, "max_num_seqs": 3})


def test_what_vllm_does_not_serve_is_refused_before_any_work(tmp_path: Path, tiny_model: Path) -> None:
    from scorer_makers import change_config, make_reward_model

    (tmp_path / "run").mkdir()
    student = {"name": "small", "path": str(tiny_model), "max_model_len": 512}
    shared = {"student": student, "training": {"max_length": 128}, "selection": {}}
    shared |= {"evaluation": PAIR["evaluation"] | {"rerank": [], "max_tokens": 100}}
    other = make_reward_model(tmp_path / "other", "outcome")
    change_config(other, architectures=["GPT2ForSequenceClassification"])
    headless = make_reward_model(tmp_path / "headless", "rlhflow")
    change_config(headless, architectures=["LlamaForSequenceClassification"], id2label={"0": "good"})
    wrong: dict[str, dict[str, Any]] = {
        "does not serve the form skywork, only outcome, trl": {"kind": "process", "path": "a/b", "form": "skywork"},
        "does not serve GPT2ForSequenceClassification as outcome": {"kind": "outcome", "path": str(other)},
        "its files lack score.weight": {"kind": "outcome", "path": str(headless)},
    }
    for message, scorer in wrong.items():
        config = config_of(tmp_path, scorers={"prm": scorer | {"engine": "vllm"}}, **shared)
        with pytest.raises(InputError, match=f"scorers.prm: .*{message}.*; set its engine to transformers or auto$"):
            check(config, tmp_path / "run")
        check(config_of(tmp_path, scorers={"prm": scorer | {"engine": "auto"}}, **shared), tmp_path / "run")
    served = make_reward_model(tmp_path / "served", "trl")
    prm = {"kind": "process", "path": str(served), "engine": "vllm"}
    check(config_of(tmp_path, scorers={"prm": prm}, **shared), tmp_path / "run")


def test_what_the_files_tell_stops_before_any_work(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "run").mkdir()
    student = {"name": "small", "path": str(tiny_model), "max_model_len": 512}
    wrong = {
        "without the head of an outcome scorer": {"kind": "outcome", "path": str(tiny_model)},
        "not of the form trl": {"kind": "process", "path": str(tiny_model)},
        "correct scorers.prm.path": {"kind": "process", "path": "./nowhere"},
    }
    shared = {"student": student, "training": {"max_length": 128}, "selection": {}}
    shared |= {"evaluation": PAIR["evaluation"] | {"rerank": [], "max_tokens": 100}}
    for message, scorer in wrong.items():
        config = config_of(tmp_path, scorers={"prm": scorer}, **shared)
        with pytest.raises(InputError, match=message) as error:
            check(config, tmp_path / "run")
        assert "\n" not in str(error.value)
    check(config_of(tmp_path, scorers={"prm": {"kind": "process", "path": "owner/prm"}}, **shared), tmp_path / "run")
