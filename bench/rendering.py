"""How fast rows become tokens: in the preflight, in the trainer, and read back from where the trainer keeps them.

    python -m bench.rendering --rows 2000 --tokens 4000

Rows of synthetic text in the length that is asked for, with the embedded models' kind of tokenizer (byte-level BPE), on
one process. The last column is the time for a million rows.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from transformers import Qwen3Config

from bench.synthetic import TOKENS_PER_SENTENCE, sentences
from records.dataset_row import unsampled_row
from records.parquet import write_rows
from records.schemas import DATASET
from records.thinking import join_reasoning
from student.data.mixing import lengths_of, rendered_rows
from student.data.rendering import RowRenderer
from student.data.student_files import StudentOrigin
from student.data.surveying import Form, survey_rows
from student.scratch.model import make_tokenizer

VOCABULARY = 16_000
CONTEXT = 1 << 20


def write_dataset(folder: Path, count: int, tokens: int) -> None:
    folder.mkdir()
    pool, random = sentences(seed=0), Random(0)

    def content() -> str:
        steps = random.choices(pool, k=max(1, round(tokens / TOKENS_PER_SENTENCE)))
        return join_reasoning(" ".join(steps), "\\boxed{1}")

    rows = (
        unsampled_row(
            [{"role": "user", "content": f"What is {at}?"}, {"role": "assistant", "content": content()}],
            str(at),
            "made",
        )
        for at in range(count)
    )
    write_rows(folder / "train.parquet", rows, DATASET)


def timed(name: str, count: int, work: Callable[[], int]) -> None:
    """Print the rate of `work`, which returns the tokens of `count` rows."""
    started = time.monotonic()
    tokens = work()
    seconds = time.monotonic() - started
    rates = f"{count / seconds:10,.0f} rows/s {tokens / seconds:12,.0f} tokens/s"
    print(f"{name:12} {rates} {1e6 * seconds / count / 3600:8.2f} h", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--tokens", type=int, default=4000, help="tokens of a row, about")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        model, data, cache = Path(made) / "model", Path(made) / "data", Path(made) / "cache"
        tokenizer = make_tokenizer(sentences(seed=0)[:2000], VOCABULARY, CONTEXT)
        tokenizer.save_pretrained(model)
        Qwen3Config(vocab_size=VOCABULARY, max_position_embeddings=CONTEXT).save_pretrained(model)
        write_dataset(data, arguments.rows, arguments.tokens)
        student = StudentOrigin(str(model))
        form, renderer = Form(student, "visible", CONTEXT), RowRenderer(student.tokenizer())

        def survey() -> int:
            return survey_rows([data], form, lambda *_: None, processes=1).lengths.tokens()

        def render() -> int:
            return int(lengths_of(rendered_rows(data, renderer, CONTEXT, cache)).sum())

        timed("preflight", arguments.rows, survey)
        timed("trainer", arguments.rows, render)
        timed("read back", arguments.rows, render)


if __name__ == "__main__":
    main()
