"""Names the columns of a table of verdicts."""

from dataclasses import dataclass

DEFAULTS = ("sample", "answer", "score", "tokens", "truncated", "looped", "reference", "runtime")
"""Columns that are read if the table has them, under these names or others that are given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where a table holds what. Made by the command; read by the reader."""

    problem: tuple[str, ...] = ("problem",)
    """Columns that together name a problem."""
    correct: str = "correct"
    """The verdict; with `total`, the number of right samples."""
    total: str | None = None
    """The number of samples, for a table with one row per problem."""
    optional: dict[str, str]
    """Name of each of the columns in DEFAULTS, by what it holds."""
    required: frozenset[str] = frozenset()
    """Those of DEFAULTS that were asked for by name, and must be there."""
    groups: tuple[str, ...] = ()
    """Columns by whose values the problems are also scored apart, such as level."""
    where: tuple[tuple[str, str], ...] = ()
    """Columns and the value, as text, that a row must have to count."""

    def must_have(self) -> list[str]:
        """Return the names that every table needs."""
        asked = [self.optional[name] for name in DEFAULTS if name in self.required]
        total = [self.total] if self.total else []
        return list(
            dict.fromkeys(
                [*self.problem, self.correct, *total, *asked, *self.groups, *(name for name, _ in self.where)]
            )
        )

    def wanted(self) -> list[str]:
        """Return all names that are read if they are there."""
        return list(dict.fromkeys([*self.must_have(), *self.optional.values()]))
