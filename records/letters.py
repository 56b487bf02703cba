"""Refuses multiple-choice problems whose right option is nearly always the same letter."""

from collections import Counter
from collections.abc import Iterable

from records.errors import InputError

FEWEST = 20
"""Problems below which no distribution of letters is suspicious."""
FEWEST_OPTIONS = 4
"""Options of a question if fewer letters occur as references: where all are A, nobody can tell."""
LEVEL = 1e-3


def check_letters(references: Iterable[str], name: str) -> None:
    """Check the letters of right options; references that are not all single letters are no options.

    Options that were never shuffled let a model score by its liking for a letter (a published GPQA table has A in all
    198 rows). Refused is a letter whose share exceeds the even one by more than a third of what is left to 100 % (above
    50 % of four options), if chance does not explain it. Errors: InputError.
    """
    letters = Counter(reference.strip("() ").upper() for reference in references)
    n = letters.total()
    if n < FEWEST or not all(len(letter) == 1 and "A" <= letter <= "J" for letter in letters):
        return
    from scipy import stats  # ~1 s

    options = max(FEWEST_OPTIONS, *(ord(letter) - ord("A") + 1 for letter in letters))
    (letter, count), even = letters.most_common(1)[0], 1 / options
    chance = float(stats.binomtest(count, n, even, alternative="greater").pvalue)
    if count / n > even + (1 - even) / 3 and chance < LEVEL:
        raise InputError(
            f"{name}: the right option is {letter} in {count} of {n} problems, so the options were not shuffled and "
            "the score measures which letter a model likes; shuffle the options of each problem anew"
        )
