"""Memory of the output layer and the loss."""

from student.cost.setup import Setup

TILE_TOKENS, TILE_WORDS = 4096, 32768
"""TRL projects tiles of so many tokens and words of the vocabulary (trl/kernels/chunked_logprob.py TOKEN_CHUNK_SIZE,
trl/trainer/utils.py _CHUNKED_LOGPROB_CHUNK_SIZE)."""

LOGITS = 12
"""Bytes a token and word where the logits are whole, in the loss's backward pass: transformers' loss works in float32
(loss/loss_utils.py), and its log-probabilities, their gradient and the logits' gradient are there together."""


def head_peak(setup: Setup) -> int:
    """Bytes at the output layer's backward pass, beside weights and kept states.

    Fused: one tile of logits, the supervised hidden states with their gradients in float32, and, where the layer is
    trained, its gradient in float32 until it is cast. Whole logits: every token has them, supervised or not.
    """
    shape, compute = setup.shape, setup.compute_width
    states = setup.tokens * shape.hidden
    norm = (4 + 2 * compute) * states
    trained = shape.embedding * (4 + setup.trained_width) if setup.trains_head else 0
    if setup.head == "logits":
        plain = shape.embedding * setup.trained_width if setup.trains_head else 0
        return norm + LOGITS * setup.tokens * shape.vocab + plain
    tokens = int(setup.tokens * setup.supervised)
    tile = min(tokens, TILE_TOKENS) * TILE_WORDS * compute
    return norm + tile + tokens * shape.hidden * (4 + 2 * compute) + trained
