"""Reads what a distilled model's files say besides its weights."""

from dataclasses import dataclass
from typing import Any

from transformers import AutoTokenizer

from records.errors import InputError
from student.data.student_files import StudentOrigin, reason_of


@dataclass(frozen=True)
class TeacherOrigin:
    """Where a model comes from whose token probabilities are distilled."""

    path: str
    """A model directory or a Hugging Face name."""
    revision: str | None = None
    dtype: str = "bfloat16"
    server: str | None = None
    """Address of a vLLM server of the model; None if its weights are loaded."""

    def tokenizer(self) -> Any:
        """Load the tokenizer, with or without a chat template. Errors: InputError if it does not load."""
        try:
            return AutoTokenizer.from_pretrained(self.path, revision=self.revision, trust_remote_code=False)
        except Exception as error:  # OSError, KeyError, Rust's bare Exception: they share no narrower class
            raise InputError(f"teacher: the tokenizer of {self.path} does not load ({reason_of(error)})") from error

    def chat_tokenizer(self) -> Any:
        """Load the tokenizer with its own chat template. Errors: InputError if it has none."""
        return StudentOrigin(self.path, self.revision).tokenizer()
