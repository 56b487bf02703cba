"""Samples as lm-eval recorded them, and a run that drew the same."""

import json
from pathlib import Path
from typing import Any

from conftest import ROOT, make_trace
from evaluated_makers import STUDENT, judged, scored

from eval.comparing.evaluated_run import read_runs
from eval.lm_eval.task import Task, task_of
from records.rows import Artifact, Trace, Verdict

RECORDED = ROOT / "tests" / "eval" / "lm_eval_recorded" / "samples.jsonl"
"""Six lines that lm-eval 0.4.13 wrote for the demo's student, three right and three wrong."""


def recorded() -> list[dict[str, Any]]:
    return [json.loads(line) for line in RECORDED.read_text().splitlines()]


def traces(**changed: str) -> list[Trace]:
    """What the run recorded for the same problems: as lm-eval, except for the changed answers, by their reference."""
    rows = []
    for row in recorded():
        right, doc = row["exact_match"] == 1, row["doc"]
        answer = changed.get(doc["reference"], row["resps"][0][0])
        verdict = Verdict("math", "1", "pass" if right and doc["reference"] not in changed else "fail")
        rows.append(make_trace(prompt=doc["prompt"], reference=doc["reference"], answer=answer, verdicts=[verdict]))
    return rows


def task_for(folder: Path, rows: list[Trace], weights: tuple[Artifact, ...] = (), **settings: Any) -> Task:
    scored(folder, {STUDENT: judged(folder, "sums-student-full", rows, weights=weights, **settings)}, "sums")
    return task_of(read_runs([folder])[0], "sums", STUDENT)


def drawn(folder: Path, model: Path, questions: list[str], max_tokens: int) -> list[str]:
    """Make a model of random weights so large that every question gets another answer. Return what it answers greedily,
    one question after the other."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer, loaded = AutoTokenizer.from_pretrained(model), AutoModelForCausalLM.from_pretrained(model)
    torch.manual_seed(0)
    for parameter in loaded.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.3)
    loaded.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    answers = []
    for question in questions:
        turns = [{"role": "user", "content": question}]
        tokens = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_tensors="pt", return_dict=True)
        made = loaded.generate(**tokens, do_sample=False, max_new_tokens=max_tokens)
        answers.append(tokenizer.decode(made[0, tokens["input_ids"].shape[1] :], skip_special_tokens=True))
    return answers
