"""Batches as the trainer takes them: TRL's, with their rows' numbers, and packs kept apart where that is cheaper."""

from dataclasses import replace
from typing import Any

import torch
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

from records.attention import DENSE


class Collator:
    """Makes a batch of packs, with the numbers of their rows.

    TRL joins the packs of a batch to one sequence, for kernels that take the rows' boundaries. Dense attention would
    compute every pair of tokens over all packs: with 8 packs 8 times as much, and a mask 8 times as large. So it gets
    a sequence for each pack, (packs, tokens). There is no attention mask beside the positions, because transformers
    finds the rows in the positions only without one (masking_utils.py, `find_packed_sequence_indices`).
    """

    def __init__(self, collate: DataCollatorForLanguageModeling, attention: str) -> None:
        self.apart = collate.padding_free and attention in DENSE
        self.collate = replace(collate, padding_free=False, return_position_ids=True) if self.apart else collate

    def __call__(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """Return TRL's batch, with `rows` (rows,) and `lengths` (packs,), the tokens of each that are no padding: none
        of a pack without rows."""
        batch = self.collate(examples)
        if self.apart:
            del batch["attention_mask"]
        rows = [row for one in examples for row in one["rows"]]
        lengths = [len(one["input_ids"]) if one["rows"] else 0 for one in examples]
        return batch | {"rows": torch.tensor(rows, dtype=torch.long), "lengths": torch.tensor(lengths)}
