"""Measures the seconds from the start of a training process to the end of its first step, ours and bare TRL's.

    python -m bench.start_up [--rows N] [--rounds N] [--json FILE]

Each start is a process of its own, in alternating order. `imports` begins with the interpreter. Ours then checks every
row (`preflight`), loads model and tokenizer, renders and mixes the rows (`model and rows`), and makes the trainer and
takes a step (`trainer and step`). TRL renders and tokenizes the rows itself when its trainer is made, and checks none.
In a run, imports are done before the stage begins: its process is forked from one that has them.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from bench.trainings import EMBEDDED, Case

PARTS = ("imports", "preflight", "model and rows", "trainer and step")


class Marks:
    """The seconds of each part, of a process that began at `begun` (time.time())."""

    def __init__(self, begun: float) -> None:
        self.last, self.seconds = begun, dict.fromkeys(PARTS, 0.0)

    def mark(self, part: str) -> None:
        """End a part. A part that is ended twice keeps its first end."""
        if not self.seconds[part]:
            now = time.time()
            self.seconds[part], self.last = now - self.last, now


def start_ours(case: Case, folder: Path, marks: Marks) -> None:
    from flows.stages.train import LIBRARIES
    from student.data.mixing import Part
    from student.data.preflight import run_preflight
    from student.data.student_files import StudentOrigin

    for library in LIBRARIES:
        import_module(library)
    from student.methods.sft import train

    def progress(done: int, total: int | None, note: str = "", **_: Any) -> None:
        if note:  # of the rows that it trains on
            marks.mark("model and rows")
        elif done:
            marks.mark("trainer and step")

    marks.mark("imports")
    origin, training = StudentOrigin(str(case.model)), case.training(packing=False)
    run_preflight([case.data], origin, "visible", training, lambda *_: None)
    marks.mark("preflight")
    train(folder, training, origin, [Part(case.data)], progress)


def start_bare(case: Case, folder: Path, marks: Marks) -> None:
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    from student.methods.settings import settings_of

    class MarkStep(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            marks.mark("trainer and step")

    marks.mark("imports")
    training = case.training(packing=False)
    settings = settings_of(training) | {"dataloader_pin_memory": False}
    place: dict[str, Any] = {"output_dir": str(folder), "report_to": "none", "disable_tqdm": True, "use_cpu": True}
    model = AutoModelForCausalLM.from_pretrained(case.model, dtype="float32")
    tokenizer = AutoTokenizer.from_pretrained(case.model)
    rows = Dataset.from_parquet(str(case.data / "*"), cache_dir=str(folder / "cache")).select_columns(["messages"])
    halves = rows.map(
        lambda row: {"prompt": row["messages"][:-1], "completion": row["messages"][-1:]}, remove_columns=["messages"]
    )
    marks.mark("model and rows")
    arguments = SFTConfig(**settings, **place, max_length=training.max_length)
    trainer = SFTTrainer(model=model, args=arguments, train_dataset=halves, processing_class=tokenizer)
    trainer.add_callback(MarkStep())
    trainer.train()


STARTS = {"ours": start_ours, "TRL": start_bare}


def start(name: str, folder: Path, rows: int, number: int) -> dict[str, float]:
    """Start a process that trains for a step, and return the seconds of its parts."""
    given = [name, str(folder), str(rows), str(number), str(time.time())]
    command = [sys.executable, "-m", "bench.start_up", "--start", *given]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return dict(json.loads(output.splitlines()[-1]))


def run_start(name: str, folder: str, rows: str, number: str, begun: str) -> None:
    """Train for a step in this process, and print the seconds of its parts."""
    case, marks = one_step(Path(folder), int(rows)), Marks(float(begun))
    out = Path(folder) / f"{name}-{number}"
    out.mkdir()
    STARTS[name](case, out, marks)
    print(json.dumps(marks.seconds))


def one_step(folder: Path, rows: int) -> Case:
    return Case(EMBEDDED, folder, rows, steps=1)


def measure(root: Path, rows: int, rounds: int) -> list[dict[str, Any]]:
    """Return a row for each part and for the whole: the medians of both, in seconds."""
    one_step(root, rows).make()
    found: dict[str, list[dict[str, float]]] = {name: [] for name in STARTS}
    for number in range(rounds):
        for name in sorted(STARTS, reverse=bool(number % 2)):
            found[name].append(start(name, root, rows, number))
    entries = []
    for part in (*PARTS, "whole"):
        middle = {
            name: median(seconds.get(part, sum(seconds.values())) for seconds in several)
            for name, several in found.items()
        }
        ratio = round(middle["ours"] / middle["TRL"], 3) if middle["TRL"] else None
        seconds = {"ours": round(middle["ours"], 2), "baseline": round(middle["TRL"], 2)}
        entries.append({"name": part, **seconds, "ratio": ratio, "unit": "s"})
    return entries


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--start", nargs=5, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.start:
        run_start(*arguments.start)
        return
    with tempfile.TemporaryDirectory() as temporary:
        entries = measure(Path(temporary), arguments.rows, arguments.rounds)
    print(f"{'':20}{'ours s':>10}{'TRL s':>10}{'ratio':>8}")
    for entry in entries:
        print(f"{entry['name']:20}{entry['ours']:>10.2f}{entry['baseline']:>10.2f}{entry['ratio'] or '':>8}")
    if arguments.json:
        arguments.json.write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()
