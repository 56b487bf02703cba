"""Writes the card of a dataset of traces, in the form that the Hugging Face hub and `datasets.load_dataset` read."""

from pathlib import Path

from records.counts import SelectionCounts
from records.files import write_whole
from records.markdown import escaped
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
`completion_tokens`, `by_second_opinion` (true for a trace that an LLM judge alone accepted).
"""
SECOND_OPINION = """
{count} of the traces were accepted by an LLM judge alone, against or without the verifiers' verdict: those
with `by_second_opinion`. To leave them out: `dataset.filter(lambda row: not row["by_second_opinion"])`.
"""
LOGPROBS = """
`logprobs` ({tokens} tokens have them) is a struct, null for a completion of n tokens without them: `token_ids` (n) and
their `logprobs` (n), the teacher's most probable tokens `top_ids` (n * k, token by token, the most probable first) and
their `top_logprobs` (n * k), natural logarithms at temperature 1; NaN at tokens that were put there and not drawn.
`vocabulary` is a hash of the pairs of id and token that the ids belong to. The tokens are those of the completion as
it was drawn: `messages` holds its text, with think tags normalised.
"""


def write_card(folder: Path, teacher: str, counts: SelectionCounts) -> None:
    """Write the card as `README.md` into the dataset's folder."""
    left_out = ", ".join(f"{count} {reason}" for reason, count in counts.left_out.items()) or "none"
    text = CARD.format(
        teacher=escaped(teacher),
        selected=counts.selected,
        problems=counts.problems,
        left_out=left_out,
        think_tags=f"{OPEN}…{CLOSE}",
    )
    if counts.by_second_opinion:
        text += SECOND_OPINION.format(count=f"{counts.by_second_opinion:,}")
    if counts.logprob_tokens is not None:
        text += LOGPROBS.format(tokens=f"{counts.logprob_tokens:,}")
    write_whole(folder / "README.md", text)
