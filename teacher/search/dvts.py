"""Diverse verifier tree search (`dvts` of huggingface/search-and-learn): independent subtrees, greedy in each.

A beam search soon follows the descendants of one prefix; subtrees keep as many ways of thinking alive as there are."""

from configs.search import Dvts
from teacher.search.tree import Node, Strategy, Wish, best, ranked


def dvts(search: Dvts) -> Strategy:
    """Lead a search (`tree.Strategy`)."""
    live, ended = dict.fromkeys(range(search.kept), Node()), list[Node]()
    for depth in range(1, search.depth + 1):
        wishes = [
            Wish(prefix, choice if prefix.path else tree * search.expand + choice, whole=depth == search.depth)
            for tree, prefix in live.items()
            for choice in range(search.expand)
        ]
        children = yield wishes
        ended += [child for child in children if not child.lives]
        for at, tree in enumerate(list(live)):
            candidates = ranked(children[at * search.expand : (at + 1) * search.expand])
            del live[tree]
            if candidates and candidates[0].lives:
                live[tree] = candidates[0]
        if not live:
            break
    return best(ended)
