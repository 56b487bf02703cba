"""Checks every prompt and every token that matters before a model that draws completions of its own is loaded."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from configs.training import Training
from records.errors import InputError
from records.preflight import Dropped, Preflight
from records.rows import Problem
from records.special_tokens import stop_ids
from student.data.asked import PromptRenderer
from student.data.digests import digest_of
from student.data.faults import too_many_dropped
from student.data.preflight import notes_on, special_tokens_of
from student.data.row_lengths import RowLengths
from student.data.special_tokens import align_special_tokens
from student.data.student_files import StudentOrigin
from student.data.survey import NAMED
from student.data.token_checks import disagreements, refusals_of

EVERY = 1000
"""Prompts between two reports of the progress."""
NO_COST = "no estimate of memory and time: the completions are drawn during training"


def preflight_prompts(
    problems: Iterable[Problem],
    count: int,
    origin: StudentOrigin,
    renderer: PromptRenderer,
    training: Training,
    progress: Callable[[int, int], None],
    refusals: Sequence[str] = (),
) -> Preflight:
    """Render and measure the prompts of `count` problems, and check the student's tokens, sizes and adapters.

    In the result rows are prompts, and lengths are theirs; the completions are not there yet. Everything that speaks
    against the training is found at once, in `refusals`, those that are given first. Errors: InputError if no prompt
    can be rendered at all.
    """
    tokenizer, configs = renderer.tokenizer, origin.configs()
    found = [*refusals, *refusals_of(tokenizer, configs, training)]
    ends = tokenizer.convert_ids_to_tokens(stop_ids(tokenizer, configs.generation_config.eos_token_id))
    tokens = None
    try:
        align_special_tokens(configs, tokenizer)
        found += disagreements(tokenizer, configs)
        tokens = special_tokens_of(tokenizer, configs, ends)
    except InputError as error:
        found.append(str(error))

    sizes, digests, no_think, dropped = list[int](), Counter[int](), 0, dict[str, list[str]]()
    for number, problem in enumerate(problems, start=1):
        one = renderer.render(problem)
        if one.fault:
            dropped.setdefault(one.fault, []).append(f"problem_id {problem.id}")
        else:
            sizes.append(len(one.input_ids))
            digests[int(digest_of(one.input_ids))] += 1
            no_think += one.no_think
        if number % EVERY == 0 or number == count:
            progress(number, count)
    counts = {reason: len(names) for reason, names in dropped.items()}
    first = {reason: names[0] for reason, names in dropped.items()}
    if refusal := too_many_dropped(counts, count, training.drop_at_most, first):
        found.append(refusal)
    lengths = RowLengths(np.array(sizes, np.int64))
    return Preflight(
        rows=count,
        trained=len(sizes),
        dropped={reason: Dropped(rows=len(names), first=names[:NAMED]) for reason, names in dropped.items()},
        no_think=no_think,
        switch=str(renderer.switch),
        quoting=0,
        duplicates=len(sizes) - len(digests),
        tokens=lengths.tokens(),
        supervised_tokens=0,
        lengths=lengths.summary(),
        special_tokens=tokens,
        notes=[*notes_on(tokenizer, configs.config), NO_COST],
        refusals=found,
        cost=None,
    )
