"""Labels the steps of judged traces by rollouts, file by file. Every finished rollout is journaled at once, and none
that is in the journal is drawn again."""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from records.errors import InputError
from records.parquet import count_rows, parquet_files, read_about, write_rows
from records.requests import Sampler
from records.share import Claims, WorkerSlot, check_parts
from records.step_labels import SOLUTION
from records.training_counts import RolloutCounts, RolloutPart
from teacher.sampling.journal import Journal
from teacher.sampling.judging import Judge
from teacher.sampling.label_drawing import Drawing, LabelJob


def label_share(
    folder: Path,
    job: LabelJob,
    make_sampler: Callable[[], Sampler],
    judge: Judge,
    progress: Callable[..., None],
    slot: WorkerSlot,
) -> RolloutPart:
    """Label one worker's part: the files of judged traces that no other worker has taken, one after the other.

    The sampler is made only if a rollout is missing. After any error, the same call continues where it stopped.
    """
    check_parts(folder, "steps-*.parquet", (labels_file(folder, file) for file in parquet_files(job.judged)))
    claims, start = Claims(folder), 0
    drawing = Drawing(job, make_sampler, judge, progress, -(-len(job.chosen) // slot.workers))
    try:
        for file in parquet_files(job.judged):
            rows = count_rows(file)
            chosen = {at - start: right for at, right in job.chosen.items() if start <= at < start + rows}
            start += rows
            done = labels_file(folder, file)
            if claims.take_missing(done):
                label_file(done, file, chosen, drawing)
                claims.release(done.name)
    finally:
        drawing.close()
    return RolloutPart()


def label_file(done: Path, judged: Path, chosen: Mapping[int, bool], drawing: Drawing) -> None:
    """Label a file of judged traces. Its journal is removed once the labels are stored, and closed by any error."""
    name = done.stem.replace("steps", "rollouts")
    journal = Journal(done.with_name(f"{name}.jsonl"), f"{drawing.job.identity}-{judged.stem}")
    try:
        write_rows(done, drawing.labelled(judged, chosen, journal), SOLUTION, partial(dict, drawing.counts))
    except BaseException:
        journal.close()
        raise
    journal.remove()


def labels_file(folder: Path, judged: Path) -> Path:
    return folder / f"steps-{judged.stem.removeprefix('judged-')}.parquet"


def missing(folder: Path, judged: Path) -> int:
    return sum(not labels_file(folder, file).exists() for file in parquet_files(judged))


def gather(folder: Path, left_out: Mapping[str, int]) -> RolloutCounts:
    """Return the counts of all files. Errors: InputError if the labels are all right or all wrong."""
    for journal in folder.glob("rollouts-*.jsonl"):  # of a kill between the file and the journal's end
        journal.unlink()
    sums: Counter[str] = Counter()
    for file in sorted(folder.glob("steps-*.parquet")):
        sums.update(read_about(file))
    if sums["right"] in (0, sums["labelled"]):
        kind = "right" if sums["right"] else "wrong"
        raise InputError(
            f"{folder}: all {sums['labelled']} labelled steps are {kind}, so there is nothing to tell apart; raise "
            "limit or n, or give problems of another difficulty"
        )
    names = ("solutions", "steps", "labelled", "right", "rollouts", "failed", "prompt_tokens", "completion_tokens")
    return RolloutCounts(**{name: sums[name] for name in names}, left_out=dict(left_out))
