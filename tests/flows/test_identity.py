"""A table says which stages each config field rebuilds; a field that is missing from it fails the test."""

from fnmatch import fnmatch
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from configs.explain import models_in
from configs.load import ConfigError, load_config
from configs.schema import Config
from configs.teachers import FakeTeacher, RecordedTeacher, VllmTeacher
from flows.distill import plan_distillation
from flows.plan import Stage

SETTINGS: dict[str, Any] = {
    "learning_rate": 1e-5,
    "num_train_epochs": 3,
    "lr_scheduler_type": "cosine",
    "warmup_steps": 0.1,
    "weight_decay": 0.1,
    "max_grad_norm": 0.5,
    "neftune_noise_alpha": 5,
    "loss_type": "nll",
    "packing": False,
    "bf16": True,
    "optim": "adamw_torch",
    "dataloader_drop_last": False,
    "train_sampling_strategy": "random",
    "per_device_train_batch_size": 2,
    "gradient_accumulation_steps": 4,
    "save_steps": 100,
    "save_total_limit": 3,
    "logging_steps": 5,
    "eval_steps": 50,
    "dataloader_num_workers": 2,
    "gradient_checkpointing": True,
    "activation_offloading": False,
    "ddp_timeout": 600,
}
"""Of TRL's settings, some of each kind."""
REWARDED: dict[str, Any] = {
    "num_generations": 4,
    "max_completion_length": 300,
    "generation_batch_size": 16,
    "beta": 0.1,
    "temperature": 0.9,
    "eval_steps": 50,
    "per_device_eval_batch_size": 4,
}
"""Of the settings of GRPO, some of each kind."""
SERVED = {"kind": "server", "name": "big", "model": "m", "max_model_len": 1024}
MODEL = {"path": "owner/name", "revision": "a1"}
SAMPLED: dict[str, Any] = {
    "name": "pair",
    "teacher": {"kind": "vllm", "name": "big", "max_model_len": 1024, **MODEL},
    "student": {
        "name": "small",
        "max_model_len": 1024,
        "positions": {"max_position_embeddings": 4096},
        **MODEL,
    },
    "problems": [
        {"kind": "file", "path": "hf://owner/problems"},
        {"kind": "file", "path": "hf://owner/quiz", "verifier": "choice", "options": {"columns": "choices"}},
    ],
    "benchmarks": {"held_out": {"sources": [{"kind": "reasoning_gym", "task": "chain_sum", "size": 3}]}},
    "sampling": {"accept": 2, "max_n": 8, "max_tokens": 512, "second_chances": [{"max_n": 2}]},
    "judging": {"equations": {"max_false_steps": 1}},
    "scorers": {
        "prm": {"kind": "process", **MODEL},
        "orm": {"kind": "outcome", **MODEL},
        "exact": {"kind": "equations"},
    },
    "selection": {"scorer": "prm", "order": "score"},
    "training": [
        {"max_length": 512, "held_out": 0.1, "data": [{"from": "traces"}], "lora": {"r": 4}, "settings": SETTINGS}
    ],
    "evaluation": {
        "max_tokens": 500,
        "temperature": 0.5,
        "n": 2,
        "rerank": ["orm", "exact"],
        "models": {"base": {"precisions": ["full"]}, "student": {"precisions": ["full", "int8", "nf4"]}},
        "gate": {"beats_base": True, "quantized_within": {"nf4": 2.0}},
        "cross_check": {"problems": 2},
    },
    "publishing": {"formats": ["adapter", "nf4", "gguf_q8_0"]},
}
SCRATCH = {
    "solutions": "bare",
    "architecture": {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "vocab_size": 300,
    },
    "problems": [{"kind": "reasoning_gym", "task": "chain_sum", "size": 3}],
    "training": {"max_length": 512, "held_out": 0.1, "settings": SETTINGS},
}
SEARCHES = ("best_of_n", "beam", "dvts", "mcts")
DISTILLED: dict[str, Any] = {
    "method": "distill",
    "max_length": 1024,
    "lora": {"r": 4},
    "settings": {"beta": 0.5, "vllm_server_timeout": 240.0},
}
KINDS: dict[str, dict[str, Any]] = {
    "vllm": SAMPLED,
    "fake": SAMPLED | {"teacher": {"kind": "fake"}},
    "server": SAMPLED | {"teacher": SERVED | {"base_urls": ["http://a/v1"]}},
    "serve": SAMPLED
    | {
        "teacher": {
            "kind": "server",
            "name": "big",
            "model": "m",
            "max_model_len": 1024,
            "serve": {"path": "owner/name"},
        }
    },
    "recorded": {key: value for key, value in SAMPLED.items() if key not in ("problems", "sampling")}
    | {"teacher": {"kind": "recorded", "name": "big", "files": [{"path": "hf://owner/traces", "columns": {}}]}},
    "scratch": SAMPLED
    | {
        "student": {
            "name": "small",
            "max_model_len": 1024,
            "scratch": SCRATCH,
            "reasoning": {"no_think_share": 0.5},
        }
    },
    "others": SAMPLED
    | {
        "evaluation": {
            "max_tokens": 500,
            "mix_runtimes": True,
            "models": {
                "base": ["full"],
                "student": ["full", "nf4"],
                "other": {
                    "path": "owner/other",
                    "revision": "c1",
                    "precisions": ["full", "nf4"],
                    "dtype": "bfloat16",
                    "max_model_len": 800,
                    "template": "chatml",
                    "prompt": {"user": "{problem}!"},
                    "thinks": False,
                    "engine": {},
                },
            },
        }
    },
    "grpo": SAMPLED
    | {
        "training": [
            {
                "method": "grpo",
                "max_length": 900,
                "held_out": 0.1,
                "lora": {"r": 4},
                "prompts": {"pass_rate": [0.1, 0.9]},
                "settings": REWARDED,
            }
        ]
    },
    "own": SAMPLED
    | {
        "training": [
            {"max_length": 512, "data": [{"from": {"sample": "base", "accept": 2, "max_n": 3}}], "lora": {"r": 4}}
        ]
    },
    "rounds": SAMPLED
    | {
        "publishing": {"formats": []},
        "training": [
            {
                "max_length": 512,
                "data": [{"from": {"sample": "previous", "n": 2}}],
                "rounds": {"most": 2, "benchmark": "held_out"},
            }
        ],
    },
    "rows": SAMPLED
    | {"training": [{"max_length": 512, "held_out": 0.1, "data": [{"path": "hf://owner/rows"}], "lora": {"r": 4}}]},
    "on_policy": SAMPLED | {"training": [DISTILLED | {"teacher": {"path": "owner/wise", "revision": "d1"}}]},
    "judged": SAMPLED
    | {
        "second_opinion": {
            "judge": {"kind": "fake_judge"},
            "sampling": {"max_tokens": 200},
            "rubric": {"name": "own", "version": "1", "prompt": "{problem} {answer}"},
            "accept": True,
        },
        "scorers": {
            "wise": {
                "kind": "step_judge",
                "judge": {"kind": "fake_judge"},
                "sampling": {"max_tokens": 200},
                "rubric": {"name": "own", "version": "1", "kind": "steps", "prompt": "{problem} {steps}"},
            }
        },
        "selection": {"scorer": "wise", "order": "score"},
        "evaluation": {key: value for key, value in SAMPLED["evaluation"].items() if key != "rerank"},
    },
    "rewarded": SAMPLED
    | {
        "training": [
            {
                "method": "reward",
                "max_length": 512,
                "labels": "single",
                "data": [{"from": "traces"}],
            },
            {"max_length": 512, "lora": {"r": 4}},
        ]
    },
    "compared": SAMPLED
    | {
        "training": [
            {"method": "reward", "max_length": 512, "data": [{"path": "hf://owner/pairs"}]},
            {"max_length": 512, "lora": {"r": 4}},
        ]
    },
    "rolled_out": SAMPLED
    | {
        "training": [
            {"method": "process_reward", "max_length": 512, "data": [{"from": "rollouts"}]},
            {"max_length": 512, "lora": {"r": 4}},
        ]
    },
    "labelled": SAMPLED
    | {
        "training": [
            {"method": "process_reward", "max_length": 512, "data": [{"path": "hf://owner/steps", "form": "prm800k"}]},
            {"max_length": 512, "lora": {"r": 4}},
        ]
    },
    "stored": SAMPLED
    | {
        "sampling": {"n": 2, "max_tokens": 512, "logprobs": 5},
        "training": [DISTILLED | {"source": "stored", "nll_weight": 0.5, "settings": {}}],
    },
    **{
        kind: SAMPLED
        | {
            "sampling": SAMPLED["sampling"] | {"search": {"kind": kind, "scorer": "prm"}},
            "evaluation": SAMPLED["evaluation"] | {"search": [{"kind": kind, "scorer": "prm"}]},
        }
        for kind in SEARCHES
    },
}
"""By what of them is looked at; every other field is looked at in `vllm`."""

