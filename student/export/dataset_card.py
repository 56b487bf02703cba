"""Writes the card of a dataset of traces, in the form that the Hugging Face hub and `datasets.load_dataset` read."""

from pathlib import Path

from records.counts import SelectionCounts
from records.files import write_whole
from records.thinking import CLOSE, OPEN

CARD = """---
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train-*.parquet
task_categories: [text-generation]
tags: [reasoning, distillation, retort]
---

# Verified reasoning traces of {teacher}

{selected} verified reasoning traces of {teacher} for {problems} problems.
Left out of the accepted ones: {left_out}.

Columns: `messages` (the last turn holds `{think_tags}` and the answer), `problem_id`, `attempt`,
`sample_index` and `request_fingerprint` (they lead back to the sampled trace), `reference`, `source`, `teacher`,
`completion_tokens`.
"""


def write_card(folder: Path, teacher: str, counts: SelectionCounts) -> None:
    """Write the card as `README.md` into the dataset's folder."""
    left_out = ", ".join(f"{count} {reason}" for reason, count in counts.left_out.items()) or "none"
    text = CARD.format(
        teacher=teacher,
        selected=counts.selected,
        problems=counts.problems,
        left_out=left_out,
        think_tags=f"{OPEN}…{CLOSE}",
    )
    write_whole(folder / "README.md", text)
