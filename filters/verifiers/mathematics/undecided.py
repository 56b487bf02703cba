"""Why two answers cannot be compared."""


class Undecided(Exception):
    """One side is mathematics outside the grammar."""


class Unreadable(Undecided):
    """The reference is."""


class NotComputed(Undecided):
    """A side has no finite value, or one too large to compute: no other parser should try either."""