SHAPES_NOTHING = (
    *("save_steps", "save_total_limit", "logging_steps", "eval_steps", "dataloader_num_workers"),
    *("gradient_checkpointing", "activation_offloading", "ddp_timeout"),
)
"""Of the settings above, those that say how often is told and saved, and how memory and time are spent."""
TEACHER, STUDENT = {"sample"}, {"eval", "eval-check", "eval-search"}
OWN_SAMPLES = {"sample-", "judge-", "select-"}
"""The stages that make a dataset of what a model of the run samples."""
JUDGED = {"sample", "judge", "eval-judge"}
# Patterns of fields, and the stages whose own identity they are part of. The first that fits counts.
FIELDS: list[tuple[str, set[str]]] = [
    ("name", {"publish", "report", "export"}),  # a GGUF file is named after the run
    ("run_dir", set()),
    ("distribution.*", set()),
    # What runs where, how fast, and what it costs.
    ("*.engine.*", set()),
    ("*.latency_s", set()),
    ("*.in_flight", set()),
    ("teacher.base_urls", set()),
    ("teacher.api_key_env", set()),
    ("teacher.max_in_flight", set()),
    ("teacher.stream", set()),
    ("teacher.*timeout_s", set()),
    ("teacher.retries", set()),
    ("teacher.max_reply_mib", set()),
    ("teacher.*backoff_s", set()),
    ("teacher.serve.gpus", set()),
    ("teacher.serve.first_port", set()),
    ("teacher.serve.*", TEACHER),
    ("teacher.name", {"sample", "select", "publish"}),
    ("teacher.*", TEACHER),
    # Weights are identified by content or pinned name, by all who read them.
    ("student.path", {"train", *STUDENT, "publish", "export"}),  # the adapter names its base
    ("student.revision", {"train", *STUDENT}),
    ("student.name", {*STUDENT, "publish", "export"}),
    # Weights are saved and exported in the type in which they are evaluated.
    ("student.dtype", {"train", "quantize", *STUDENT, "reference", "export", "publish"}),
    ("student.prompt.*", {*STUDENT, "select", "base"}),
    ("student.template", {"train", *STUDENT}),
    ("student.reasoning*", {"train"}),
    ("student.positions.max_position_embeddings", {"train", *STUDENT}),
    *((f"student.scratch.training.settings.{name}", set()) for name in SHAPES_NOTHING),
    ("student.scratch.*", {"base"}),
    ("student.*", STUDENT),
    ("problems.*", {"problems"}),
    ("benchmarks.held_out.sources.*", {"benchmark"}),
    ("benchmarks.*", STUDENT),  # its own sampling settings and prompt
    ("sampling.shard_size", set()),
    ("sampling.seed", {"problems", "sample"}),  # it orders the problems, too
    ("sampling.speculate", set()),
    ("sampling.price.*", set()),
    ("sampling.reuse", set()),
    ("sampling.logprobs", {"sample", "select"}),  # the dataset has a column more
    ("sampling.second_chances.0.hint", {"sample", "judge"}),
    ("sampling.*", TEACHER),
    ("judging.workers", set()),
    # A measured answer is right or wrong: what would make a bad training row is no fault there.
    ("judging.require_box", {"sample", "judge"}),
    ("judging.min_tokens", {"sample", "judge"}),
    ("judging.max_tokens", {"sample", "judge"}),
    ("judging.repetition*", {"sample", "judge"}),
    ("judging.language*", {"sample", "judge"}),
    ("judging.reject_refusals", {"sample", "judge"}),
    ("judging.equations*", {"sample", "judge"}),
    ("judging.*", JUDGED),
    # What is asked, how often, and what is made of the replies.
    ("second_opinion.sampling.shard_size", set()),
    ("second_opinion.sampling.price.*", set()),
    ("second_opinion.sampling.n", {"opinion-replies", "second-opinion"}),
    ("second_opinion.sampling.*", {"opinion-replies"}),
    ("second_opinion.judge.*", {"opinion-replies"}),
    ("second_opinion.rubric.prompt", {"opinion-questions"}),
    ("second_opinion.rubric.*", {"second-opinion"}),
    ("second_opinion.accept", {"second-opinion", "select"}),  # the selection needs it
    ("second_opinion.min_kappa", {"second-opinion"}),
    ("second_opinion.*", {"opinion-questions"}),
    ("scorers.wise.sampling.shard_size", set()),
    ("scorers.wise.sampling.price.*", set()),
    ("scorers.wise.aggregate", {"select"}),
    ("scorers.wise.*", {"score-traces"}),  # its questions, replies and scores
    ("scorers.*.batch_tokens", set()),
    ("scorers.*.vllm.*", set()),
    ("scorers.prm.aggregate", {"select"}),
    ("scorers.exact.aggregate", {"curves"}),
    ("scorers.prm.*", {"score-traces"}),
    ("scorers.orm.*", {"eval-scores"}),
    ("selection.scorer", {"score-traces", "select"}),
    ("selection.*", {"select"}),
    *((f"training.0.settings.{name}", set()) for name in SHAPES_NOTHING),
    ("training.0.settings.vllm_server*", set()),
    ("training.0.name", set()),
    ("training.0.start", set()),  # of the first stage: the base either way
    ("training.0.settings.per_device_eval_batch_size", set()),
    ("training.0.prompts.order", {"train"}),
    ("grpo:training.0.prompts.*", {"prompts"}),
    (
        "training.0.rounds.most",
        {*OWN_SAMPLES, "train", "eval", "eval-judge", "round-check", "score", "score-traces", "report"},
    ),
    ("training.0.rounds.benchmark", set()),  # the first one either way
    ("training.0.data.0.from.sample", set()),  # before the first stage: the base either way
    ("training.0.data.0.from.selection", {"select-"}),
    ("training.0.data.0.from.problems", {"problems-"}),
    ("training.0.data.0.from.*", {"sample-"}),
    ("training.0.data.0.weight", {"train"}),
    ("training.0.data.0.epochs", {"train"}),
    ("training.0.data.0.max_per_problem", {"pairs", "step-labels"}),
    *((f"training.0.data.0.{name}", {"step-labels"}) for name in ("search", "n", "temperature", "top_p", "max_tokens")),
    ("training.0.data.0.form", {"labels"}),
    ("training.0.data.*", {"rows", "pairs-imported", "labels", "step-labels"}),
    ("training.0.labels", {"pairs", "train"}),
    ("training.*", {"train"}),
    ("launch.*", set()),
    ("evaluation.shard_size", set()),
    ("evaluation.stages", set()),  # there is one stage, and it makes the student
    ("evaluation.require_box", {"eval-judge", "score"}),  # with it nothing is read leniently
    ("evaluation.extraction", {"eval-judge", "score"}),
    ("evaluation.tolerance.*", {"score"}),
    ("evaluation.gate.*", set()),  # what it says is an exit status
    ("evaluation.mix_runtimes", {"score"}),
    ("evaluation.cross_check.problems", {"check"}),
    ("evaluation.cross_check.batch_size", {"eval-check"}),
    ("evaluation.models.*.precisions", {"score", "curves"}),
    *((f"evaluation.models.other.{name}", {"quantize", *STUDENT}) for name in ("path", "revision", "dtype")),
    ("evaluation.models.other.*", STUDENT),
    ("evaluation.rerank", {"eval-scores", "curves"}),
    ("evaluation.search", {"eval-search", "eval-judge", "curves"}),  # the rerankers have the scores already
    ("evaluation.search.0.scorer", {"eval-search", "eval-scores", "curves"}),
    *((f"evaluation.search.0.{name}", {"eval-search", "curves"}) for name in ("aggregate", "width", "simulations")),
    ("evaluation.search.0.*", {"eval-search"}),
    ("evaluation.n", {"eval", "eval-check"}),  # a search finds one trace of a problem
    ("evaluation.budgets.think", {"budgets", "budgets-judge", "curves"}),  # they are further stages
    ("evaluation.budgets.wait", {"budgets", "budgets-judge", "curves"}),
    ("evaluation.budgets.*", set()),  # without budgets and a teacher that is measured they say nothing
    ("evaluation.max_tokens", {*STUDENT, "publish"}),
    ("evaluation.*", STUDENT),
    ("publishing.formats", {"export", "reference", "publish"}),  # the publication needs fewer of them
    ("publishing.check.min_agreement", set()),  # what is refused has no artifact
    ("publishing.check.*", {"reference"}),
    ("publishing.*", {"publish"}),
]
# New values for fields that are null, a choice or a collection, and for those that only go with another.
CHANGES: dict[str, Any] = {
    "benchmarks.held_out.max_tokens": 400,
    "benchmarks.held_out.n": 3,
    "benchmarks.held_out.sources.0.settings": {"max_terms": 3},
    "benchmarks.held_out.temperature": 0.7,
    "benchmarks.held_out.top_k": 9,
    "benchmarks.held_out.top_p": 0.9,
    "benchmarks.held_out.user": "{problem}!",
    "distribution.address": ("distribution.runner=ray", "distribution.address=auto"),
    "distribution.runner": "ray",
    "evaluation.extraction": "strict",
    "evaluation.gate.quantized_within": {"nf4": 3.0},
    "evaluation.models.base.precisions": ["full", "nf4"],
    "evaluation.models.student.precisions": (
        "evaluation.models.student.precisions=[full]",
        "evaluation.gate.quantized_within={}",
    ),
    "evaluation.models.other.precisions": ["full"],
    "evaluation.models.other.dtype": "float16",
    "evaluation.models.other.prompt.system": "Think.",
    "evaluation.models.other.prompt.chat_template_kwargs": {"enable_thinking": True},
    "evaluation.models.other.prompt.reasoning_format": "thought",
    "evaluation.models.other.template": "llama3",
    "evaluation.budgets.think": ("evaluation.budgets.think=[100]", "evaluation.budgets.answer_tokens=300"),
    "evaluation.budgets.wait": ("evaluation.budgets.wait=1", "evaluation.budgets.answer_tokens=300"),
    "evaluation.budgets.teacher_price": 8.0,
    "evaluation.rerank": ["exact"],
    "evaluation.search": [{"kind": "best_of_n", "scorer": "orm"}],
    "evaluation.search.0.aggregate": "last",
    "evaluation.search.0.expand": 8,
    "evaluation.search.0.scorer": "exact",
    "evaluation.search.0.stop": ["\n"],
    "evaluation.search.0.width": 20,
    "judging.language.expected": ["de"],
    "judging.language.reasoning": ["zh"],
    "judging.max_tokens": 100,
    "judging.min_tokens": 3,
    "problems.0.columns.date": "day",
    "problems.0.files": ["a.jsonl"],
    "problems.0.format": ("problems.0.format=livecodebench", "problems.0.verifier=code"),
    "problems.0.from": ("problems.0.from=2024-08-01", "problems.0.columns.date=day"),
    "problems.0.limit": 5,
    "problems.0.options": ("problems.0.options={columns: choices}", "problems.0.verifier=choice"),
    "problems.0.reference_after": "####",
    "problems.0.template": "{problem}!",
    "problems.0.until": ("problems.0.until=2024-08-01", "problems.0.columns.date=day"),
    "problems.0.revision": "b2",
    "problems.0.source": "other",
    "problems.0.subset": "sub",
    "problems.0.columns.extra": {"options": "choices"},
    "problems.0.columns.reference": "gold",
    "problems.0.verifier": "choice",
    "publishing.formats": [],
    "publishing.teacher_license": "mit",
    "sampling.budget.hours": 1,
    "sampling.budget.money": ("sampling.budget.money=1", "sampling.price.per_hour=1"),
    "sampling.budget.tokens": 1000,
    "sampling.logprobs": 10,
    "sampling.reuse": [],
    "sampling.second_chances.0.accept": 2,
    "sampling.second_chances.0.continue_truncated": True,
    "sampling.second_chances.0.hint": "default",
    "sampling.second_chances.0.max_tokens": 600,
    "sampling.second_chances.0.prompt": "r1",
    "sampling.second_chances.0.temperature": 0.9,
    "sampling.second_chances.0.thinking_tokens": 9,
    "sampling.second_chances.0.top_k": 9,
    "sampling.second_chances.0.top_p": 0.9,
    "sampling.thinking_tokens": 100,
    "sampling.search": {"kind": "best_of_n", "scorer": "exact"},
    "sampling.search.aggregate": "last",
    "sampling.search.expand": 8,
    "sampling.search.scorer": "exact",
    "sampling.search.stop": ["\n"],
    "sampling.search.width": 20,
    **{
        f"{place}.{name}": change if not isinstance(change, tuple) else tuple(f"{place}.{one}" for one in change)
        for place in ("second_opinion", "scorers.wise")
        for name, change in {
            "judge.spread": [1, 2],
            "rubric.fails": ["bad"],
            "rubric.passes": ["good"],
            "rubric.read": "json",
            "sampling.budget.hours": 1,
            "sampling.budget.money": ("sampling.budget.money=1", "sampling.price.per_hour=1"),
            "sampling.budget.tokens": 1000,
            "sampling.thinking_tokens": 100,
        }.items()
    },
    "second_opinion.over": ["timeout"],
    "second_opinion.rubric.prompt": "{problem} {reference} {answer}",
    "scorers.wise.aggregate": "last",
    "scorers.wise.rubric.prompt": "{problem}: {steps}",
    "scorers.exact.aggregate": "min",
    "scorers.orm.engine": "vllm",
    "scorers.prm.engine": "vllm",
    "scorers.orm.max_length": 512,
    "scorers.prm.aggregate": "last",
    "scorers.prm.form": "skywork",
    "scorers.prm.max_length": 512,
    "selection.aggregate": "product",
    "selection.min_score": 0.5,
    "selection.scorer": "exact",
    "selection.max_pass_rate": 0.9,
    "selection.max_per_source": 9,
    "selection.min_majority": 0.5,
    "selection.min_pass_rate": 0.1,
    "selection.near_duplicate_prompts": {},
    "selection.order": ("selection.order=random", "selection.min_score=0.5"),
    "student.dtype": "float16",
    "student.max_model_len": 2048,
    "student.prompt.system": "Think.",
    "student.scratch.architecture.head_dim": 24,
    "student.scratch.problems.0.settings": {"max_terms": 3},
    "student.scratch.problems.0.verifier": "math",
    "student.scratch.solutions": "worked",
    "student.scratch.tokenizer": "teacher",
    "student.reasoning": {"no_think_share": 0.2},
    "student.template": "chatml",
    "teacher.api_key_env": "A_KEY",
    "teacher.base_urls": ["http://b/v1"],
    "teacher.extra_body": {"x": 1},
    "teacher.max_model_len": 2048,
    "teacher.prompt.chat_template_kwargs": {"enable_thinking": True},
    "teacher.prompt.reasoning_format": "thought",
    "teacher.prompt.system": "Think.",
    "teacher.template": "chatml",
    "teacher.tokenizer": "owner/name",
    "teacher.serve.arguments": {"swap-space": 1},
    "teacher.serve.first_port": 8000,
    "teacher.serve.gpus": [[1]],
    "teacher.spread": [1, 2],
    **{
        f"{place}.{name}": change if not isinstance(change, tuple) else tuple(f"{place}.{one}" for one in change)
        for place in ("training.0", "student.scratch.training")
        for name, change in {
            "lora": {"r": 8},
            "quantize": ("lora={r: 8}", "quantize=nf4"),
            "patience": 2,
            "held_out": 0.2,
        }.items()
    },
    "training.0.data.0.columns.problem_id": "id",
    "training.0.data.0.from.max_tokens": 300,
    "training.0.data.0.from.problems": [{"kind": "reasoning_gym", "task": "chain_sum", "size": 5}],
    "training.0.data.0.from.sample": "previous",
    "training.0.data.0.from.second_chances": [{"max_n": 2}],
    "training.0.data.0.from.selection": {"max_per_problem": 2},
    "training.0.data.0.from.temperature": 0.9,
    "training.0.data.0.from.thinking_tokens": 9,
    "training.0.data.0.from.top_k": 9,
    "training.0.data.0.from.top_p": 0.9,
    "training.0.rounds.benchmark": None,
    "training.0.data.0.epochs": 2,
    "training.0.data.0.limit": 5,
    "training.0.data.0.revision": "b2",
    "training.0.data.0.subset": "sub",
    "training.0.data.0.weight": 0.5,
    "training.0.data.0.files": ["a.jsonl"],
    "training.0.data.0.form": "math_aps",
    "training.0.data.0.max_tokens": 400,
    "training.0.data.0.search": "binary",
    "training.0.labels": {"single": "pairs", "pairs": "single", "soft": "hard"},
    "training.0.start": "base",
    "training.0.align": "gold",
    "training.0.prompts.pass_rate": [0.2, 0.9],
    "training.0.prompts.limit": 9,
    "training.0.prompts.order": "easy_first",
    "training.0.teacher.revision": "d2",
    "training.0.teacher.server": "http://a:8000",
    "launch.device": "cpu",
    "launch.shard": "ddp",
    "launch.processes": ("launch.processes=2", "launch.shard=ddp"),
    "launch.nodes": ("launch.nodes=2", "launch.rendezvous=a:29500", "launch.shard=ddp"),
    "launch.rendezvous": ("launch.nodes=2", "launch.rendezvous=a:29500", "launch.shard=ddp"),
    "judging.decontamination.ngram": 12,
    "teacher.files.0.revision": "b2",
    "teacher.serve.revision": "b2",
    "teacher.files.0.columns.completion": "other",
    "teacher.files.0.columns.reasoning": "other",
    "teacher.files.0.columns.answer": "other",
    "teacher.files.0.columns.completion_tokens": "other",
    "teacher.files.0.columns.finish_reason": "other",
    "teacher.files.0.columns.teacher": "other",
    "teacher.files.0.files": ["a.jsonl"],
    "teacher.files.0.limit": 5,
    "teacher.files.0.source": "other",
    "teacher.files.0.subset": "sub",
    "teacher.files.0.verifier": "choice",
    "teacher.files.0.columns.reference": "gold",
    "teacher.files.0.columns.extra": {"options": "choices"},
}
CHOICES = {
    "auto": "float32",
    "bfloat16": "float32",
    "math": "choice",
    "reasoning_gym": "math",
    "cosine": "linear",
    "nll": "dft",
    "random": "sequential",
    "sdpa": "eager",
    "chain_sum": "basic_arithmetic",
}
UNTRIED = {
    # A stage of the run; see tests/flows/test_reward_stage.py.
    *("training.0.data.0.model", "training.0.data.0.traces"),
    *("training.0.data.0.from", "training.0.prompts.from"),  # what others there are is tried by kinds of their own
    *("training.0.method", "training.0.source"),  # other fields go with other values; see below
    "training.0.data.0.from.n",  # not with accept
    "student.positions.rope_theta",  # not with an adapter; see below
    *("student.engine.tensor_parallel_size", "evaluation.models.other.engine.tensor_parallel_size"),  # not quantized
    *("second_opinion", "second_opinion.judge.kind", "second_opinion.rubric.kind"),
    *("scorers.wise.kind", "scorers.wise.judge.kind", "scorers.wise.rubric.kind"),
    *("scorers.exact.kind", "scorers.orm.kind", "scorers.prm.kind", "scorers.orm.aggregate"),
    *(
        "sampling.n",
        "sampling.search.kind",
        "evaluation.search.0.kind",
        "student.prompt.chat_template_kwargs",
        "student.prompt.reasoning_format",
        "teacher.kind",
    ),
}
LOOKED_AT: dict[str, str | tuple[str, ...]] = {
    "scratch": "student.",
    "rows": "training.0.data.",
    "grpo": "training.0.",
    "others": "evaluation.models.other.",
    "judged": ("second_opinion.", "scorers.wise."),
    "on_policy": (
        "training.0.settings.",
        "training.0.prompts.",
        "training.0.teacher.",
        "training.0.align",
        "training.0.source",
    ),
    "stored": "training.0.nll_weight",
    "rewarded": ("training.0.labels", "training.0.data.0.max_per_problem"),
    "compared": "training.0.data.",
    "rolled_out": "training.0.data.",
    "labelled": ("training.0.labels", "training.0.data."),
    "own": "training.0.data.0.from.",
    "rounds": "training.0.rounds.",
}
LOOKED_AT |= dict.fromkeys(SEARCHES, ("sampling.search.", "evaluation.search."))
"""The fields that a kind is there for; those of the teacher unless it is listed."""
OF_RUNNING_SERVERS = {"teacher.model", "teacher.base_urls", "teacher.api_key_env"}
"""What servers started here do not have, or what we name ourselves."""
EXCLUSIVE = {
    *(
        "training.0.data.0.path",
        "training.0.rounds",
        "teacher.serve",
        "teacher.scratch",
        "student.scratch",
        "student.path",
        "student.revision",
        "student.positions",
    ),
    *("scorers.orm.from", "scorers.prm.from"),
    *("benchmarks.held_out.sources.0.kind", "problems.0.kind", "student.scratch.problems.0.kind"),
    *(
        f"evaluation.models.{model}.{name}"
        for model in ("base", "student")
        for name in ("path", "revision", "dtype", "max_model_len", "template", "prompt", "thinks", "engine")
    ),
}
"""One of several forms, which another kind of config tries."""


