"""On-policy distillation from a teacher behind a vLLM server, which answers with its most probable tokens."""

from typing import Any

from records.errors import InputError
from student.methods.distill_trainer import OnPolicyTrainer
from student.methods.without_vllm import without_vllm

with without_vllm():
    from trl.experimental.server_distillation import ServerDistillationConfig, ServerDistillationTrainer

# The settings' class too: KINDS finds it here, so that whoever checks settings imports no vLLM either.
__all__ = ["ServedTrainer", "ServerDistillationConfig", "served_trainer"]


class ServedTrainer(OnPolicyTrainer, ServerDistillationTrainer):
    """TRL's loss over the teacher's top tokens (`loss_top_k`, `loss_add_tail`), with our journal and draws."""


def served_trainer(address: str, *arguments: Any, **named: Any) -> ServedTrainer:
    """Return the trainer. Errors: InputError if no server answers within a minute."""
    try:
        return ServedTrainer(*arguments, **named)
    except ConnectionError as error:
        raise InputError(f"teacher.server: {address} does not answer ({error}); start `vllm serve` there") from error
