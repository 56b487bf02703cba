"""Watches completions while the model draws them, so that what has ended is judged before the longest one ends."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch


@contextmanager
def watching(model: Any, ends: Sequence[int], ended: Callable[[int, list[int]], None]) -> Iterator[None]:
    """Call `ended(row, tokens)` for each row of a batch as soon as `model.generate` has drawn one of the tokens `ends`
    for it; `tokens` is the completion with that token.

    The tokens are seen where every step begins, at the input embeddings: `generate` gives the model the last token of
    each row, after a first call with the prompts. Rows that end with the last token of the longest one are not told,
    nor is anything if the model is called otherwise (assisted decoding, chunked prompts).
    """
    columns: list[list[int]] = []
    stops = set(ends)
    open_rows: set[int] | None = None

    def see(_: Any, inputs: tuple[torch.Tensor, ...]) -> None:
        nonlocal open_rows
        tokens = inputs[0]
        if open_rows is None:
            open_rows = set(range(tokens.shape[0]))
            return
        if tokens.shape[1:] != (1,):
            open_rows.clear()
        if not open_rows:
            return
        columns.append(tokens[:, 0].tolist())
        now = [row for row, token in enumerate(columns[-1]) if token in stops and row in open_rows]
        for row in now:
            open_rows.discard(row)
            ended(row, [column[row] for column in columns])

    handle = model.get_input_embeddings().register_forward_pre_hook(see)
    try:
        yield
    finally:
        handle.remove()