def leaves(section: BaseModel, prefix: str = "") -> dict[str, Any]:
    """Every field below a section that holds no section itself, by its dotted path."""
    found: dict[str, Any] = {}
    for name, field in type(section).model_fields.items():
        found |= leaves_of(getattr(section, name), f"{prefix}{field.alias or name}")
    return found


def leaves_of(value: Any, path: str) -> dict[str, Any]:
    if isinstance(value, BaseModel):
        return leaves(value, f"{path}.")
    if isinstance(value, list | tuple) and value and isinstance(value[0], BaseModel):
        return leaves(value[0], f"{path}.0.")
    if isinstance(value, dict) and path == "benchmarks":
        return leaves_of(value["held_out"], f"{path}.held_out")
    if isinstance(value, dict) and path in ("evaluation.models", "scorers"):
        return {at: leaf for name, one in value.items() for at, leaf in leaves_of(one, f"{path}.{name}").items()}
    if isinstance(value, dict) and path.endswith(("training.settings", "training.0.settings")):
        return {f"{path}.{name}": setting for name, setting in value.items()}
    return {path: value}


def test_the_table_knows_every_field() -> None:
    unknown = {path for kind, path in cases() if rule_of(kind, path) is None}
    assert not unknown
    used = {rule_of(kind, path) for kind, path in cases()}
    assert {pattern for pattern, _ in FIELDS} - used == set(), "a rule that fits no field"
    assert CHANGES.keys() <= {path for _, path in cases()}, "a change of a field that is none"


