"""Checks the prompts of an on-policy distillation, and that its teacher has the student's vocabulary, before any model
is loaded."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from configs.prompt import Prompt
from configs.stages import DistillStage
from records.errors import InputError
from records.parquet import count_rows, read_problems
from records.preflight import Dropped, Preflight
from records.special_tokens import stop_ids
from student.data.asked import PromptRenderer, asked_problems
from student.data.faults import too_many_dropped
from student.data.preflight import notes_on, special_tokens_of
from student.data.reasoning import Reasoning
from student.data.row_lengths import RowLengths
from student.data.special_tokens import align_special_tokens
from student.data.student_files import StudentOrigin
from student.data.survey import NAMED
from student.data.teacher_files import TeacherOrigin
from student.data.token_checks import disagreements, refusals_of
from student.data.vocabularies import check_same_vocabulary

NO_ESTIMATE = "no estimate of memory and time: completions are drawn during the training"


def run_distill_preflight(
    problems: Path,
    student: StudentOrigin,
    prompt: Prompt,
    reasoning: Reasoning,
    training: DistillStage,
    longest: int,
    teacher: TeacherOrigin,
    progress: Callable[[int, int], None],
) -> Preflight:
    """Render every prompt, of at most `longest` tokens, and check the student's tokens and the teacher's vocabulary.

    `problems` is a file with the columns of `records.parquet.PROBLEM`. Everything that speaks against the training is
    found at once, in `refusals`. Errors: InputError if no prompt can be rendered at all.
    """
    tokenizer, configs = student.tokenizer(), student.configs()
    refusals, tokens = refusals_of(tokenizer, configs, training), None
    ends = tokenizer.convert_ids_to_tokens(stop_ids(tokenizer, configs.generation_config.eos_token_id))
    try:
        if training.align == "same":
            check_same_vocabulary(tokenizer, teacher.tokenizer(), "teacher")
        else:
            teacher.chat_tokenizer()
        align_special_tokens(configs, tokenizer)
        refusals += disagreements(tokenizer, configs)
        tokens = special_tokens_of(tokenizer, configs, ends)
    except InputError as error:
        refusals.append(str(error))

    count = count_rows(problems)
    total = min(count, training.prompts.limit or count)
    renderer = PromptRenderer(tokenizer, prompt, reasoning, longest)
    lengths, dropped, no_think, seen = list[int](), dict[str, list[str]](), 0, Counter[tuple[int, ...]]()
    for done, one in enumerate(asked_problems(read_problems(problems), renderer, training.prompts.limit), start=1):
        if one.fault:
            dropped.setdefault(one.fault, []).append(f"problem_id {one.problem_id}")
        else:
            lengths.append(len(one.input_ids))
            no_think += one.no_think
            seen[tuple(one.input_ids)] += 1
        if done % 1000 == 0 or done == total:
            progress(done, total)
    counts = {reason: len(names) for reason, names in dropped.items()}
    first = {reason: names[0] for reason, names in dropped.items()}
    if refusal := too_many_dropped(counts, total, training.drop_at_most, first):
        refusals.append(refusal)
    found = RowLengths(np.array(lengths, np.int64))
    return Preflight(
        rows=total,
        trained=len(lengths),
        dropped={reason: Dropped(rows=len(names), first=names[:NAMED]) for reason, names in dropped.items()},
        no_think=no_think,
        switch=str(renderer.switch),
        quoting=0,
        duplicates=sum(seen.values()) - len(seen),
        tokens=sum(lengths),
        supervised_tokens=0,
        lengths=found.summary(),
        special_tokens=tokens,
        notes=[*notes_on(tokenizer), NO_ESTIMATE],
        refusals=refusals,
        cost=None,
    )
