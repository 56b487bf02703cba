"""Checks every row and every token that matters before a model is loaded, so that training cannot fail silently."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from configs.launch import Shard
from configs.training import Training
from records.errors import InputError
from records.preflight import CostEstimate, Preflight, SpecialTokens
from records.same_model import short_until
from records.special_tokens import stop_ids, stop_token
from student.cost.estimating import Rows, cost_of
from student.data.faults import too_many_dropped
from student.data.reasoning import Reasoning
from student.data.rendering import RowRenderer
from student.data.special_tokens import align_special_tokens
from student.data.student_files import Configs, StudentOrigin
from student.data.survey import Survey
from student.data.surveying import Form, survey_rows
from student.data.token_checks import disagreements, refusals_of


def run_preflight(
    datasets: Sequence[Path],
    student: StudentOrigin,
    reasoning: Reasoning,
    training: Training,
    progress: Callable[[int, int], None],
    processes: int | None = None,
    *,
    ranks: int = 1,
    shard: Shard = "none",
    times: Sequence[float] = (),
) -> Preflight:
    """Render and check every row, and check the student's tokens, sizes and adapters.

    `datasets` are folders of `*.parquet` files with the columns of `records.schemas.DATASET`. `progress` is called with
    the rows done and their number. The rows are surveyed by `processes`; the training will be shared by `ranks` under
    `shard`. `times` says how often the rows of each dataset come in one epoch, by default once. Everything that speaks
    against the training is found at once, in `refusals`. Errors: InputError if no row can be rendered at all, because
    tokenizer or template are unusable.
    """
    tokenizer, configs = student.tokenizer(), student.configs()
    renderer = RowRenderer(tokenizer, reasoning)
    refusals = refusals_of(tokenizer, configs, training)
    ends = tokenizer.convert_ids_to_tokens(stop_ids(tokenizer, configs.generation_config.eos_token_id))
    try:
        align_special_tokens(configs, tokenizer)
        refusals += disagreements(tokenizer, configs)
        tokens = special_tokens_of(tokenizer, configs, ends)
    except InputError as error:
        refusals, tokens = [*refusals, str(error)], None
    found = survey_rows(datasets, Form(student, reasoning, training.max_length), progress, processes, times)
    refusals += [refusal for refusal in [dropped_too_many(found, training)] if refusal]
    notes = notes_on(tokenizer, configs.config)
    cost = estimate_of(configs, training, found, ranks, shard)
    if isinstance(cost, str):
        notes.append(cost)
    return Preflight(
        rows=found.rows,
        trained=found.rows - found.dropped.total(),
        dropped=found.left_out(),
        no_think=found.no_think,
        switch=str(renderer.switch),
        quoting=found.quoting,
        duplicates=found.duplicates,
        tokens=found.lengths.tokens(),
        supervised_tokens=found.supervised_tokens,
        lengths=found.lengths.summary(),
        special_tokens=tokens,
        notes=notes,
        refusals=refusals,
        cost=None if isinstance(cost, str) else cost,
    )


def special_tokens_of(tokenizer: Any, configs: Configs, ends: list[str]) -> SpecialTokens:
    return SpecialTokens(
        stop=stop_token(tokenizer),
        ends=ends,
        pad=tokenizer.pad_token,
        vocabulary=len(tokenizer),
        embedding_rows=configs.embedding_rows,
        context=configs.context,
    )


def dropped_too_many(found: Survey, training: Training) -> str:
    named = {reason: names[0] for reason, names in found.named.items()}
    return too_many_dropped(dict(found.dropped.most_common()), found.rows, training.drop_at_most, named)


def estimate_of(configs: Configs, training: Training, found: Survey, ranks: int, shard: Shard) -> CostEstimate | str:
    lengths = found.lengths.summary()
    if lengths is None:
        return "no estimate of memory and time: there are no rows to train on"
    rows = found.rows - found.dropped.total()
    tokens = found.lengths.tokens()
    seen = Rows(
        rows,
        tokens,
        found.supervised_tokens,
        lengths.longest,
        found.lengths.attended(),
        found.epoch_tokens / tokens,
    )
    return cost_of(configs.config.get_text_config().to_dict(), training, seen, ranks, shard)


def notes_on(tokenizer: Any, config: Any) -> list[str]:
    """Return what a training does otherwise than its user may expect, of a model's config.

    Of Phi's two sets of rotary factors a training takes another one than vLLM (`short_until`)."""
    notes = []
    if "strftime_now" in str(tokenizer.chat_template):
        notes.append("the chat template writes today's date into the prompt: training shows the student one date only")
    if first := short_until(config):
        notes.append(
            f"batches of rows up to {first} tokens are trained with the model's short_factor, and vLLM measures all "
            f"rows with its long_factor if student.max_model_len is over {first}: lower it, or copy the model, with "
            "its long_factor in both places of config.json"
        )
    return notes


def refuse(found: Preflight) -> None:
    """Errors: InputError with every refusal."""
    if found.refusals:
        raise InputError("the training would fail: " + "; also, ".join(found.refusals))
