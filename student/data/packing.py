"""Packs rows into sequences of bounded length, so that no computation goes into padding.

Rows packed together do not see each other: the trainer's collator restarts the positions at each row, and transformers
builds the attention mask from them (masking_utils, `find_packed_sequence_indices`).
"""

import bisect
from collections import defaultdict

import numpy as np


def pack(lengths: np.ndarray, capacity: int) -> list[list[int]]:
    """Return packs of row numbers whose lengths add up to at most `capacity`, by best-fit decreasing.

    Each row goes, the longest first, into the fullest pack that still has room (the strategy `bfd` of TRL, over all
    rows instead of 1,000 at a time). `lengths` are tokens, each at most `capacity`.

    Errors: ValueError for a longer row.
    """
    if len(lengths) and lengths.max() > capacity:
        raise ValueError(f"a row of {lengths.max()} tokens does not fit into {capacity}")
    packs: list[list[int]] = []
    with_room: dict[int, list[int]] = defaultdict(list)  # packs by the tokens that still fit in
    rooms: list[int] = []  # the keys that have packs, ascending
    for row in np.argsort(-lengths, kind="stable"):
        length = int(lengths[row])
        at = bisect.bisect_left(rooms, length)
        if at == len(rooms):
            number, room = len(packs), capacity
            packs.append([])
        else:
            room = rooms[at]
            number = with_room[room].pop()
            if not with_room[room]:
                rooms.pop(at)
        packs[number].append(int(row))
        left = room - length
        if not with_room[left]:
            bisect.insort(rooms, left)
        with_room[left].append(number)
    return packs
