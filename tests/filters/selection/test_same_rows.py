"""Selection's rows and their order are pinned: a row that moves needs a new version of the stage."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from selection_makers import select, text_of, trace

from configs.selection import NearDuplicates
from records.hashing import fingerprint
from records.rows import Trace

NEAR = NearDuplicates(threshold=0.7, permutations=64)
PINNED = {
    "default": (114, "4125a3228c64"),
    "one, shortest": (51, "8b5769e6f28e"),
    "two at random": (87, "823e0ed9a3c1"),
    "two diverse": (87, "2173eaaccad5"),
    "caps": (52, "ab333514e336"),
    "prompts": (43, "1b4165894f8c"),
    "majority": (48, "7606ec193707"),
}
"""Number of rows, and the hash of rows and counts."""


def mixed_traces() -> list[Trace]:
    """Problems in no order, with equal and near-equal texts and prompts, votes, second chances and four sources."""
    draw, traces = random.Random(1), []
    for number in range(60):
        prompt = text_of(number // 3, 40) + (f" {number}" if number % 2 else f" say {number}")
        reference = "" if number % 5 == 0 else "4"
        for sample in range(draw.randrange(1, 8)):
            likely = ["unknown", "unknown"] if not reference else ["fail"] if number % 4 == 1 else ["pass"]
            outcome = draw.choice([*likely, "pass", "fail"])
            answer = "4" if outcome == "pass" else draw.choice(["5", "10/2", "7", ""])
            text = text_of(100 * number + draw.randrange(5), 80) + draw.choice(["", " so", " then it is"])
            made = trace(prompt, sample, text, outcome, answer, reference=reference, attempt=int(draw.random() < 0.1))
            traces.append(replace(made, source=f"s{number % 4}", hinted=draw.random() < 0.05))
    draw.shuffle(traces)
    return traces


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("default", {}),
        ("one, shortest", {"order": "shortest", "max_per_problem": 1}),
        ("two at random", {"order": "random", "max_per_problem": 2, "seed": 7}),
        ("two diverse", {"order": "diverse", "max_per_problem": 2, "near_duplicates": None}),
        ("caps", {"max_per_source": {"s0": 5, "s1": 0, "s2": 20}, "seed": 2}),
        ("prompts", {"near_duplicate_prompts": NEAR, "near_duplicates": NEAR}),
        ("majority", {"min_majority": 0.4, "min_pass_rate": 0.2, "max_pass_rate": 0.9, "max_per_source": 12}),
    ],
)
def test_rows_are_pinned(tmp_path: Path, name: str, config: dict[str, Any]) -> None:
    counts, rows = select(tmp_path, mixed_traces(), **config)
    found = fingerprint([rows, list(counts.left_out.items()), counts.problems, counts.disputed_references])
    assert (counts.selected, found) == PINNED[name], counts
