"""A run from a trained student on: its formats, the checkpoint and its card, with every stage before made by hand."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, make_trace
from evaluated_makers import sampled_counts
from export_makers import ANSWER, make_student, write_dataset_of
from huggingface_hub import ModelCard, parse_eval_result_entries
from transformers import AutoModelForCausalLM

from configs.load import ConfigError, load_config
from configs.publishing import Publishing
from flows.card import rows_of
from flows.distill import Distillation, plan_distillation
from flows.plan import Stage
from flows.run.preflight import check_experts, check_formats
from records.artifact import build_once, read_manifest
from records.counts import Counts, JudgedGroup, JudgingCounts, SelectionCounts
from records.errors import InputError
from records.files import write_json
from records.parquet import write_rows
from records.preflight import FILE as PREFLIGHT
from records.preflight import CostEstimate, Lengths, Preflight
from records.rows import Score
from records.schemas import TRAINING_LOG
from records.training_counts import TrainingCounts
from records.training_log import LOG_FILE, RECORDS

FORMATS = "publishing.formats=[int8,nf4,gguf_q8_0]"
MATH_500 = "benchmarks={math_500: [{kind: file, path: 'hf://HuggingFaceH4/MATH-500', revision: abc, split: test}]}"
JUDGED = {"problems": 40, "solved": 30, "traces": 100, "accepted": 60, "prompt_tokens": 1, "completion_tokens": 1}


def made(stage: Stage, fill: Callable[[Path], Counts]) -> Path:
    return build_once(stage.run_dir, stage.name, stage.inputs, fill, public=stage.published).path


def counted(counts: Counts, *fills: Callable[[Path], object]) -> Callable[[Path], Counts]:
    def fill(folder: Path) -> Counts:
        for one in fills:
            one(folder)
        return counts

    return fill


def log(folder: Path) -> None:
    (folder / RECORDS).mkdir()
    write_rows(folder / RECORDS / LOG_FILE, [{"step": 1, "loss": 0.25, "memory_gib": 0.5}], TRAINING_LOG)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Distillation:
    run_dir = tmp_path_factory.mktemp("runs") / "tiny"
    overrides = [f"run_dir={run_dir}", FORMATS, MATH_500, "student.prompt=r1"]
    config = load_config(ROOT / "configs/demo/tiny.yaml", overrides)
    plan = plan_distillation(config)
    drawn = sampled_counts([make_trace(sample_index=at) for at in range(100)])
    made(plan.traces, counted(replace(drawn, surplus=7)))  # which nobody judged: the funnel begins without it
    judging = JudgingCounts(
        **JUDGED,
        pass_rate=0.5,
        rejected={"wrong_answer": 39},
        unknown={"timeout": 1},
        by_source={"chain_sum": JudgedGroup(**JUDGED, pass_rate=0.5)},
        by_difficulty=None,
        contaminated_by={},
        verifier_s=1.0,
    )
    made(plan.judged, counted(judging))
    selection = SelectionCounts(selected=55, problems=30, left_out={"near_duplicate": 5}, disputed_references=0)
    answers = [ANSWER.format(at=at, sum=at + 1) for at in range(4)]
    made(plan.dataset, counted(selection, lambda folder: write_dataset_of(folder / "data", answers)))
    training = TrainingCounts(
        **dict.fromkeys(("held_out_rows", "tokens", "supervised_tokens", "parameters", "trainable_parameters"), 9),
        **dict.fromkeys(("packs", "best_step", "held_out_loss", "merged_onto")),
        rows=50,
        dropped={"too_long": 5},
        steps=7,
        loss=0.25,
        dtype="float32",
        device="cpu",
        trainer_s=1.0,
    )
    preflight = Preflight(
        **dict.fromkeys(("rows", "trained", "no_think", "quoting", "duplicates", "tokens", "supervised_tokens"), 0),
        lengths=Lengths(shortest=9, median=40, p95=120, longest=128, histogram={"64": 40, "128": 10}),
        special_tokens=None,
        cost=CostEstimate(memory_bytes=3 << 29, moment="step", tokens=1000, flops=1e15),
        dropped={},
        switch="/no_think",
        notes=[],
        refusals=[],
    )
    made(plan.student, counted(training, make_student, lambda folder: write_json(folder / PREFLIGHT, preflight), log))
    scores = [
        Score("math_500", "student", "full", "pass@1", 0.825, 0.79, 0.86, 500, 2000),
        Score("math_500", "student", "full", "pass@1", 0.85, 0.8, 0.9, 500, 2000, extraction="lenient"),
        Score("math_500/algebra", "student", "full", "pass@1", 0.9, 0.8, 1.0, 100, 400),
        Score("math_500", "student", "nf4", "pass@1", 0.8, 0.77, 0.83, 500, 2000),
        Score("math_500", "base", "full", "pass@1", 0.1, 0.0, 0.2, 500, 2000),
    ]
    assert plan.scores
    made(plan.scores, counted(Counts(), lambda folder: write_json(folder / "scores.json", scores)))
    quiet = lambda *_, **__: None  # noqa: E731
    for stage in (plan.checkpoint.exports[0].reference, *plan.checkpoint.exports, plan.checkpoint):
        made(stage, partial(stage.build, progress=quiet))
    return plan


def test_every_format_answers_as_the_student_does(run: Distillation) -> None:
    for export in run.checkpoint.exports:
        counts = read_manifest(export.artifact)["counts"]
        assert counts["format"] == export.format == export.name.removeprefix("export-")
        assert (counts["prompts"], counts["stopped"]) == (4, 4)
        assert counts["agreement"] > 0.95
    assert [file.name for file in run.checkpoint.exports[2].path.glob("*.gguf")] == ["tiny-q8_0.gguf"]
    assert not (run.checkpoint.path / PREFLIGHT).exists(), "what is about training is not published"


def test_what_is_published_tells_nothing_of_this_machine(run: Distillation) -> None:
    for stage in (run.checkpoint, *run.checkpoint.exports, run.checkpoint.dataset):
        assert read_manifest(stage.artifact)["provenance"].keys() == {
            "python",
            "commit",
            "packages",
            "started",
            "wall_s",
        }
        for file in stage.path.rglob("*"):
            assert not file.is_file() or str(run.run_dir).encode() not in file.read_bytes(), file
    assert "host" in read_manifest(run.student.artifact)["provenance"]


def test_the_hub_reads_the_card_and_the_scores(run: Distillation) -> None:
    card = ModelCard.load(run.checkpoint.path / "README.md")
    assert (card.data.license, card.data.pipeline_tag) == ("apache-2.0", "text-generation")
    (result,) = card.data.eval_results
    assert (result.dataset_type, result.dataset_split, result.dataset_revision) == (
        "HuggingFaceH4/MATH-500",
        "test",
        "abc",
    )
    assert (result.metric_value, result.metric_name) == (82.5, "pass@1")
    assert result.metric_args == {"low": 79.0, "high": 86.0, "problems": 500, "samples": 2000}
    file = run.checkpoint.path / ".eval_results" / "math_500.yaml"
    (entry,) = parse_eval_result_entries(yaml.safe_load(file.read_text()))
    assert (entry.dataset_id, entry.task_id, entry.value) == ("HuggingFaceH4/MATH-500", "math_500", 82.5)
    assert ".eval_results/math_500.yaml" in read_manifest(run.checkpoint.artifact)["files"]


def test_the_card_tells_the_whole_story(run: Distillation) -> None:
    text = (run.checkpoint.path / "README.md").read_text()
    for line in (
        "| sampled | 100 |",
        "| rejected: wrong_answer | 39 |",
        "| unknown: timeout | 1 |",
        "| accepted | 60 |",
        "| left out: near_duplicate | 5 |",
        "| selected, of 30 problems | 55 |",
        "7 steps on 50 rows, mean loss 0.2500 nats per token.",
        "Left out as too_long: 5.",
        "| settings.learning_rate | 0.004 |",
        "| tokens of a row | 9 to 128, median 40, 95 % up to 120 |",
        "| rows of up to 128 tokens | 10 |",
        "| peak memory of one GPU | 1.5 GiB | none: it ran on the CPU |",
        "| tokens of all steps | 1,000 | 9 |",
        "answer after it, in `\\boxed{}`.",
        "- Trained on problems from chain_sum; other domains were not tried.",
        "- Training rows hold at most 256 tokens, prompt included.",
        f"Made from the dataset `{run.dataset.path.name}` (fingerprint `{run.dataset.artifact.fingerprint}`)",
    ):
        assert line in text
    assert "| gguf_q8_0 | method: GGUF Q8_0; norms and biases: float32 |" in text
    assert "double quantization: yes; compute dtype: bfloat16" in text
    assert "{{" not in text


def test_the_checkpoint_loads_in_the_students_type(run: Distillation) -> None:
    assert str(AutoModelForCausalLM.from_pretrained(run.checkpoint.path, dtype="auto").dtype) == "torch.bfloat16"


SFT = "{max_length: 256, settings: {learning_rate: 0.001}"


@pytest.mark.parametrize(
    ("training", "fits"),
    [
        (f"[{SFT}}}]", False),
        (f"[{SFT}, lora: {{}}}}]", True),
        (f"[{SFT}, name: a}}, {SFT}, name: b, lora: {{}}}}]", False),  # on a, which is published by nobody
        (f"[{SFT}, name: a}}, {SFT}, name: b, lora: {{}}, start: base}}]", True),
    ],
)
def test_an_adapter_is_published_for_the_base(training: str, fits: bool) -> None:
    overrides = [f"training={training}", "publishing.formats=[adapter]"]
    if fits:
        assert load_config(ROOT / "configs/demo/tiny.yaml", overrides).publishing.formats == ["adapter"]
    else:
        with pytest.raises(ConfigError, match="adapter needs a last training stage that has lora"):
            load_config(ROOT / "configs/demo/tiny.yaml", overrides)


def test_a_format_is_listed_once() -> None:
    with pytest.raises(ConfigError, match="nf4: listed twice"):
        load_config(ROOT / "configs/demo/tiny.yaml", ["publishing.formats=[nf4,nf4]"])
    assert not Publishing().formats


@pytest.mark.parametrize("text", ["config", "text_config"])
def test_experts_that_would_stay_in_16_bits_are_refused_before_any_work(text: str, tmp_path: Path) -> None:
    def check(*overrides: str) -> None:
        given = ["student.scratch=null", f"student.path={tmp_path}", *overrides]
        check_experts(load_config(ROOT / "configs/demo/tiny.yaml", given))

    full = "evaluation.models={student: [full], other: {path: owner/name, precisions: [full, nf4]}}"
    for dense in (0, 1):
        write_json(tmp_path / "config.json", {"num_experts": dense, "text_config": None})
        check("publishing.formats=[nf4]")
    write_json(tmp_path / "config.json", {text: {"num_experts": 8}} if text == "text_config" else {"num_experts": 8})
    check(full, "publishing.formats=[gguf_q8_0]")
    with pytest.raises(InputError, match=r"a mixture of experts, .*; remove int8, nf4 from evaluation\.models and"):
        check("evaluation.models={base: [full], student: [full, nf4]}", "publishing.formats=[int8]")


def test_a_student_that_gguf_cannot_hold_is_refused_before_any_work(tmp_path: Path) -> None:
    student = make_student(tmp_path / "student")
    given = [f"student.path={student}", "student.scratch=null"]
    for formats, model_type, refused in (
        ("[gguf_f16]", "gemma3", "architecture gemma3 cannot be exported to GGUF"),
        ("[nf4]", "gemma3", None),
        ("[gguf_f16]", "qwen3", None),
    ):
        config = json.loads((student / "config.json").read_text()) | {"model_type": model_type}
        (student / "config.json").write_text(json.dumps(config))
        declared = load_config(ROOT / "configs/demo/tiny.yaml", [*given, f"publishing.formats={formats}"])
        if refused:
            with pytest.raises(InputError, match=refused):
                check_formats(declared)
        else:
            check_formats(declared)
    tree = json.loads((student / "tokenizer.json").read_text())
    (student / "tokenizer.json").write_text(json.dumps(tree | {"model": {"type": "Unigram"}}))
    with pytest.raises(InputError, match="it is Unigram, not BPE"):
        check_formats(load_config(ROOT / "configs/demo/tiny.yaml", [*given, "publishing.formats=[gguf_f16]"]))


def learned_from(tmp_path: Path, training: str) -> list[str]:
    """The stages of the datasets on whose rows a student was trained, as its card tells."""
    config = load_config(ROOT / "configs/demo/tiny.yaml", [f"run_dir={tmp_path}", f"training={training}"])
    return [rows.name for rows in rows_of(plan_distillation(config).checkpoint)]


def test_a_student_is_told_to_have_learned_from_what_it_was_trained_on(tmp_path: Path) -> None:
    """A run selects the teacher's traces even where its student learns from something else."""
    rows = tmp_path / "rows.jsonl"
    rows.write_text("{}")
    sft, grpo = "{max_length: 256}", "{method: grpo, max_length: 256, settings: {max_completion_length: 64}}"
    foreign = f"{{max_length: 256, data: [{{path: {rows}}}]}}"
    own = "{name: own, start: base, max_length: 256, data: [{from: {sample: sft, n: 2}}]}"
    assert learned_from(tmp_path, f"[{sft}]") == ["select"]
    assert learned_from(tmp_path, f"[{grpo}]") == []
    assert learned_from(tmp_path, f"[{foreign}]") == ["rows"]
    assert learned_from(tmp_path, f"[{sft}, {grpo}]") == ["select"]
    assert learned_from(tmp_path, f"[{sft}, {own}]") == ["select-own"], "its rows are those of another model"
