"""Errors that say why two answers cannot be compared."""


class Undecided(Exception):
    """One side is mathematics outside the grammar."""


class NotComputed(Undecided):
    """A side has no finite value, or one too large to compute, so no other parser should try it either."""
