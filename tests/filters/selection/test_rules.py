"""Near-duplicate prompts found through the index are those that datasketch finds in memory."""

import random
from collections import Counter
from pathlib import Path

import pytest

from configs.selection import NearDuplicates
from filters.selection.candidates import ProblemCandidates
from filters.selection.index import temporary_index
from filters.selection.near_duplicates import distinct, signature
from filters.selection.rules import keep_distinct_prompts


@pytest.mark.parametrize("threshold", [0.3, 0.6, 0.9, 1.0])
def test_the_same_prompts_stay(tmp_path: Path, threshold: float) -> None:
    draw, rule = random.Random(3), NearDuplicates(threshold=threshold, permutations=64)
    texts = [[f"w{draw.randrange(400)}" for _ in range(60)] for _ in range(20)]
    for _ in range(150):
        changed = list(draw.choice(texts))
        for _ in range(draw.randrange(12)):
            changed[draw.randrange(60)] = "other"
        texts.append(changed)
    signed = [(at, signature(" ".join(text), rule.permutations)) for at, text in enumerate(texts)]
    left_out: Counter[str] = Counter()
    with temporary_index(tmp_path) as index:
        index.add_signatures(signed)
        for at in range(len(texts)):
            index.add_problem(ProblemCandidates(at, at, f"{at}", 1, 1, None, at, 2, 1), [])
        keep_distinct_prompts(index, rule, left_out)
        kept = [problem.rank for problem in index.with_candidates()]
    assert kept == [*distinct(signed, rule)]
    assert left_out == {"duplicate_prompt": 3 * (len(texts) - len(kept))}
    assert 0 < len(kept) < len(texts)
