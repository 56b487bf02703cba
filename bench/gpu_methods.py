"""Measures GRPO and on-policy distillation of random models on one GPU: tokens/s, where the time goes, and peak memory.

    python -m bench.gpu_methods [--student 1.5b] [--teacher 7b] [--steps 4] [--prompts 64] [--tokens 512] [--tiny]

The models have the shapes of Qwen2.5 (bench/gpu/cases.py) and its number of tokens. Completions are drawn with the
model itself, as TRL does without vLLM, and run to `--tokens`, because random weights end none. Rewards are by a rule
that costs nothing. Steps after the first count. Needs torch, transformers, trl, datasets, peft and pydantic.
"""

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from bench.gpu.models import make_config
from configs.models import Student
from configs.prompt import Prompt
from configs.stages import DistillStage, GrpoStage
from records.hashing import problem_id
from records.parquet import as_dict, read_rows, write_rows
from records.prompts import PROMPTS, PROMPTS_FILE
from records.rows import MATH, Problem, Trace, Verdict
from records.schemas import PROBLEM
from records.thinking import CLOSE, OPEN
from records.training_log import LOG_FILE, RECORDS

SPECIAL = ("<|endoftext|>", "<|pad|>", "<|im_start|>", "<|im_end|>", OPEN, CLOSE)
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
BYTES_OF_A_PROMPT = 200


def write_model(folder: Path, name: str, words: int, device: str) -> None:
    """Write a random model in bfloat16 with a tokenizer of `words` tokens: the bytes, of which prompts consist, and
    others, of which its completions do."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: at for at, token in enumerate([*alphabet, *SPECIAL])}
    vocabulary |= {f"w{at}": at for at in range(len(vocabulary), words)}
    made = Tokenizer(models.BPE(vocabulary, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=made,
        eos_token="<|im_end|>",
        pad_token="<|pad|>",
        additional_special_tokens=["<|im_start|>"],
    )
    tokenizer.chat_template = TEMPLATE
    with torch.device(device):
        model: Any = AutoModelForCausalLM.from_config(make_config(name), dtype=torch.bfloat16)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def write_prompts(folder: Path, number: int) -> None:
    """Write the same problems as the problems of a distillation and as the prompts of reinforcement learning."""
    draws = random.Random(0)
    texts = ["".join(draws.choices("abcdefgh ", k=BYTES_OF_A_PROMPT)) for _ in range(number)]
    problems = [Problem(problem_id(text), text, "1", MATH, "made") for text in texts]
    write_rows(folder / "problems.parquet", problems, PROBLEM)
    (folder / "prompts").mkdir()
    write_rows(folder / "prompts" / PROMPTS_FILE, [as_dict(one) | {"pass_rate": None} for one in problems], PROMPTS)


@contextmanager
def by_chance() -> Iterator[Callable[[list[Trace]], list[list[Verdict]]]]:
    """Yield a judge that accepts completions by their length in characters, which is as good as chance."""

    def judge(traces: list[Trace]) -> list[list[Verdict]]:
        outcomes = ["pass" if len(trace.answer + trace.reasoning) % 2 else "fail" for trace in traces]
        return [[Verdict(trace.verifier, "1", outcome)] for trace, outcome in zip(traces, outcomes, strict=True)]

    yield judge


def settings_of(arguments: argparse.Namespace, batch: int) -> dict[str, Any]:
    return {
        "max_steps": arguments.steps,
        "learning_rate": 1e-6,
        "per_device_train_batch_size": batch,
        "gradient_accumulation_steps": arguments.prompts // batch,
        "max_completion_length": arguments.tokens,
        "gradient_checkpointing": True,
        "save_strategy": "no",
        "logging_steps": 1,
    }


def reinforced(folder: Path, place: Path, arguments: argparse.Namespace, device: Any) -> None:
    from student.data.student_files import StudentOrigin
    from student.methods.grpo import train

    length = arguments.tokens + 2 * BYTES_OF_A_PROMPT
    given = {"method": "grpo", "max_length": length, "rewards": {"format": 0, "language": 0, "length": 0.5}}
    stage = GrpoStage.model_validate(given | {"settings": settings_of(arguments, 8) | {"num_generations": 8}})
    student = Student(name="student", path="student")
    train(
        folder,
        stage,
        StudentOrigin(str(place / "student")),
        place / "prompts",
        student,
        by_chance,
        ignore,
        device=device,
    )


def distilled(folder: Path, place: Path, arguments: argparse.Namespace, device: Any) -> None:
    from student.data.student_files import StudentOrigin
    from student.data.teacher_files import TeacherOrigin
    from student.methods.distill import train

    length = arguments.tokens + 2 * BYTES_OF_A_PROMPT
    stage = DistillStage.model_validate(
        {"method": "distill", "max_length": length, "settings": settings_of(arguments, 8)}
    )
    student, teacher = StudentOrigin(str(place / "student")), TeacherOrigin(str(place / "teacher"))
    train(folder, stage, student, teacher, place / "problems.parquet", Prompt(), ignore, device=device)


def ignore(*_: Any, **__: Any) -> None:
    """Take no notice of progress."""


def measured(name: str, train: Callable[..., None], place: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Train, and return what the steps after the first one took, from the training's own log."""
    folder, cuda = place / name, torch.cuda.is_available()
    folder.mkdir()
    if cuda:
        torch.cuda.reset_peak_memory_stats()
    started = time.perf_counter()
    with redirect_stdout(sys.stderr):
        train(folder, place, arguments, "cuda" if cuda else "cpu")
    rows = [row for row in read_rows(folder / RECORDS / LOG_FILE) if row["step"] > 1]
    seconds = sum(row["seconds"] for row in rows)
    drawing = [row["generation_s"] for row in rows if row["generation_s"] is not None]
    peak = torch.cuda.max_memory_allocated() if cuda else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    return {
        "method": name,
        "steps": len(rows),
        "s/step": round(seconds / len(rows), 2),
        "tokens/s": round(sum(row["tokens"] for row in rows) / seconds),
        "completion tokens": rows[-1]["completion_length"],
        "drawing": f"{100 * sum(drawing) / seconds:.0f} %" if drawing else "",
        "peak GiB": round(peak / 2**30, 1),
        "whole s": round(time.perf_counter() - started),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--student", default="1.5b")
    parser.add_argument("--teacher", default="7b")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--prompts", type=int, default=64, help="completions of a step")
    parser.add_argument("--tokens", type=int, default=512, help="of each completion")
    parser.add_argument("--tiny", action="store_true", help="small models on the CPU")
    arguments = parser.parse_args()
    words = 151_643
    if arguments.tiny:
        arguments.student = arguments.teacher = "tiny"
        arguments.prompts, arguments.tokens, words = 16, 16, 500
    device = "cuda" if torch.cuda.is_available() else "cpu"
    print(torch.cuda.get_device_name() if device == "cuda" else "CPU", torch.__version__, flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        write_prompts(place, 8 * arguments.prompts)
        for role, name in (("student", arguments.student), ("teacher", arguments.teacher)):
            write_model(place / role, name, words, device)
        for name, train in (("grpo", reinforced), ("distill", distilled)):
            print(json.dumps(measured(name, train, place, arguments)), flush=True)


if __name__ == "__main__":
    main()
