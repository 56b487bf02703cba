"""Monte Carlo tree search over steps (RAP, arXiv 2305.14992, section 3.3; rStar, arXiv 2408.06195, section 3.2).

Each simulation goes down from the empty prefix, at each node to the child of the highest upper confidence bound (UCT),
expands the first prefix that has no children yet, draws the best of them to the end, and tells the scorer's value of
that trace to all nodes above. A new node starts with one visit of its own value, so none needs to be tried blindly. A
subtree in which every trace has ended is not entered again: a scorer would say the same once more."""

from math import log, sqrt

from configs.search import Mcts
from teacher.search.tree import Node, Path, Strategy, Wish, best, ranked


class Tree:
    """The nodes below the empty prefix, with their visits and values."""

    def __init__(self) -> None:
        self.children: dict[Path, list[Node]] = {}
        self.visits: dict[Path, int] = {(): 0}
        self.total: dict[Path, float] = {(): 0.0}

    def add(self, parent: Node, children: list[Node]) -> None:
        """Add the children of a node, each with one visit of its own value."""
        self.children[parent.path] = children
        for child in children:
            self.visits[child.path], self.total[child.path] = 1, child.value or 0.0

    def back_up(self, node: Node, value: float) -> None:
        """Tell a simulation's value to a node and all nodes above it."""
        for depth in range(len(node.path) + 1):
            self.visits[node.path[:depth]] += 1
            self.total[node.path[:depth]] += value

    def is_open(self, node: Node) -> bool:
        """Return True if something below a node, or the node itself, can still be expanded."""
        if node.path in self.children:
            return any(map(self.is_open, self.children[node.path]))
        return node.lives

    def select(self, exploration: float) -> Node | None:
        """Return the node to expand next; None if there is none."""
        node = Node()
        if not self.is_open(node):
            return None
        while node.path in self.children:
            siblings = self.children[node.path]
            above = log(sum(self.visits[child.path] for child in siblings))
            candidates = [child for child in siblings if self.is_open(child)]
            node = max(candidates, key=lambda child: self.bound(child, exploration, above))
        return node

    def bound(self, node: Node, exploration: float, above: float) -> float:
        """Return the upper confidence bound of a node; `above` is the logarithm of its siblings' visits and
        its own."""
        visits = self.visits[node.path]
        return self.total[node.path] / visits + exploration * sqrt(above / visits)


def mcts(search: Mcts) -> Strategy:
    """Lead a search (`tree.Strategy`)."""
    tree, ended = Tree(), list[Node]()
    for _ in range(search.simulations):
        prefix = tree.select(search.exploration)
        if prefix is None:
            break
        whole = len(prefix.path) + 1 == search.depth
        children = yield [Wish(prefix, choice, whole) for choice in range(search.expand)]
        ended += [child for child in children if not child.lives]
        tree.add(prefix, children)
        top = next(iter(ranked(children)), None)
        if top is None:
            tree.back_up(prefix, 0.0)
            continue
        trace = top
        if top.lives:
            # Its number is that of no child, so that expanding `top` later draws something else.
            (trace,) = yield [Wish(top, search.expand, whole=True)]
            ended.append(trace)
        tree.back_up(top, trace.value or 0.0)
    return best(ended)
