"""Compares intervals of the real line and unions of them."""

from filters.verifiers.mathematics.exact import floating, real
from filters.verifiers.mathematics.nodes import symbols_of
from filters.verifiers.mathematics.shapes import (
    INFINITY,
    MINUS_INFINITY,
    Collection,
    Group,
    Meeting,
    Several,
    Shape,
    Union,
    Value,
)
from filters.verifiers.mathematics.value import NoValue, value_of

ENDS = ((0, MINUS_INFINITY), (1, INFINITY))


def is_union(shape: Shape) -> bool:
    """Return True for a union of intervals, written with a cup or with "or"."""
    return isinstance(shape, Union) or (
        isinstance(shape, Several) and all(isinstance(item, Group) and "infty" in str(item) for item in shape.items)
    )


def met(shape: Shape) -> Shape:
    """Return the interval that is left of bounds that hold together; any other shape as it is."""
    if not isinstance(shape, Meeting) or not all(isinstance(item, Group) for item in shape.items):
        return shape
    intervals = [item for item in shape.items if isinstance(item, Group)]
    bounded = [[interval for interval in intervals if interval.items[side] != end] for side, end in ENDS]
    if max(map(len, bounded)) > 1 and any(map(has_letters, intervals)):  # which bound is the nearer one?
        return shape
    try:
        low = max(intervals, key=lambda interval: (ends_of(interval)[0], interval.opening == "("))
        high = min(intervals, key=lambda interval: (ends_of(interval)[1], interval.closing == "]"))
    except (NoValue, TypeError, ValueError):
        return shape
    return Group(low.opening, (low.items[0], high.items[1]), high.closing, True)


def merged(shape: Shape) -> list[Shape] | None:
    """Return a union's members, with intervals that touch joined; the members as they are if one cannot be placed on
    the line."""
    members: list[Shape] = list(shape.items) if isinstance(shape, Union | Several) else [shape]
    members = [one for member in members for one in (points_of(member) if isinstance(member, Collection) else [member])]
    intervals = [member for member in members if isinstance(member, Group) and len(member.items) == 2]
    others = [member for member in members if member not in intervals]
    if any(map(has_letters, intervals)):  # nobody knows in which order they lie
        return members
    try:
        placed = sorted(((*ends_of(interval), interval) for interval in intervals), key=lambda entry: entry[:2])
    except (NoValue, TypeError, ValueError):
        return members
    joined: list[Group] = []
    for low, _, interval in placed:
        last = joined[-1] if joined else None
        if last and (
            low < ends_of(last)[1] or (low == ends_of(last)[1] and (last.closing, interval.opening) != (")", "("))
        ):
            longer = max(last, interval, key=lambda group: (ends_of(group)[1], group.closing == "]"))
            joined[-1] = Group(last.opening, (last.items[0], longer.items[1]), longer.closing)
        else:
            joined.append(interval)
    return [*joined, *others]


def points_of(points: Collection) -> list[Shape]:
    """Return the points of a set as intervals of no length, or the set itself if it holds anything else."""
    if not all(isinstance(point, Value) for point in points.items):
        return [points]
    return [Group("[", (point, point), "]") for point in points.items]


def without_points(whole: Shape, points: tuple[Shape, ...]) -> Shape | None:
    """Return intervals without some points; None if they cannot be placed on the line."""
    left = list(whole.items) if isinstance(whole, Union) else [whole]
    try:
        for point in points:
            left = [part for interval in left for part in cut_at(interval, point)]
    except (NoValue, TypeError, ValueError):
        return None
    return Union(tuple(left))


def cut_at(interval: Shape, point: Shape) -> list[Shape]:
    """Return what is left of an interval without a point. Errors: TypeError if either is something else."""
    if not isinstance(interval, Group) or not isinstance(point, Value) or len(interval.items) != 2:
        raise TypeError
    low, high = ends_of(interval)
    place = real(floating(value_of(point.node)))
    if not low <= place <= high:
        return [interval]
    parts = [
        Group(interval.opening, (interval.items[0], point), ")"),
        Group("(", (point, interval.items[1]), interval.closing),
    ]
    return [part for part, is_empty in zip(parts, (place == low, place == high), strict=True) if not is_empty]


def has_letters(interval: Group) -> bool:
    return any(isinstance(item, Value) and symbols_of(item.node) for item in interval.items)


def ends_of(interval: Group) -> tuple[float, float]:
    """Return the two ends as numbers. Errors: NoValue or ValueError if an end is not a real number."""
    low, high = (real(floating(value_of(item.node))) for item in interval.items if isinstance(item, Value))
    return low, high
