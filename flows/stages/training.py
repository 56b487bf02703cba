"""Training, of the student and of models made from nothing."""

import os
from pathlib import Path

from configs.models import Prompt, Student
from configs.scratch import Scratch
from configs.training import Training
from flows.run.progress import Report
from flows.stages.problems import problem_ids
from records.counts import ScratchCounts, TrainingCounts


def use_one_gpu() -> None:
    """Training is one process: shown several GPUs, the trainer would split each batch over them (DataParallel), and
    train on batches of another size than configured. To be called before torch may be imported."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "0")
    os.environ["CUDA_VISIBLE_DEVICES"] = visible.split(",")[0]


def build_scratch(
    folder: Path, scratch: Scratch, prompt: Prompt, name: str, benchmarks: list[Path], progress: Report
) -> ScratchCounts:
    """Program-written solutions, an untrained model, and its training, in one stage."""
    use_one_gpu()
    import shutil

    from records.parquet import DATASET, read_problems, read_rows, write_rows
    from student.methods.sft import train
    from student.scratch.model import make_model
    from student.scratch.worked import solved_rows
    from teacher.problems.sources import write_problems

    work = folder / ".work"
    work.mkdir(exist_ok=True)
    counts = write_problems(work, list(scratch.problems), problem_ids(benchmarks))
    problems = read_problems(work / "problems.parquet")
    corpus = work / "corpus"
    corpus.mkdir(exist_ok=True)
    write_rows(corpus / "corpus.parquet", solved_rows(problems, scratch.solutions, prompt, name), DATASET)
    texts = (turn["content"] for row in read_rows(corpus) for turn in row["messages"])
    make_model(work / "untrained", scratch.architecture, texts, scratch.training.seed)
    trained = train(folder, scratch.training, str(work / "untrained"), None, corpus, progress)
    shutil.rmtree(work)
    return ScratchCounts(problems=counts, training=trained)


def train_student(
    folder: Path, training: Training, student: Student, path: str, dataset: Path, progress: Report
) -> TrainingCounts:
    use_one_gpu()
    from student.methods.sft import train

    return train(folder, training, path, student.revision, dataset, progress)
