"""What the trainings that `bench.training_faults` kills need: small random models, rows, problems, replies."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from configs.scratch import Architecture
from records.dataset_row import unsampled_row
from records.hashing import problem_id
from records.parquet import as_dict, write_rows
from records.prompts import PROMPTS, PROMPTS_FILE
from records.replies import PAIR, PAIRS, REPLIES, REPLY, Pair, Reply
from records.rows import MATH, Problem
from records.schemas import DATASET, PROBLEM
from records.step_labels import IMPORTED, SOLUTION
from records.thinking import CLOSE, OPEN

ROWS = 40
ARCHITECTURE = Architecture(
    hidden_size=32,
    intermediate_size=64,
    num_hidden_layers=1,
    num_attention_heads=2,
    num_key_value_heads=1,
    head_dim=16,
    vocab_size=300,
)


def make_inputs(folder: Path) -> None:
    """Write an untrained model, a teacher with its tokenizer, one with another, a dataset, problems, and prompts."""
    from student.scratch.model import make_model

    draws = random.Random(0)
    contents = [f"{OPEN}\n" + "1 + 1 = 2\n" * draws.randint(1, 4) + f"{CLOSE}\n\n\\boxed{{2}}" for _ in range(ROWS)]
    make_model(folder / "model", ARCHITECTURE, contents, seed=0)
    make_model(folder / "teacher", ARCHITECTURE.model_copy(update={"hidden_size": 48}), contents, seed=1)
    other = ARCHITECTURE.model_copy(update={"hidden_size": 48, "vocab_size": 280})
    make_model(folder / "teacher-gold", other, contents, seed=2)
    asked_of_both = [Problem(f"problem{at}", f"{at}?", "2", "math", "made") for at in range(ROWS)]
    write_rows(folder / "problems.parquet", asked_of_both, PROBLEM)
    (folder / "data").mkdir()
    rows = [
        unsampled_row(
            [{"role": "user", "content": f"{at}?"}, {"role": "assistant", "content": content}], f"problem{at}", "made"
        )
        for at, content in enumerate(contents)
    ]
    write_rows(folder / "data" / "train.parquet", rows, DATASET)
    make_stored_inputs(folder, rows)
    (folder / "prompts").mkdir()
    questions = [f"What is {at} + 1?" for at in range(ROWS)]
    problems = [Problem(problem_id(question), question, "1", MATH, "made") for question in questions]
    asked = [as_dict(problem) | {"pass_rate": None} for problem in problems]
    write_rows(folder / "prompts" / PROMPTS_FILE, asked, PROMPTS)

    make_reward_inputs(folder)


def make_reward_inputs(folder: Path) -> None:
    """Write an accepted and a rejected reply to each question, and solutions of which every second one goes wrong."""
    (folder / "pairs").mkdir()
    replies = [
        Reply("made", f"problem{at // 2}", 0, at % 2, f"{at // 2}?", "1 + 1\n" * (1 + at % 5), said, True, said == "2")
        for at, said in enumerate(["2", "3"] * ROWS)
    ]
    write_rows(folder / "pairs" / REPLIES, replies, REPLY)
    write_rows(folder / "pairs" / PAIRS, (Pair(2 * at, 2 * at + 1) for at in range(ROWS)), PAIR)
    (folder / "labels").mkdir()
    solutions = [
        {
            "source": "made",
            "problem_id": f"problem{at}",
            "attempt": 0,
            "sample_index": at,
            "prompt": f"{at}?",
            "steps": ["1 + 1 = 2.\n", f"1 + 1 = {2 + at % 2}.\n"],
            "labels": [1.0, float(at % 2 == 0)],
        }
        for at in range(ROWS)
    ]
    write_rows(folder / "labels" / IMPORTED, solutions, SOLUTION)


def make_stored_inputs(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows with log-probabilities that some teacher might have given their tokens."""
    import numpy as np
    from transformers import AutoTokenizer

    from records.logprob_files import DATASET_WITH_LOGPROBS, write_with_logprobs
    from records.logprobs import TokenLogprobs, of_lists
    from records.vocabulary import vocabulary_hash
    from student.data.rendering import IGNORED, RowRenderer

    tokenizer, draws = AutoTokenizer.from_pretrained(folder / "model"), np.random.default_rng(0)
    renderer, vocabulary = RowRenderer(tokenizer), vocabulary_hash(tokenizer)

    def told(row: dict[str, Any]) -> TokenLogprobs:
        tokens = [one for one in renderer.render(row["messages"], row["problem_id"]).labels if one != IGNORED]
        tops = np.sort(np.log(draws.dirichlet(np.ones(4), len(tokens))[:, :3]))[:, ::-1]
        ids = draws.permuted(np.tile(np.arange(len(tokenizer)), (len(tokens), 1)), axis=1)[:, :3]
        return of_lists(vocabulary, tokens, tops[:, 0], ids, tops)

    (folder / "stored").mkdir()
    write_with_logprobs(folder / "stored" / "train.parquet", ((row, told(row)) for row in rows), DATASET_WITH_LOGPROBS)