def test_every_kind_of_section_is_looked_at() -> None:
    shown: set[type] = set()

    def visit(value: Any) -> None:
        if isinstance(value, BaseModel):
            shown.add(type(value))
            for name in type(value).model_fields:
                visit(getattr(value, name))
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            visit(item)

    def declared(model: type[BaseModel]) -> set[type]:
        below = {part for field in model.model_fields.values() for part in models_in(field.annotation)}
        return {model}.union(*(declared(part) for part in below))

    for tree in KINDS.values():
        visit(Config.model_validate(tree))
    assert {model.__name__ for model in declared(Config) - shown} == set()


def rule_of(kind: str, path: str) -> str | None:
    """The first pattern that fits the field, or the field of this kind as in `grpo:training.0.prompts.limit`."""
    fitting = (pattern for pattern, _ in FIELDS if fnmatch(path, pattern) or fnmatch(f"{kind}:{path}", pattern))
    return next(fitting, None)


def cases() -> list[tuple[str, str]]:
    found = []
    for kind, tree in KINDS.items():
        for path in leaves(Config.model_validate(tree)):
            of_kind = path.startswith(LOOKED_AT.get(kind, "teacher."))
            given = path in ("student.path", "student.revision") and kind == "vllm"
            given = given or (path == "training.0.data.0.path" and kind in ("rows", "compared", "labelled"))
            if path == "training.0.data.0.max_per_problem" and kind == "compared":
                continue  # all pairs of a table take part
            if kind == "serve" and path in OF_RUNNING_SERVERS:
                continue
            if kind == "grpo" and path == "training.0.patience":  # which it does not have
                continue
            if (given or path not in UNTRIED | EXCLUSIVE) and (kind == "vllm" or of_kind):
                found.append((kind, path))
    return found


