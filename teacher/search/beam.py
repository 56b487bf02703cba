"""Beam search over steps (arXiv 2408.03314, section 5.2; `beam_search` of huggingface/search-and-learn).

A finished trace that is among the best takes a beam with it, so the search ends when all beams have finished."""

from configs.search import Beam
from records.rows import FINISHED
from teacher.search.tree import Node, Strategy, Wish, best, ranked


def beam(search: Beam) -> Strategy:
    """Lead a search (`tree.Strategy`)."""
    live, ended, finished = [Node()], list[Node](), list[Node]()
    for depth in range(1, search.depth + 1):
        each = search.width if depth == 1 else search.expand
        whole = depth == search.depth
        children = yield [Wish(parent, choice, whole) for parent in live for choice in range(each)]
        kept = ranked(children)[: search.kept - len(finished)]
        finished += [child for child in kept if child.finish == FINISHED]
        ended += [child for child in children if not child.lives and child.finish != FINISHED]
        live = [child for child in kept if child.lives]
        if not live:
            break
    return best([*finished, *ended])
