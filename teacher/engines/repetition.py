"""Whether a completion has begun to repeat itself: the rest of its budget would be wasted (vllm#52677).

Samplers look at the stream every `EVERY_TOKENS` tokens. vLLM 0.32 has a detection of its own (`repetition_detection`),
but it looks after every token and compares period by period in Python. Periods up to 512 take it 165 µs a token here;
one look of ours takes 30 µs, half a microsecond a token, since the search is `str.rfind`'s."""

from collections.abc import Sequence

EVERY_TOKENS = 64
MAX_PERIOD = 512
"""Tokens, or characters / 4, of the longest block that may repeat. Longer ones end at max_tokens."""
MIN_REPEATS = 8
MIN_LENGTH = 256
"""Both must be reached. Far beyond what `filters.rules.repetition` rejects (3 repeats of 100 words), so that nothing is
stopped that could have been accepted: enumerations repeat a short line some times and go on."""
PROBE = 16


def tokens_loop(tokens: Sequence[int]) -> bool:
    """Whether the tokens end in at least MIN_REPEATS equal blocks, MIN_LENGTH tokens or more in all."""
    return has_period(tokens, period_of("".join(map(chr, tokens[-MAX_PERIOD - PROBE :])), PROBE), MIN_LENGTH)


def text_loops(text: str) -> bool:
    """The same for text, four characters to a token."""
    return has_period(text, period_of(text[-4 * (MAX_PERIOD + PROBE) :], 4 * PROBE), 4 * MIN_LENGTH)


def period_of(end: str, probe: int) -> int:
    """How far back the last characters stood before; 0 if they did not. A look may find a shorter repetition within the
    block instead of the block's own; a later look, elsewhere in the block, will not."""
    at = end.rfind(end[-probe:], 0, len(end) - 1)
    return len(end) - probe - at if at >= 0 else 0


def has_period(end: Sequence[object], period: int, shortest: int) -> bool:
    """A loop is equal to itself shifted by its period."""
    length = max(MIN_REPEATS * period, shortest)
    return period > 0 and length <= len(end) and end[-length:-period] == end[-length + period :]
