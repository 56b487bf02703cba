"""Checks the rows of a reward model, and that its base can have the new head, before any model is loaded."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from transformers import GenerationConfig

from configs.stages import RewardModelStage
from records.errors import InputError
from records.parquet import count_rows, read_rows
from records.preflight import Dropped, Preflight
from records.special_tokens import stop_ids
from student.data.faults import too_many_dropped
from student.data.preflight import notes_on, special_tokens_of
from student.data.row_check import name_of
from student.data.row_lengths import RowLengths
from student.data.scored_rows import files_of, row_faults, rows_of
from student.data.scored_texts import writer_of
from student.data.special_tokens import align_special_tokens
from student.data.student_files import StudentOrigin
from student.data.survey import NAMED
from student.data.token_checks import attention_is_whole, rows_fit_context, vocabulary_fits
from student.methods.heads import has_class

NO_ESTIMATE = "no estimate of memory and time for reward models"
NO_SWITCH = "is not asked"


def run_reward_preflight(
    folders: Sequence[Path], base: StudentOrigin, training: RewardModelStage, progress: Callable[[int, int], None]
) -> Preflight:
    """Write every text of some folders (`student.methods.reward.train`), and check the base's tokens and context.

    Everything that speaks against the training is found at once, in `refusals`. Errors: InputError if no text can be
    written at all.
    """
    tokenizer, configs = base.tokenizer(), base.configs()
    checks = [
        has_class(training, configs.config),
        vocabulary_fits(tokenizer, configs.embedding_rows),
        rows_fit_context(configs.context, training.max_length),
        attention_is_whole(configs.config.get_text_config().to_dict(), training),
    ]
    refusals, tokens = [refusal for refusal in checks if refusal], None
    ends = tokenizer.convert_ids_to_tokens(stop_ids(tokenizer, configs.generation_config.eos_token_id))
    configs.generation_config = GenerationConfig(eos_token_id=configs.generation_config.eos_token_id)
    try:
        align_special_tokens(configs, tokenizer)
        tokens = special_tokens_of(tokenizer, configs, ends)
    except InputError as error:
        refusals.append(str(error))

    files = [file for folder in folders for file in files_of(folder, training)]
    counts = [sum(map(count_rows, files_of(folder, training))) for folder in folders]
    write = writer_of(training, tokenizer, configs.embedding_rows)
    names, lengths, scores, faults = list[str](), list[int](), list[int](), list[str]()
    for row in (row for file in files for row in read_rows(file)):
        text = write(row)
        names.append(name_of(row))
        lengths.append(len(text.input_ids))
        scores.append(len(text.targets) - sum(map(math.isnan, text.targets)))
        faults.append(text.fault)
        if len(lengths) % 1000 == 0 or len(lengths) == sum(counts):
            progress(len(lengths), sum(counts))
    rows = rows_of(folders, training, counts)
    found = row_faults(np.array(faults, dtype=str), rows)
    first = {reason: [names[at] for at in rows[found == reason, 0][:NAMED]] for reason in np.unique(found[found != ""])}
    dropped = {str(reason): int((found == reason).sum()) for reason in first}
    if refusal := too_many_dropped(dropped, len(rows), training.drop_at_most, {k: v[0] for k, v in first.items()}):
        refusals.append(refusal)
    trained = rows[found == ""].ravel()
    read = RowLengths(np.array(lengths, np.int64)[trained])
    return Preflight(
        rows=len(rows),
        trained=int((found == "").sum()),
        dropped={reason: Dropped(rows=count, first=first[reason]) for reason, count in dropped.items()},
        no_think=0,
        switch=NO_SWITCH,
        quoting=0,
        duplicates=0,
        tokens=read.tokens(),
        supervised_tokens=int(np.array(scores, np.int64)[trained].sum()),
        lengths=read.summary(),
        special_tokens=tokens,
        notes=[*notes_on(tokenizer, configs.config), NO_ESTIMATE],
        refusals=refusals,
        cost=None,
    )
