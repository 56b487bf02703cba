"""The numbers that stand for letters where expressions are compared, at numbered points."""

from fractions import Fraction
from functools import lru_cache
from hashlib import blake2b

POINTS, NEAR_POINTS, STEP_POINTS = 5, 3, 60
"""Number of points at which free symbols are tried: the near ones lie within 3 of zero, the others in the thousands,
so that `|x-100|` and rounding make a difference. What is rounded, `\\lfloor n/5 \\rfloor`, is one number at many."""
MODULUS = 2_147_483_647
"""Prime, and so large that no two of some thousand names have one number: modulo 99,991, `v` had that of `theta`."""
SIGN_POINTS = range(STEP_POINTS, STEP_POINTS + 32)
"""Points at which each name has a sign of its own."""


@lru_cache(1024)
def free_symbol(name: str, point: int) -> Fraction:
    """Return a fixed number that has nothing to do with those of other names: positive at the points 0, 1, 3 and
    further odd ones, negative at the others, where of two names the other one has the greater number. From point to
    point the distances between names grow in different shares."""
    seed = int.from_bytes(blake2b(name.encode(), digest_size=8).digest()) % MODULUS
    if point in SIGN_POINTS:
        at = point - STEP_POINTS
        size = free_symbol(name, 0) * (7 if seed >> (3 * at % 31) & 1 else 1)
        return size if seed >> (at % 31) & 1 else -size
    bent = seed + seed * seed * (point + 1) // (2 * MODULUS)
    value = Fraction(bent + MODULUS // 10 * (point + 1) + 1, MODULUS - MODULUS // 80 * point)
    return value * ((1, 1, -1, 1009, -2003)[point] if point < POINTS else (-3, 2, -101, 13)[point % 4])
