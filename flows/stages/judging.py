"""Verdicts, and the dataset of what was accepted."""

from pathlib import Path

from configs.judging import Judging
from configs.sampling import TeacherSampling
from configs.schema import Config
from configs.selection import Selection
from flows.run.progress import Report
from records.counts import JudgingCounts, JudgingPart, SelectionCounts
from records.share import Share


def judge(
    folder: Path,
    traces: Path,
    config: Judging,
    benchmarks: dict[str, Path],
    hints: tuple[str, ...],
    judged_before: bool,
    share: Share,
    progress: Report,
) -> JudgingPart:
    from filters.judge import judge_share

    return judge_share(folder, traces, config, prompts_of(benchmarks), hints, judged_before, progress, share)


def missing_judged(folder: Path, traces: Path) -> int:
    from filters.judge import missing

    return missing(folder, traces)


def gather_judged(
    folder: Path, parts: list[JudgingPart], benchmarks: list[str], sampling: TeacherSampling | None
) -> JudgingCounts:
    from filters.judge import gather
    from teacher.sampling.difficulty import difficulty, pass_rates

    return gather(folder, benchmarks, parts, pass_rates(sampling), difficulty)


def prompts_of(benchmarks: dict[str, Path]) -> dict[str, list[str]]:
    from records.parquet import read_rows

    return {name: [row["prompt"] for row in read_rows(path, ["prompt"])] for name, path in benchmarks.items()}


def select(folder: Path, judged: Path, config: Config, progress: Report) -> SelectionCounts:
    from filters.selection.dataset import select_traces
    from filters.workers import workers
    from student.export.dataset_card import write_card
    from teacher.sampling.difficulty import pass_rates

    selection: Selection = config.selection
    turns, rates = config.student.prompt.messages, pass_rates(config.sampling)
    with workers(config.judging) as pool:  # its processes start when two answers are compared
        counts = select_traces(folder, judged, selection, turns, pool.same, rates)
    write_card(folder, config.name, config.teacher.name, counts)
    return counts
