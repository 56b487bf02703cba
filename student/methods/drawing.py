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
    columns: list[torch.Tensor] = []
    open_rows: set[int] = set()
    stops = torch.tensor(list(ends))
    begun = False

    def see(_: Any, inputs: tuple[torch.Tensor, ...]) -> None:
        nonlocal begun
        tokens = inputs[0]
        if not begun:
            begun = True
            open_rows.update(range(tokens.shape[0]))
            return
        if tokens.dim() != 2 or tokens.shape[1] != 1 or not open_rows:
            open_rows.clear()
            return
        column = tokens[:, 0].cpu()
        columns.append(column)
        for row in torch.isin(column, stops).nonzero()[:, 0].tolist():
            if row in open_rows:
                open_rows.discard(row)
                ended(row, torch.stack(columns)[:, row].tolist())

    handle = model.get_input_embeddings().register_forward_pre_hook(see)
    try:
        yield
    finally:
        handle.remove()
