"""Compares the vocabularies of two models themselves: equal sizes say nothing (TRL compares `config.vocab_size` only).

Both models of the embedded pair say 400, and 260 of their tokens are the same. And equal vocabularies may have unequal
sizes: Qwen2.5's tokenizer is the same in all sizes of the model, which have 151,936 or 152,064 embeddings.
"""

from typing import Any

from records.errors import InputError


def differing(student: dict[str, int], teacher: dict[str, int]) -> list[str]:
    """Return the tokens that only one of two vocabularies (`get_vocab()`) has, or that have another id in each; ordered
    by their id."""
    tokens = {token for token, _ in student.items() ^ teacher.items()}
    return sorted(tokens, key=lambda token: (student.get(token, teacher.get(token, 0)), token))


def check_same_vocabulary(student: Any, teacher: Any, place: str = "teacher") -> None:
    """Check that token ids mean the same to two tokenizers, special and added tokens included. Errors: InputError."""
    own, other = student.get_vocab(), teacher.get_vocab()
    differ = differing(own, other)
    if not differ:
        return
    first = differ[0]
    ids = [str(vocabulary[first]) if first in vocabulary else "no token" for vocabulary in (own, other)]
    count = "1 entry" if len(differ) == 1 else f"{len(differ):,} entries"
    raise InputError(
        f"{place}: the vocabularies of {student.name_or_path} and {teacher.name_or_path} differ in {count}, such as "
        f"{first!r}, which is {ids[0]} in the student and {ids[1]} in the teacher: its logits would "
        "teach other tokens; set align: gold, or take a pair with one tokenizer"
    )


def used_rows(tokenizer: Any) -> int:
    """Return how many rows of embeddings and logits belong to tokens; further ones only fill up the matrix."""
    return 1 + max(tokenizer.get_vocab().values())
