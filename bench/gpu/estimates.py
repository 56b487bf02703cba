"""Sets what a case measured against what student/cost says."""

from typing import Any

from bench.gpu.cases import LORA_RANK, PROMPT_SHARE, SHAPES, Case
from student.cost.arithmetic import attended, flops_per_token, mfu, peak_flops
from student.cost.memory import estimate
from student.cost.setup import Setup
from student.cost.shape import shape_of


def setup_of(case: Case) -> Setup:
    return Setup(
        shape=shape_of(SHAPES[case.model]),
        method=case.method,
        rank=LORA_RANK,
        tokens=case.tokens,
        supervised=1 - PROMPT_SHARE,
        optimizer=case.optimizer,
        gradient_checkpointing=case.checkpointing,
        liger=case.liger,
        attention=case.attention,
        packed=case.packed,
        head="fused" if case.loop == "trl" else "logits",
    )


def compare(case: Case, row: dict[str, Any]) -> dict[str, Any]:
    """Add the rates and the estimate to a case's row. `estimate_error_percent` is of the measured peak."""
    memory = estimate(setup_of(case))
    row = row | {"estimate": memory.peak, "estimate_terms": vars(memory)}
    if row.get("peak"):
        row["estimate_error_percent"] = 100 * (memory.peak / row["peak"] - 1)
    if row.get("step_s"):
        flops = flops_per_token(shape_of(SHAPES[case.model]), attended(case.documents), case.method, LORA_RANK)
        row["tokens_per_s"] = case.tokens / row["step_s"]
        row["supervised_per_s"] = row["tokens_per_s"] * (1 - PROMPT_SHARE)
        row["flops_per_token"] = flops
        peak = peak_flops(row["device"])
        row["mfu"] = mfu(flops, row["tokens_per_s"], peak) if peak else None
    return row
