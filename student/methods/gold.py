"""Distillation across tokenizers: the student's completions as text, which the teacher reads in its own tokens.

The loss is TRL's universal logit distillation (trl/experimental/gold, `ULDLoss`; arXiv 2402.12030): tokens of both
models that cover the same bytes are aligned, and the probabilities at each place are compared in sorted order, or, with
`uld_use_hybrid_loss`, those of the tokens that both vocabularies have one by one. All else is as with one vocabulary.
"""

from dataclasses import field, fields, make_dataclass
from typing import Any

import torch
from tokenizers.normalizers import Sequence
from trl import DistillationConfig

from student.data.rendering import IGNORED
from student.data.text_bytes import text_of
from student.data.vocabularies import used_rows
from student.methods.distill_trainer import OnPolicyTrainer
from student.methods.without_vllm import without_vllm

with without_vllm():
    from trl.experimental.gold.gold_config import GOLDConfig
    from trl.experimental.gold.gold_trainer import ULDLoss, build_teacher_inputs_from_texts

ULD = [one for one in fields(GOLDConfig) if one.name.startswith("uld_") or one.name == "use_extended_uld"]
GoldDistillationConfig = make_dataclass(
    "GoldDistillationConfig",
    [(one.name, one.type, field(default=one.default, metadata=one.metadata)) for one in ULD],
    bases=(DistillationConfig,),
    namespace={"__module__": __name__},  # checkpoints hold it pickled
)
"""The settings of on-policy distillation, and those of GOLDConfig's loss."""


class GoldTrainer(OnPolicyTrainer):
    """Trains on prompts that also carry `teacher_prompt`, their text in the teacher's template."""

    def __init__(self, teacher_tokenizer: Any, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.student_tokenizer, self.teacher_tokenizer = named["processing_class"], teacher_tokenizer
        if teacher_tokenizer.pad_token_id is None:
            teacher_tokenizer.pad_token = teacher_tokenizer.eos_token
        settings: Any = self.args
        if settings.use_extended_uld:
            read_as_written(teacher_tokenizer)
        self.uld = ULDLoss(settings, self.student_tokenizer, teacher_tokenizer, self.accelerator.device)

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        drawn = super()._generate_and_score_completions(inputs)
        return drawn | {"teacher_prompt": [one["teacher_prompt"] for one in inputs]}

    def _compute_loss(self, unwrapped_student: Any, inputs: dict[str, Any], num_items_in_batch: Any) -> Any:
        drawn = inputs["completion_mask"]
        ids = torch.cat([inputs["prompt_ids"], inputs["completion_ids"]], dim=1)
        mask = torch.cat([inputs["prompt_mask"], drawn], dim=1)
        labels = torch.cat(
            [torch.full_like(inputs["prompt_ids"], IGNORED), inputs["completion_ids"].masked_fill(drawn == 0, IGNORED)],
            dim=1,
        )
        texts, offsets = self.texts_of(labels)
        prompts = [self.without_start(prompt) for prompt in inputs["teacher_prompt"]]
        their_ids, their_labels, their_mask, their_offsets = (
            one.to(ids.device)
            for one in build_teacher_inputs_from_texts(
                self.teacher_tokenizer, prompts, texts, use_extended_uld=self.uld.use_extended_uld
            )
        )
        own = unwrapped_student(input_ids=ids, attention_mask=mask, use_cache=False).logits
        self.teacher_model.eval()
        with torch.no_grad():
            theirs = self.teacher_model(input_ids=their_ids, attention_mask=their_mask, use_cache=False).logits
        loss = self.uld(
            own[..., : self.tokens],
            theirs[..., : used_rows(self.teacher_tokenizer)],
            labels,
            their_labels,
            ids,
            their_ids,
            student_byte_offsets=offsets.to(ids.device),
            teacher_byte_offsets=their_offsets,
        )
        if self.in_training:  # a mean over completions, of which a step has several batches
            loss = loss / self.args.gradient_accumulation_steps
        with torch.no_grad():
            plain = own[:, -drawn.size(1) - 1 : -1, : self.tokens][drawn.bool()].float().log_softmax(-1)
            entropy = -(plain.exp() * plain).sum()
        return loss, entropy, drawn.sum()

    def texts_of(self, labels: torch.Tensor) -> tuple[list[str], torch.Tensor]:
        """Return the completions as text, without the stop token, and the bytes (start, end) of each token in it, for
        labels (n, tokens): (n, tokens, 2)."""
        texts, offsets = [], torch.zeros(*labels.shape, 2, dtype=torch.long)
        for at, row in enumerate(labels.tolist()):
            places = [place for place, label in enumerate(row) if label != IGNORED]
            own = [row[place] for place in places]
            stops = int(bool(own) and own[-1] in self.eos_token_ids)
            drawn = own[: len(own) - stops]
            if not self.uld.use_extended_uld:  # tokens are matched by their number
                texts.append(self.student_tokenizer.decode(drawn, clean_up_tokenization_spaces=False))
                continue
            text, ends = text_of(self.student_tokenizer.convert_ids_to_tokens(drawn))
            texts.append(text)
            ends += [len(text.encode())] * stops
            for place, start, end in zip(places, [0, *ends], ends, strict=False):
                offsets[at, place, 0], offsets[at, place, 1] = start, end
        return texts, offsets

    def without_start(self, prompt: str) -> str:
        """Remove what begins a sequence from a rendered prompt, if the tokenizer adds it once more."""
        start = self.teacher_tokenizer.bos_token
        adds = start and self.teacher_tokenizer("a")["input_ids"][:1] == [self.teacher_tokenizer.bos_token_id]
        return prompt.removeprefix(start) if adds else prompt


def read_as_written(tokenizer: Any) -> None:
    """Make a tokenizer leave out its normalizer. Qwen's composes characters (NFC), and an `e` and an accent that the
    student drew one after the other are then bytes of no token: TRL refuses to align them, at every attempt again."""
    tokenizer.backend_tokenizer.normalizer = Sequence([])
