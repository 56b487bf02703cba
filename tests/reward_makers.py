"""Makers of small trainings of reward models on the CPU: a tiny language model, replies and labelled solutions."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from conftest import make_trace

from configs.stages import ProcessRewardStage, RewardModelStage, RewardStage
from filters.selection.pairs import select_pairs
from records.parquet import write_rows
from records.rows import Trace, Verdict
from records.schemas import TRACE
from records.step_labels import LabelledSolution
from records.training_counts import TrainingCounts
from student.data.foreign_labels import import_labels
from student.data.student_files import StudentOrigin
from student.methods.reward import train

SETTINGS: dict[str, Any] = {
    "max_steps": 4,
    "learning_rate": 1e-2,
    "per_device_train_batch_size": 2,
    "gradient_accumulation_steps": 2,
    "bf16": False,
    "save_steps": 2,
    "logging_steps": 1,
}
GIVEN: dict[str, Any] = {"max_length": 96, "dtype": "float32"}


def make_reward(settings: dict[str, Any] | None = None, **fields: Any) -> RewardStage:
    return RewardStage.model_validate({"method": "reward", **GIVEN, "settings": SETTINGS | (settings or {})} | fields)


def make_process(settings: dict[str, Any] | None = None, **fields: Any) -> ProcessRewardStage:
    data = [{"path": "made.jsonl", "form": "mr_gsm8k"}]
    given = {"method": "process_reward", **GIVEN, "data": data, "settings": SETTINGS | (settings or {})}
    return ProcessRewardStage.model_validate(given | fields)


def judged_trace(problem: str, sample: int, outcome: str, reason: str = "", **fields: Any) -> Trace:
    """A trace that its verifier gave an outcome; the right ones say so."""
    says = {"pass": "yes", "fail": "no"}.get(outcome, "maybe")
    verdicts = [Verdict("math", "1", outcome, reason, extracted=says)]
    given = {"answer": says, "reasoning": f"{sample} {says}", "prompt": problem, "sample_index": sample}
    return make_trace(**given | {"verdicts": verdicts} | fields)


def write_judged(folder: Path, traces: Sequence[Trace]) -> Path:
    folder.mkdir()
    half = len(traces) // 2
    for number, part in enumerate((traces[:half], traces[half:])):
        write_rows(folder / f"judged-{number:05}.parquet", part, TRACE)
    return folder


def write_pairs(folder: Path, problems: int = 8, single: bool = False) -> Path:
    """Two accepted and two rejected traces of each problem, and all pairs of them."""
    outcomes = ("pass", "fail", "pass", "fail")
    traces = [judged_trace(f"{at}?", sample, one) for at in range(problems) for sample, one in enumerate(outcomes)]
    judged = write_judged(folder / "judged", traces)
    select_pairs(folder, judged, single=single, most=2, seed=0)
    return folder


def write_labels(folder: Path, count: int = 12) -> Path:
    """Solutions of three steps. Every second one goes wrong at its second step."""
    folder.mkdir(exist_ok=True)
    right = ("yes.\n", "yes.\n", "\n", "yes.\n"), (1.0, 1.0, 1.0, 1.0)
    wrong = ("yes.\n", "no.\n", "\n", "no.\n"), (1.0, 0.0, None, None)
    kinds = [right, wrong]
    import_labels(folder, (LabelledSolution(f"{at}?", *kinds[at % 2], "made") for at in range(count)), "made", set())
    return folder


def fit(
    folder: Path,
    model: Path,
    data: Path,
    stage: RewardModelStage,
    progress: Callable[..., None] | None = None,
    **named: Any,
) -> TrainingCounts:
    folder.mkdir(exist_ok=True)
    tell = progress or (lambda *a, **k: None)
    return train(folder, stage, StudentOrigin(str(model)), [data], tell, device="cpu", **named)
