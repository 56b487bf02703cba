"""Forward KL divergence from a teacher's most probable tokens to the student, with the rest as one more token.

    KL = sum_i p_i (log p_i - log q_i) + r (log r - log s),   r = 1 - sum_i p_i,   s = 1 - sum_i q_i

over the k tokens that are stored: p the teacher's, q the student's probabilities. It is the divergence between both
distributions with all other tokens merged into one, so it is at most the whole one, zero only where the student gives
each of the k tokens the teacher's probability, and with k the whole vocabulary the whole one. TRL's server distillation
has the same rule (`_add_tail_bucket`). The k alone, scaled up to 1, are a biased estimate of the teacher's distribution
(Sparse Logit Sampling, arXiv 2503.16870).
"""

import torch
from torch.utils.checkpoint import checkpoint

from student.methods.output_layer import OutputLayer

CHUNK = 1024
"""Tokens whose logits exist at a time: with 152k tokens in the vocabulary 0.6 GB."""
Sums = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


def divergence(student: torch.Tensor, ids: torch.Tensor, logprobs: torch.Tensor) -> torch.Tensor:
    """Return the divergence of each token (n,) in nats.

    `student` are its log-probabilities (n, vocabulary), `ids` and `logprobs` (n, k) the teacher's. What these have
    beyond the student's vocabulary, rows of the teacher's output layer without a token, counts as impossible.
    Probabilities that add up to more than 1, because they are rounded, are scaled to 1.
    """
    impossible = ids >= student.size(-1)
    never = float("-inf")
    inside = logprobs.masked_fill(impossible, never)
    outside = logprobs.masked_fill(~impossible, never).logsumexp(-1, keepdim=True).exp()
    teacher = inside - torch.log1p(-outside.clamp(max=1 - 1e-6))
    total = teacher.logsumexp(-1, keepdim=True)
    teacher = teacher - total.clamp(min=0)
    rest = -torch.expm1(total.squeeze(-1))
    own = student.gather(-1, ids.masked_fill(impossible, 0))
    known = torch.where(impossible, 0, teacher.exp() * (teacher.masked_fill(impossible, 0) - own)).sum(-1)
    # The gradient of log(1 - x) is infinite at 1, and the rest of the teacher's may be 0 there: then nothing is added.
    left = -torch.expm1(own.masked_fill(impossible, never).logsumexp(-1).clamp(max=-1e-7))
    tail = rest * (rest.clamp(min=1e-30).log() - left.log())
    return known + torch.where(rest > 0, tail, 0)


def sums(
    hidden: torch.Tensor,
    layer: OutputLayer,
    labels: torch.Tensor,
    ids: torch.Tensor,
    logprobs: torch.Tensor,
) -> Sums:
    """Return the sums over tokens (n,) of divergence, negative log-likelihood of `labels`, entropy of the student, and
    of 1 where its most probable token is the label. A token that the teacher did not choose, with NaN for its
    logprobs, has no divergence."""
    student = layer.logits(hidden).log_softmax(-1)
    chosen = ~logprobs.isnan().any(-1) & (ids < student.size(-1)).any(-1)
    apart = divergence(student[chosen], ids[chosen], logprobs[chosen]).sum()
    nll = -student.gather(-1, labels[:, None]).sum()
    plain = student.detach()
    return apart, nll, -(plain.exp() * plain).sum(), (plain.argmax(-1) == labels).sum()


def stored_loss(
    hidden: torch.Tensor,
    layer: OutputLayer,
    labels: torch.Tensor,
    ids: torch.Tensor,
    logprobs: torch.Tensor,
    nll_weight: float,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the summed loss, entropy and matches of n tokens, CHUNK by CHUNK: of several chunks the
    logits are computed once more in the backward pass.

    `hidden` is (n, hidden), `labels` (n,), `ids` and `logprobs` are (n, k)."""
    arrays = zip(*(one.split(CHUNK) for one in (hidden, labels, ids, logprobs)), strict=True)
    chunks = [(some, layer, *rest) for some, *rest in arrays]
    several = len(chunks) > 1
    parts = [checkpoint(sums, *chunk, use_reentrant=False) if several else sums(*chunk) for chunk in chunks]
    apart, nll, entropy, matches = (torch.stack(one).sum() for one in zip(*parts, strict=True))
    loss = apart if not nll_weight else (1 - nll_weight) * apart + nll_weight * nll
    return loss, entropy, matches
