"""Detects that a completion has begun to repeat itself, so that the rest of its tokens is not wasted (vllm#52677).

Samplers check the stream every `EVERY_TOKENS` tokens. vLLM 0.32 has its own detection (`repetition_detection`), but it
checks after every token and compares period by period in Python. With periods up to 512 that takes 165 µs per token
here. A check of ours takes 30 µs, or half a microsecond per token, because it searches with `str.rfind`."""

from collections.abc import Sequence

EVERY_TOKENS = 64
MAX_PERIOD = 512
"""Length of the longest block that is detected, in tokens, or in characters / 4. Longer loops run to max_tokens."""
MIN_REPEATS = 8
MIN_LENGTH = 256
"""Repeats and total tokens that must both be reached. They are far beyond what `filters.rules.repetition` rejects (3
repeats of 100 words), so that no completion is stopped that could have been accepted: enumerations repeat a short line
a few times and go on."""
PROBE = 16


def tokens_loop(tokens: Sequence[int]) -> bool:
    """Return True if the tokens end in at least MIN_REPEATS equal blocks of at least MIN_LENGTH tokens in all."""
    return has_period(tokens, period_of("".join(map(chr, tokens[-MAX_PERIOD - PROBE :])), PROBE), MIN_LENGTH)


def text_loops(text: str) -> bool:
    """Do the same for text, counting four characters as a token."""
    return has_period(text, period_of(text[-4 * (MAX_PERIOD + PROBE) :], 4 * PROBE), 4 * MIN_LENGTH)


def period_of(end: str, probe: int) -> int:
    """Return how far back the last `probe` characters occurred before; 0 if they did not. One check may find a shorter
    repetition within the block; a later check, at another position in the block, will not."""
    at = end.rfind(end[-probe:], 0, len(end) - 1)
    return len(end) - probe - at if at >= 0 else 0


def has_period(end: Sequence[object], period: int, shortest: int) -> bool:
    """Return True if the end repeats with this period, that is, if it equals itself shifted by the period."""
    length = max(MIN_REPEATS * period, shortest)
    return period > 0 and length <= len(end) and end[-length:-period] == end[-length + period :]
