"""Best of n: whole traces, of which the scorer's favourite is kept."""

from configs.search import BestOfN
from teacher.search.tree import Node, Strategy, Wish, best


def best_of_n(search: BestOfN) -> Strategy:
    """Lead a search (`tree.Strategy`)."""
    drawn = yield [Wish(Node(), choice, whole=True) for choice in range(search.width)]
    return best(drawn)
