"""An Arrow schema for each type of row that is written to Parquet."""

from dataclasses import fields

import pyarrow as pa

from records.rows import Problem, Reading

VERDICT = pa.struct(
    [
        ("filter", pa.string()),
        ("version", pa.string()),
        ("outcome", pa.string()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("score", pa.float64()),
        ("extracted", pa.string()),
    ]
)
SEARCHED = pa.struct(
    [
        ("kind", pa.string()),
        ("expansions", pa.int32()),
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
        ("unscored", pa.int32()),
        ("value", pa.float64()),
    ]
)
PROBLEM = pa.schema([(field.name, pa.string()) for field in fields(Problem)])
TRACE = pa.schema(
    [
        ("problem_id", pa.string()),
        ("attempt", pa.int32()),
        ("sample_index", pa.int32()),
        ("prompt", pa.string()),
        ("reference", pa.string()),
        ("verifier", pa.string()),
        ("source", pa.string()),
        ("extra", pa.string()),
        ("reasoning", pa.string()),
        ("answer", pa.string()),
        ("closed", pa.bool_()),
        ("finish_reason", pa.string()),
        ("prompt_tokens", pa.int32()),
        ("completion_tokens", pa.int32()),
        ("seed", pa.int64()),
        ("teacher", pa.string()),
        ("request_fingerprint", pa.string()),
        ("hinted", pa.bool_()),
        ("detail", pa.string()),
        ("budget", pa.string()),
        ("reasoning_tokens", pa.int32()),
        ("searched", SEARCHED),
        ("verdicts", pa.list_(VERDICT)),
    ]
)
READING = pa.struct([(field.name, pa.string()) for field in fields(Reading)])
TRACE_READ = TRACE.append(pa.field("lenient", READING))
"""A benchmark's judged traces whose answers were read leniently as well."""
MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
DATASET = pa.schema(
    [
        ("messages", MESSAGES),
        ("problem_id", pa.string()),
        ("attempt", pa.int32()),
        ("sample_index", pa.int32()),
        ("request_fingerprint", pa.string()),
        ("reference", pa.string()),
        ("source", pa.string()),
        ("teacher", pa.string()),
        ("completion_tokens", pa.int32()),
        ("by_second_opinion", pa.bool_()),
    ]
)
"""`by_second_opinion` is true for a trace that was taken on an LLM judge's word although the verifiers did not accept
it, and null for a row that was not selected from judged traces."""
LEDGER = pa.schema(
    [
        ("step", pa.int32()),
        ("source", pa.string()),
        ("problem_id", pa.string()),
        ("attempt", pa.int32()),
        ("sample_index", pa.int32()),
    ]
)
"""The rows that a model was trained on, in their order, each as often as it was. Made by training; read by people."""
REWARDED_LEDGER = pa.schema(
    [("step", pa.int32()), ("source", pa.string()), ("problem_id", pa.string()), ("reward", pa.float64())]
)
"""The problems whose completions a model was trained on by rewards; the reward is null for one that was left out."""
TRAINING_LOG = pa.schema(
    [
        ("step", pa.int32()),
        ("loss", pa.float64()),
        ("tokens", pa.int64()),
        ("supervised", pa.int64()),
        ("seconds", pa.float64()),
        *(
            (name, pa.float64())
            for name in (
                *("learning_rate", "grad_norm", "entropy", "mean_token_accuracy", "tokens_per_s"),
                *("supervised_tokens_per_s", "memory_gib", "mfu"),
                *("eval_loss", "eval_entropy", "eval_mean_token_accuracy"),
                *("reward", "reward_std", "reward_answer", "reward_format", "reward_language", "reward_length"),
                *("completion_length", "truncated", "no_signal", "unknown", "kl", "clipped"),
                *("generation_s", "judging_s", "judging_wait_s", "eval_accuracy", "eval_completion_length"),
                *("judged_right", "margin", "eval_judged_right", "eval_margin", "eval_first_errors_found"),
            )
        ),
    ]
)
"""A row for each step; what the trainer logs or evaluates only now and then is null between. Read for curves."""
DISPUTED = pa.schema(
    [
        ("problem_id", pa.string()),
        ("prompt", pa.string()),
        ("reference", pa.string()),
        ("majority", pa.string()),
        ("votes", pa.int32()),
        ("n", pa.int32()),
    ]
)
"""Problems most of whose traces agree on an answer other than the reference. Written by selection, read by people."""
