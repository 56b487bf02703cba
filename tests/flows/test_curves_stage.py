"""The curves of a run come from the judged answers of each model: of samples, under budgets, and of cascades."""

import json
from dataclasses import replace
from pathlib import Path

from conftest import ROOT
from report_makers import judged_trace, write_judged

from configs.load import load_config
from flows.distill import plan_distillation
from flows.stages.curves import Cascade, MeasureCurves
from records.files import CURVES
from records.rows import Variant

TINY = ROOT / "configs" / "demo" / "tiny.yaml"
BUDGETS = {"20": 5, "40": 9, "": 30}
"""Reasoning tokens under each budget, and without one."""


def planned(folder: Path) -> MeasureCurves:
    given = ["evaluation.n=2", "evaluation.temperature=0.7", "evaluation.budgets={think: [20, 40], answer_tokens: 64}"]
    curves = plan_distillation(load_config(TINY, [f"run_dir={folder}", *given])).curves
    assert curves is not None
    return curves


def test_every_kind_of_curve_is_built(tmp_path: Path) -> None:
    stage = planned(tmp_path)
    student, teacher = stage.sampled[1], replace(stage.sampled[0], variant=Variant("teacher", "full"))
    stage = replace(stage, sampled=(student,), cascades=(Cascade(student=student, teacher=teacher),), price=8.0)
    right = [(f"p{at}", sample, at % 3 > sample) for at in range(9) for sample in range(2)]
    for measured in (student, teacher):
        write_judged(
            measured.judged.path,
            [judged_trace(at, "pass" if one else "fail", sample_index=sample) for at, sample, one in right],
        )
    (budgeted,) = stage.budgeted
    write_judged(
        budgeted.judged.path,
        [
            replace(
                judged_trace(at, "pass" if one else "fail", sample_index=sample), budget=label, reasoning_tokens=tokens
            )
            for label, tokens in BUDGETS.items()
            for at, sample, one in right
        ],
    )
    counts = stage.build(tmp_path, progress=lambda *_, **__: None)
    found = json.loads((tmp_path / CURVES).read_text())
    assert counts.curves == len(found)
    kinds = {one["chart"] for one in found if (one["benchmark"], one["model"]) == (student.benchmark, "student")}
    assert kinds == {"thinking", "samples", "cascade", "cascade_cost"}
    (thinking,) = [one for one in found if one["chart"] == "thinking"]
    assert [point["x"] for point in thinking["points"]] == [5, 9, 30]