def config_of(kind: str, tmp: Any, *overrides: str) -> Config:
    file = tmp / "pair.yaml"
    file.write_text(yaml.safe_dump(KINDS[kind]))
    return load_config(file, list(overrides))


def changed(path: str, value: Any) -> list[str]:
    """Overrides that give the field another valid value."""
    new = CHANGES[path] if path in CHANGES else other(path, value)
    new = new[value] if path == "training.0.labels" else new
    return list(new) if isinstance(new, tuple) else [f"{path}={yaml.safe_dump(new, default_flow_style=True).strip()}"]


def other(path: str, value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 8 if path.endswith(("dim", "size")) else value + 1
    if isinstance(value, float):
        return value * 0.9 if value else 0.125
    if isinstance(value, str):
        return CHOICES.get(value, value + "x")
    raise AssertionError(f"{path} is {value!r}: give it a change")


def own_identities(config: Config) -> dict[str, Any]:
    """What each kind of stage adds to its needs."""
    found: dict[str, list[Any]] = {}
    for stage in plan_distillation(config).plan.stages:
        found.setdefault(kind_of(stage), []).append(stage.inputs | {"needs": len(stage.needs)})
    return found


def kind_of(stage: Stage) -> str:
    name = stage.name.removesuffix("-from-scratch")
    kinds = (
        "pairs-imported",
        "score-traces",
        "eval-scores",
        "eval-judge",
        "eval-check",
        "eval-search",
        "eval",
        "budgets-judge",
        "budgets",
        "check",
        "quantize",
        "benchmark",
    )
    kinds += ("export", "train", "round-check", "sample-", "judge-", "select-", "problems-")
    return next((kind for kind in kinds if name.startswith(kind)), name)


@pytest.mark.parametrize(("kind", "path"), cases(), ids=lambda part: part)
def test_a_field_rebuilds_just_what_it_shapes(kind: str, path: str, tmp_path: Any) -> None:
    before = config_of(kind, tmp_path)
    overrides = changed(path, leaves(before)[path])
    after = config_of(kind, tmp_path, *overrides)
    ours, theirs = own_identities(before), own_identities(after)
    rebuilt = {stage for stage in ours.keys() | theirs.keys() if ours.get(stage) != theirs.get(stage)}
    expected = dict(FIELDS)[str(rule_of(kind, path))] & (ours.keys() | theirs.keys())
    if path.startswith("evaluation.models") and path.endswith("precisions"):
        rebuilt -= {
            "quantize",
            "eval",
            "eval-judge",
            "eval-check",
            "eval-scores",
        }  # fewer or more of them; what stays is as it was
    if path in ("student.name", "student.prompt.user", "student.prompt.system") and kind == "vllm":
        expected -= {"base", "export"}  # a base from the hub is named by its path
    assert rebuilt == expected


def test_the_kinds_are_what_they_say(tmp_path: Any) -> None:
    assert isinstance(config_of("vllm", tmp_path).teacher, VllmTeacher)
    assert isinstance(config_of("fake", tmp_path).teacher, FakeTeacher)
    assert isinstance(config_of("recorded", tmp_path).teacher, RecordedTeacher)


def trained(tmp: Any, *overrides: str) -> str:
    """The artifact of the student."""
    return plan_distillation(config_of("vllm", tmp, *overrides)).student.path.name


def test_another_rotary_base_trains_anew_and_measures_the_base_as_before(tmp_path: Any) -> None:
    formats, turned = "publishing.formats=[nf4]", "student.positions.rope_theta=3e5"
    ours, theirs = (own_identities(config_of("vllm", tmp_path, formats, *more)) for more in ((), (turned,)))
    assert {stage for stage in ours if ours[stage] != theirs[stage]} == {"train"}


def test_budgets_leave_what_is_stored_as_it_is(tmp_path: Any) -> None:
    def paths(*overrides: str) -> dict[str, str]:
        stages = plan_distillation(config_of("vllm", tmp_path, *overrides)).plan.stages
        return {stage.name: stage.path.name for stage in stages}

    budgets = "evaluation.budgets={think: [100], answer_tokens: 300}"
    without, ours = paths(), paths(budgets)
    stored = {name for name in without if name.startswith(("eval", "score"))}
    assert {name: ours[name] for name in stored} == {name: without[name] for name in stored}
    more = paths(budgets, "evaluation.budgets.answer_tokens=301")
    changed = {name for name in ours if ours[name] != more[name]}
    assert {name for name in changed if name not in ("curves", "report")} == {
        name for name in ours if name.startswith("budgets")
    }
    assert len(changed) == 6


def test_the_effective_batch_counts_however_it_is_made(tmp_path: Any) -> None:
    at = "training.0.settings"
    halved = f"{at}.per_device_train_batch_size=1", f"{at}.gradient_accumulation_steps=8"
    assert trained(tmp_path) == trained(tmp_path, *halved)
    assert trained(tmp_path) != trained(tmp_path, halved[0])


def test_what_chooses_the_best_checkpoint_shapes_the_weights(tmp_path: Any) -> None:
    at = "training.0.settings"
    best = f"{at}.load_best_model_at_end=true"
    for setting in ("eval_steps", "save_steps"):
        assert trained(tmp_path) == trained(tmp_path, f"{at}.{setting}=10")
        assert trained(tmp_path, best) != trained(tmp_path, best, f"{at}.{setting}=10")
    assert trained(tmp_path, best) == trained(tmp_path, best, f"{at}.logging_steps=10")


def test_stages_start_from_one_another(tmp_path: Any) -> None:
    stage = {"max_length": 512}
    file = tmp_path / "pair.yaml"

    def starts(*given: dict[str, Any]) -> list[str | None]:
        file.write_text(yaml.safe_dump(SAMPLED | {"publishing": {}, "training": [stage | one for one in given]}))
        student = plan_distillation(load_config(file)).student
        found: list[str | None] = []
        while student is not None:
            found.append(student.training.name)
            student = student.base.made_by
        return found

    assert starts({"name": "a"}, {"name": "b"}, {"name": "c"}) == ["c", "b", "a"]
    assert starts({"name": "a"}, {"name": "b"}, {"name": "c", "start": "a"}) == ["c", "a"]
    assert starts({"name": "a"}, {"name": "b", "start": "base"}) == ["b"]


def test_what_leads_a_search_shapes_its_traces_and_its_name_does_not(tmp_path: Any) -> None:
    def sampled(*overrides: str) -> str:
        return plan_distillation(config_of("beam", tmp_path, *overrides)).traces.path.name

    for field in ("revision=b2", "form=skywork", "max_length=512", "aggregate=last"):
        assert sampled(f"scorers.prm.{field}") != sampled(), field
    assert sampled("scorers.prm.batch_tokens=99") == sampled()
    renamed = "scorers.second={kind: process, path: owner/name, revision: a1}"
    assert sampled(renamed, "sampling.search.scorer=second") == sampled()
    assert sampled("sampling.search.aggregate=min") == sampled(), "the scorer's own"


def test_the_address_of_a_teacher_shapes_nothing_but_that_it_is_served_does(tmp_path: Any) -> None:
    def artifact(*overrides: str) -> str:
        return plan_distillation(config_of("on_policy", tmp_path, *overrides)).student.path.name

    at = "training.0.teacher.server"
    assert artifact(f"{at}=http://a:1") == artifact(f"{at}=http://b:2") != artifact()


def test_a_stage_is_taught_by_the_run_s_teacher_or_by_a_stage_before(tmp_path: Any) -> None:
    def needed(*given: dict[str, Any], teacher: dict[str, Any] | None = None) -> list[str]:
        tree = SAMPLED | {"publishing": {}, "training": [{"max_length": 1024} | one for one in given]}
        file = tmp_path / "pair.yaml"
        file.write_text(yaml.safe_dump(tree | ({"teacher": teacher} if teacher else {})))
        return [stage.name for stage in plan_distillation(load_config(file)).student.needs]

    distil = {"method": "distill"}
    scratch = {"kind": "vllm", "name": "big", "max_model_len": 1024, "scratch": SCRATCH}
    assert needed(distil) == ["problems"]  # the teacher is a pinned name on the hub
    assert needed(distil, teacher=scratch) == ["problems", "teacher-from-scratch"]
    assert needed({"name": "a"}, distil | {"start": "base", "teacher": "a"}) == ["problems", "train-a"]
    with pytest.raises(ConfigError, match="a stage cannot be its own teacher"):
        needed(distil | {"teacher": "distill"})
