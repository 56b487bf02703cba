"""Settings for the options of multiple-choice problems."""

from typing import Literal

from configs.section import Section


class Options(Section):
    """Where the options stand, which one is right, and how they are shuffled.

    The order of each problem's options is derived from the seed and their texts, so it depends neither on other
    problems nor on the order of the columns.
    """

    columns: str | list[str]
    """A column that holds a list of texts, or the columns that hold one text each."""
    reference: Literal["text", "letter", "index"] = "text"
    """What `columns.reference` holds: the right option's text, its letter, or its position from 0. If that column is
    one of the options' own, its option is the right one."""
    shuffle: bool = True
    """False keeps the order of the columns. A benchmark whose right option is nearly always the same letter is
    refused."""
    seed: int = 0
    """Seed of the shuffling."""
