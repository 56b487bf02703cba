"""Pair configs of every kind, which together have every section that a config can have."""

from typing import Any

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
