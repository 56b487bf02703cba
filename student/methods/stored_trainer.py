"""Fine-tuning on the teacher's stored log-probabilities of a completion's tokens, instead of the tokens alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from trl.models.utils import _ForwardRedirection

from student.data.rendering import IGNORED
from student.data.stored import StoredLogprobs
from student.data.vocabularies import used_rows
from student.methods.collating import Collator
from student.methods.output_layer import backbone_of, output_layer
from student.methods.stored_loss import stored_loss
from student.methods.trainer import JournaledTrainer

NO_TOKEN, IMPOSSIBLE = 2**31 - 1, float(np.finfo(np.float16).min)
"""An id beyond every vocabulary, and a logprob whose exponential is 0."""


class StoredCollator:
    """Makes batches with `top_ids` and `top_logprobs` (labels, k), in the order of the tokens that have a label: pack
    by pack, and in each of them row by row."""

    def __init__(self, collate: Collator, stored: StoredLogprobs) -> None:
        self.collate, self.stored = collate, stored

    def __call__(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        learnt = []
        for one in examples:
            ends: Any = np.cumsum(one["seq_lengths"])[:-1] if one["rows"] else []
            for row, labels in zip(one["rows"], np.split(np.asarray(one["labels"]), ends), strict=bool(one["rows"])):
                learnt.append(self.stored.learnt(row, int((labels != IGNORED).sum())))
        batch = self.collate(examples)
        ids, logprobs = below_each_other(learnt or [(np.zeros((0, 1), int), np.zeros((0, 1), "f4"))])
        return batch | {"top_ids": torch.from_numpy(ids), "top_logprobs": torch.from_numpy(logprobs)}


def below_each_other(rows: Sequence[tuple[NDArray[Any], NDArray[Any]]]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the ids and logprobs of several rows, (n, k) each, as two arrays. Datasets may store other numbers of
    tokens at each place: the smaller ones are filled up with a token that no student has, of probability 0."""
    most = max(ids.shape[1] for ids, _ in rows)

    def filled(array: NDArray[Any], value: float) -> NDArray[Any]:
        return np.pad(array, ((0, 0), (0, most - array.shape[1])), constant_values=value)

    return (
        np.concatenate([filled(ids, NO_TOKEN) for ids, _ in rows]),
        np.concatenate([filled(logprobs, IMPOSSIBLE) for _, logprobs in rows]),
    )


class StoredTrainer(JournaledTrainer):
    """Trains on the divergence from the teacher's stored probabilities (`student.methods.stored_loss`)."""

    def __init__(self, stored: StoredLogprobs, nll_weight: float, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        collate: Any = self.data_collator
        self.data_collator, self.nll_weight = StoredCollator(collate, stored), nll_weight
        self.tokens = used_rows(named["processing_class"])
        self.redirection = _ForwardRedirection()

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        plain = self.accelerator.unwrap_model(model)
        loss, entropy, matches, count = self.redirection(model, plain, self.sums, plain, inputs)
        metrics = self._metrics["train" if plain.training else "eval"]
        for name, total in (("entropy", entropy), ("mean_token_accuracy", matches)):
            both = self.accelerator.gather(torch.stack([total.float(), count.float()])[None].detach())
            metrics[name].append(float(both[:, 0].sum() / both[:, 1].sum().clamp(min=1)))
        if num_items_in_batch is None:
            loss = loss / count.clamp(min=1)
        else:  # it counts the tokens of all processes, whose gradients are averaged
            loss = loss / torch.as_tensor(num_items_in_batch).clamp(min=1) * self.accelerator.num_processes
        return (loss, {}) if return_outputs else loss

    def sums(self, plain: Any, inputs: dict[str, Any]) -> tuple[torch.Tensor, ...]:
        """Return the summed loss, entropy and matches of a batch's tokens with a label, and their number."""
        given = {name: inputs[name] for name in ("input_ids", "attention_mask", "position_ids") if name in inputs}
        hidden = backbone_of(plain)(**given, use_cache=False).last_hidden_state[:, :-1]
        labels = inputs["labels"][:, 1:]
        labelled = labels != IGNORED
        layer = output_layer(plain, self.tokens)
        found = stored_loss(
            hidden[labelled], layer, labels[labelled], inputs["top_ids"], inputs["top_logprobs"], self.nll_weight
        )
        return *found, labelled.sum()
