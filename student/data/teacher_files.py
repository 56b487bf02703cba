"""Reads what a distilled model's files say besides its weights."""

from dataclasses import dataclass
from typing import Any

from transformers import AutoTokenizer

from configs.stages import DistillStage
from records.errors import InputError
from student.data.student_files import StudentOrigin, reason_of
from student.data.text_bytes import check_byte_level
from student.data.vocabularies import check_same_vocabulary


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


def check_teaches(teacher: TeacherOrigin, student: Any, config: DistillStage) -> None:
    """Check that a teacher can read what the student of this tokenizer writes.

    Errors: InputError for tokens that mean something else to it, or that cannot be matched, and for rows that are
    longer than its context, where its logits are noise. A server refuses such rows itself.
    """
    if config.align == "same":
        check_same_vocabulary(student, teacher.tokenizer())
    elif config.settings.get("use_extended_uld", True):
        check_byte_level(student, "student")
        check_byte_level(teacher.chat_tokenizer(), "teacher")
    else:
        teacher.chat_tokenizer()
    if config.served:
        return
    context = StudentOrigin(teacher.path, teacher.revision).configs().context
    if context is not None and config.max_length > context:
        raise InputError(
            f"teacher: max_length={config.max_length} exceeds the context of {teacher.path}, {context} tokens "
            f"(max_position_embeddings), beyond which its logits teach nothing; lower max_length to {context}, or take "
            "another teacher"
        )
