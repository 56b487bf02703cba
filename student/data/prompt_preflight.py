"""Checks every prompt and every token that matters before reinforcement learning loads a model."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from configs.models import Student
from configs.stages import GrpoStage
from records.errors import InputError
from records.parquet import count_rows
from records.preflight import Dropped, Preflight
from records.prompts import PROMPTS_FILE
from records.special_tokens import stop_ids
from student.data.digests import digest_of
from student.data.faults import TOO_LONG
from student.data.preflight import notes_on, special_tokens_of
from student.data.prompts import rendered_prompts
from student.data.reasoning import switch_of
from student.data.row_lengths import RowLengths
from student.data.special_tokens import align_special_tokens
from student.data.student_files import StudentOrigin
from student.data.survey import NAMED
from student.data.token_checks import disagreements, refusals_of

EVERY = 1000
"""Prompts between two reports of the progress."""
NO_COST = "no estimate of memory and time: the completions are drawn during training"


def preflight_prompts(
    folder: Path, origin: StudentOrigin, student: Student, config: GrpoStage, progress: Callable[[int, int], None]
) -> Preflight:
    """Render and measure every prompt, and check the student's tokens, sizes and adapters.

    `folder` has `prompts.parquet`. In the result rows are prompts, and lengths are theirs; the completions are not
    there yet. Errors: InputError if no prompt can be rendered at all.
    """
    tokenizer, configs = origin.tokenizer(), origin.configs()
    refusals = refusals_of(tokenizer, configs, config)
    ends = tokenizer.convert_ids_to_tokens(stop_ids(tokenizer, configs.generation_config.eos_token_id))
    try:
        align_special_tokens(configs, tokenizer)
        refusals += disagreements(tokenizer, configs)
        tokens = special_tokens_of(tokenizer, configs, ends)
    except InputError as error:
        refusals, tokens = [*refusals, str(error)], None

    count, lengths, digests, too_long = count_rows(folder / PROMPTS_FILE), list[int](), set[int](), list[str]()
    for number, prompt in enumerate(rendered_prompts(folder, tokenizer, student.prompt), start=1):
        if len(prompt.tokens) > config.longest_prompt:
            too_long.append(f"problem_id {prompt.problem.id}")
        else:
            lengths.append(len(prompt.tokens))
            digests.add(int(digest_of(prompt.tokens)))
        if number % EVERY == 0 or number == count:
            progress(number, count)
    if len(too_long) == count or len(too_long) > config.drop_at_most * count:
        refusals.append(
            f"{len(too_long):,} of {count:,} prompts (first: {too_long[0]}) have more than the {config.longest_prompt} "
            f"tokens that max_completion_length ({config.longest_completion}) leaves of training.max_length, more than "
            f"training.drop_at_most={config.drop_at_most}: raise max_length, or lower max_completion_length"
        )
    found = RowLengths(np.array(lengths, np.int64))
    return Preflight(
        rows=count,
        trained=len(lengths),
        dropped={TOO_LONG: Dropped(rows=len(too_long), first=too_long[:NAMED])} if too_long else {},
        no_think=0,
        switch=str(switch_of(tokenizer)),
        quoting=0,
        duplicates=len(lengths) - len(digests),
        tokens=found.tokens(),
        supervised_tokens=0,
        lengths=found.summary(),
        special_tokens=tokens,
        notes=[*notes_on(tokenizer), NO_COST],
        refusals=refusals,
        cost=None,
    )
