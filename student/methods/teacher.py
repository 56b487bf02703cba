"""Loads the model whose logits teach."""

from typing import Any

import torch
from transformers import AutoModelForCausalLM

from records.attention import with_own_attention
from records.errors import InputError
from student.data.teacher_files import TeacherOrigin
from student.methods.adapters import LOADING_ERRORS


def load_teacher(teacher: TeacherOrigin, cpu: bool) -> Any:
    """Load a model that is not trained. Errors: InputError if it does not load, or lacks weights."""
    dtype = teacher.dtype if teacher.dtype == "auto" else getattr(torch, teacher.dtype)
    try:
        found: Any = AutoModelForCausalLM.from_pretrained(
            teacher.path,
            revision=teacher.revision,
            trust_remote_code=False,
            dtype=dtype,
            device_map=None if cpu else {"": torch.cuda.current_device()},
            output_loading_info=True,
        )
    except (*LOADING_ERRORS, OSError) as error:
        raise InputError(f"teacher: {teacher.path} cannot be loaded ({' '.join(str(error).split())})") from error
    model, loaded = found
    if missing := sorted(loaded["missing_keys"]):
        raise InputError(
            f"teacher: {teacher.path} lacks {len(missing)} weights, such as {missing[0]}; download it again"
        )
    return with_own_attention(model.eval().requires_grad_(False))
