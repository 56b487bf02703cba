"""Puts texts of like length into one batch, so that little of it is padding."""

from collections.abc import Iterator, Sequence


def batches(lengths: Sequence[int], most_tokens: int) -> Iterator[list[int]]:
    """Yield the positions of the texts in batches, the longest first: memory that does not suffice shows at once. A
    batch holds at most `most_tokens` tokens, padding included, or a single longer text."""
    batch, longest = list[int](), 0
    for at in sorted(range(len(lengths)), key=lambda at: (-lengths[at], at)):
        if batch and longest * (len(batch) + 1) > most_tokens:
            yield batch
            batch = []
        longest = longest if batch else lengths[at]
        batch.append(at)
    if batch:
        yield batch
