"""A training stage that samples its own model is stopped if none of the traces can be learned from."""

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT, make_trace
from evaluated_makers import judged_counts

from configs.load import load_config
from flows.distill import plan_distillation
from flows.stages.dataset import SelectTraces
from records.artifact import build_once
from records.counts import JudgingCounts
from records.errors import InputError

STAR = ROOT / "configs" / "demo" / "star.yaml"


@pytest.mark.parametrize(
    ("learner", "accepted", "min_majority", "stops"),
    [
        ("star-3", 0, None, True),
        ("star-3", 1, None, False),
        ("star-3", 0, 0.5, False),  # a majority stands for the reference
        ("", 0, None, False),  # the run's own dataset
    ],
)
def test_nothing_to_learn_from(
    learner: str, accepted: int, min_majority: float | None, stops: bool, tmp_path: Path
) -> None:
    student = plan_distillation(load_config(STAR, [f"run_dir={tmp_path}"])).student
    (dataset,) = [one for one in student.needs if isinstance(one, SelectTraces)]
    selection = dataset.selection.model_copy(update={"min_majority": min_majority})
    dataset = replace(dataset, learner=learner, selection=selection)

    def judged(_: Path) -> JudgingCounts:
        return replace(judged_counts([make_trace(), make_trace()]), accepted=accepted, rejected={})

    build_once(dataset.judged.run_dir, dataset.judged.name, dataset.judged.inputs, judged)
    if stops:
        with pytest.raises(InputError, match=r"star-3: none of the 2 traces .* \(most often none was drawn\)"):
            dataset.check_accepted()
    else:
        dataset.check_accepted()
