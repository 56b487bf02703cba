"""Students without weights, and datasets, as the preflight reads them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizer_makers import make_byte_tokenizer
from transformers import GenerationConfig, Qwen3Config

from configs.training import Training
from records.dataset_row import unsampled_row
from records.parquet import write_rows
from records.schemas import DATASET
from student.data.student_files import StudentOrigin

ANSWERED = "<think>\n12 + 34 = 46\n</think>\n\n\\boxed{46}"


def make_training(lora: dict[str, Any] | None = None, **fields: Any) -> Training:
    return Training.model_validate({"max_length": 400, "lora": lora, **fields})


def make_student(
    folder: Path,
    tokenizer: Any = None,
    eos: int | list[int] | None = None,
    vocab_size: int = 300,
    template: str | None = None,
    **config: Any,
) -> StudentOrigin:
    """Write all of a model directory but the weights. `eos` is that of the generation config; None writes none."""
    (tokenizer or make_byte_tokenizer()).save_pretrained(folder)
    Qwen3Config(vocab_size=vocab_size, **config).save_pretrained(folder)
    if eos is not None:
        GenerationConfig(eos_token_id=eos).save_pretrained(folder)
    return StudentOrigin(str(folder), template=template)


def make_row(content: str = ANSWERED, at: int = 0, turns: Sequence[dict[str, str]] = ()) -> dict[str, Any]:
    asked = list(turns) or [{"role": "user", "content": f"{at}: 12 + 34?"}]
    messages = [*asked, {"role": "assistant", "content": content}]
    return unsampled_row(messages, f"p{at}", "made", sample_index=at % 4)


def write_dataset(folder: Path, rows: list[dict[str, Any]]) -> Path:
    folder.mkdir(parents=True)
    write_rows(folder / "train.parquet", rows, DATASET)
    return folder
