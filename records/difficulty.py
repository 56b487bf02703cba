"""Bands of a problem's pass rate, by name."""

NEVER, HARD, MEDIUM, EASY, ALWAYS, UNDECIDED = "never", "hard", "medium", "easy", "always", "undecided"
DIFFICULTIES = (NEVER, HARD, MEDIUM, EASY, ALWAYS, UNDECIDED)
"""The bands in the order in which they are shown. `never` and `always` are separate because recipes drop such problems
or spend more on them. With 4 traces per problem, every outcome has a band of its own."""
HARD_TO, EASY_FROM = 0.25, 0.75


def difficulty(rate: float | None) -> str:
    """Return the band of a problem's estimated pass rate, None if nothing was judged. Bands are coarse because a single
    estimate is noisy."""
    if rate is None:
        return UNDECIDED
    if rate in (0, 1):
        return ALWAYS if rate else NEVER
    return HARD if rate <= HARD_TO else EASY if rate >= EASY_FROM else MEDIUM
