"""Adds to a preflight what the stored log-probabilities of the rows say."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from configs.stages import DistillStage
from records.errors import InputError
from records.logprob_files import read_logprobs
from records.parquet import read_rows
from records.preflight import Dropped, Preflight
from records.vocabulary import vocabulary_hash
from student.data.faults import too_many_dropped
from student.data.reasoning import Reasoning
from student.data.rendering import IGNORED, RowRenderer
from student.data.row_check import name_of, render_checked
from student.data.stored import check_has_logprobs, fault_of_stored
from student.data.student_files import StudentOrigin
from student.data.survey import NAMED
from student.data.surveying import COLUMNS


def with_stored(
    found: Preflight, folders: Sequence[Path], student: StudentOrigin, reasoning: Reasoning, training: DistillStage
) -> Preflight:
    """Return a preflight of dataset rows that leaves out those whose logprobs are missing, or fit other tokens."""
    try:
        for folder in folders:
            check_has_logprobs(folder)
    except InputError as error:
        return replace(found, refusals=[*found.refusals, str(error)])
    tokenizer = student.tokenizer()
    renderer, vocabulary = RowRenderer(tokenizer, reasoning), vocabulary_hash(tokenizer)
    names, tokens, supervised = dict[str, list[str]](), 0, 0
    for folder in folders:
        for row, (_, stored) in zip(read_rows(folder, COLUMNS), read_logprobs(folder), strict=True):
            rendered, fault = render_checked(row, renderer, training.max_length)
            if not fault and (fault := fault_of_stored(stored, rendered.labels, vocabulary)):
                names.setdefault(fault, []).append(name_of(row))
                tokens += len(rendered.labels)
                supervised += len(rendered.labels) - rendered.labels.count(IGNORED)
    dropped = found.dropped | {fault: Dropped(rows=len(some), first=some[:NAMED]) for fault, some in names.items()}
    counts, first = ({fault: one.rows for fault, one in dropped.items()}, {f: d.first[0] for f, d in dropped.items()})
    refusal = too_many_dropped(counts, found.rows, training.drop_at_most, first) if names else ""
    return replace(
        found,
        trained=found.trained - sum(map(len, names.values())),
        dropped=dropped,
        tokens=found.tokens - tokens,
        supervised_tokens=found.supervised_tokens - supervised,
        refusals=[*found.refusals, *([refusal] if refusal else [])],
    )
