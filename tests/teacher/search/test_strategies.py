"""Strategies on hand-made trees whose best traces are known."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from configs.search import Beam, BestOfN, Dvts, Mcts
from records.rows import CUT_OFF, FAILED, FINISHED
from teacher.search.beam import beam
from teacher.search.best_of_n import best_of_n
from teacher.search.dvts import dvts
from teacher.search.mcts import Tree, mcts
from teacher.search.tree import Node, Path, Strategy, Wish, best, ranked

Draw = Callable[[Wish], Node]


def led(strategy: Strategy, draw: Draw) -> tuple[Node, list[list[Wish]]]:
    """What a strategy finds, and its rounds."""
    rounds: list[list[Wish]] = []
    wishes = next(strategy)
    while True:
        rounds.append(wishes)
        try:
            wishes = strategy.send([draw(wish) for wish in wishes])
        except StopIteration as end:
            return end.value, rounds


def tree(values: dict[Path, float | None], depth: int = 2, **finish: str) -> Draw:
    """Nodes of these values, 0.1 where nothing is said, all finished at `depth` or when drawn whole."""

    def draw(wish: Wish) -> Node:
        ended = wish.whole or len(wish.path) == depth
        text = ".".join(map(str, wish.path))
        reason = finish.get(f"at_{text.replace('.', '_')}", FINISHED if ended else "")
        return Node(wish.path, text, reason, values.get(wish.path, 0.1), tokens=len(wish.path))

    return draw


def beams(**changes: Any) -> Beam:
    return Beam(**{"kind": "beam", "scorer": "s", "width": 4, "expand": 2, "depth": 5} | changes)


def subtrees(**changes: Any) -> Dvts:
    return Dvts(**{"kind": "dvts", "scorer": "s", "width": 4, "expand": 2, "depth": 5} | changes)


def simulated(**changes: Any) -> Mcts:
    return Mcts(**{"kind": "mcts", "scorer": "s", "expand": 2, "depth": 5, "simulations": 3} | changes)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_best_of_n_takes_the_highest_of_n(width: int) -> None:
    draw = tree({(0,): 0.2, (1,): 0.8, (2,): 0.9})
    found, rounds = led(best_of_n(BestOfN(kind="best_of_n", scorer="s", width=width)), draw)
    assert found.path == (width - 1,)
    assert [[wish.whole for wish in wishes] for wishes in rounds] == [[True] * width]


def test_a_finished_trace_goes_before_one_cut_off_and_that_before_a_failed_one() -> None:
    nodes = [Node((0,), "", FAILED, 1.0), Node((1,), "b", CUT_OFF, 0.9), Node((2,), "c", FINISHED, 0.1)]
    assert best(nodes).path == (2,)
    assert best(nodes[:2]).path == (1,)
    assert best(nodes[:1]).finish == FAILED


def test_what_the_scorer_left_out_ranks_last_and_the_first_of_equals_first() -> None:
    nodes = [Node((0,), "a", "", None), Node((1,), "b", "", 0.0), Node((2,), "c", "", 0.5), Node((3,), "d", "", 0.5)]
    assert [node.path for node in ranked(nodes)] == [(2,), (3,), (1,), (0,)]
    assert best([replace(node, finish=FINISHED) for node in nodes]).path == (2,)


def test_of_equal_texts_one_beam_is_kept() -> None:
    nodes = [Node((0,), "same", "", 0.9), Node((1,), "same", "", 0.9), Node((2,), "other", "", 0.1)]
    assert [node.path for node in ranked(nodes)] == [(0,), (2,)]


def test_a_beam_follows_the_best_prefixes_wherever_they_come_from() -> None:
    # Both best prefixes of the second step come from (3,); its child (3, 1) leads to the best trace.
    values = {(1,): 0.5, (3,): 0.6, (1, 0): 0.3, (3, 0): 0.7, (3, 1): 0.8, (3, 1, 1): 0.95, (3, 0, 0): 0.9}
    found, rounds = led(beam(beams()), tree(values, depth=3))
    assert found.path == (3, 1, 1)
    assert [len(wishes) for wishes in rounds] == [4, 4, 4], "width continuations at each step"
    assert {wish.parent.path for wish in rounds[1]} == {(1,), (3,)}
    assert {wish.parent.path for wish in rounds[2]} == {(3, 0), (3, 1)}


def test_a_greedy_choice_is_what_one_beam_makes() -> None:
    values = {(0,): 0.6, (1,): 0.5, (0, 0): 0.1, (1, 0): 0.9}
    assert led(beam(beams(width=2, expand=2)), tree(values))[0].path == (0, 0)
    assert led(beam(beams(width=4, expand=2)), tree(values))[0].path == (1, 0)


def test_a_finished_beam_leaves_the_others_fewer_continuations() -> None:
    values = {(0,): 0.9, (1,): 0.8, (1, 0): 0.95}
    found, rounds = led(beam(beams()), tree(values, at_0=FINISHED))
    assert found.path == (1, 0)
    assert [len(wishes) for wishes in rounds] == [4, 2]


@pytest.mark.parametrize(("depth", "steps"), [(1, 1), (2, 2), (3, 3), (4, 3)])
def test_the_last_step_is_drawn_to_the_end(depth: int, steps: int) -> None:
    for strategy in (beam(beams(depth=depth)), dvts(subtrees(depth=depth))):
        found, rounds = led(strategy, tree({}, depth=3))
        assert len(rounds) == steps
        assert [wishes[0].whole for wishes in rounds] == [step == depth for step in range(1, steps + 1)]
        assert found.finish == FINISHED


def test_a_search_whose_paths_are_all_cut_off_gives_the_best_of_them() -> None:
    cut = {f"at_{choice}": CUT_OFF for choice in range(4)}
    for strategy in (beam(beams()), dvts(subtrees()), mcts(simulated(expand=4))):
        found, rounds = led(strategy, tree({(2,): 0.7}, **cut))
        assert (found.path, found.finish, len(rounds)) == ((2,), CUT_OFF, 1)


def test_a_search_whose_requests_all_fail_has_failed() -> None:
    failed = {f"at_{choice}": FAILED for choice in range(4)}
    for strategy in (beam(beams()), dvts(subtrees()), mcts(simulated(expand=4))):
        assert led(strategy, tree({}, **failed))[0].finish == FAILED


def test_a_failed_continuation_leaves_the_others() -> None:
    for strategy in (beam(beams()), dvts(subtrees()), mcts(simulated(expand=4))):
        assert led(strategy, tree({(0,): 0.9}, at_0=FAILED))[0].finish == FINISHED


def test_subtrees_stay_apart() -> None:
    # A beam search would follow (0,) and (1,) alone, and miss the best trace, which is below (2,).
    values = {(0,): 0.9, (1,): 0.8, (2,): 0.5, (3,): 0.4, (2, 1): 0.99}
    found, rounds = led(dvts(subtrees()), tree(values))
    assert found.path == (2, 1)
    assert {wish.parent.path for wish in rounds[1]} == {(0,), (2,)}
    assert len({wish.path for wish in rounds[0]}) == 4
    assert led(beam(beams()), tree(values))[0].path != (2, 1)


def test_a_subtree_that_ends_is_left_while_others_go_on() -> None:
    found, rounds = led(dvts(subtrees()), tree({(0,): 0.9, (2,): 0.5, (2, 0): 0.95}, at_0=FINISHED))
    assert found.path == (2, 0)
    assert [len(wishes) for wishes in rounds] == [4, 2]


def test_uct_goes_where_values_are_high() -> None:
    values = {(1,): 0.9, (1, 2): 0.9, (1, 1): 0.8, (1, 1, 2): 1.0}
    found, rounds = led(mcts(simulated(simulations=3, exploration=0.0)), tree(values, depth=9))
    assert [wishes[0].parent.path for wishes in rounds] == [(), (1,), (1,), (1, 1), (1, 1), (1, 1, 0)]
    assert found.path == (1, 1, 2)


def test_exploration_comes_back_to_what_was_seldom_visited() -> None:
    values = {(1,): 0.6, (1, 2): 0.6, (1, 0): 0.5, (1, 1): 0.5}
    for exploration, expected in ((0.0, (1,)), (5.0, (0,))):
        _, rounds = led(mcts(simulated(simulations=2, exploration=exploration)), tree(values, depth=9))
        assert rounds[2][0].parent.path == expected


@pytest.mark.parametrize(("worth", "followed"), [(0.9, (0,)), (0.0, (1,)), (None, (1,))])
def test_a_prefix_is_worth_what_the_traces_from_it_are(worth: float | None, followed: Path) -> None:
    values = {(0,): 0.6, (1,): 0.5, (0, 2): worth}  # (0, 2) is the trace from the better one, drawn to its end
    _, rounds = led(mcts(simulated(simulations=2, exploration=0.0)), tree(values, depth=9))
    assert rounds[2][0].parent.path == followed


@pytest.mark.parametrize("simulations", [1, 2, 3])
def test_simulations_are_bounded(simulations: int) -> None:
    _, rounds = led(mcts(simulated(simulations=simulations)), tree({}, depth=9))
    assert [len(wishes) for wishes in rounds] == [2, 1] * simulations


def test_a_tree_in_which_all_has_ended_is_not_searched_further() -> None:
    found, rounds = led(mcts(simulated(simulations=50, depth=2)), tree({(1, 1): 0.7}, depth=2))
    assert len(rounds) == 4, "the root, its best child drawn to the end, and both children"
    assert found.path == (1, 1)


def test_visits_and_values_reach_every_node_above() -> None:
    known = Tree()
    known.add(Node(), [Node((0,), "a", "", 0.5), Node((1,), "b", "", None)])
    known.back_up(Node((0,)), 1.0)
    assert (known.visits[()], known.visits[(0,)], known.visits[(1,)]) == (1, 2, 1)
    assert (known.total[()], known.total[(0,)], known.total[(1,)]) == (1.0, 1.5, 0.0)


def test_no_two_wishes_have_one_path() -> None:
    for strategy in (beam(beams()), dvts(subtrees()), mcts(simulated(simulations=9))):
        _, rounds = led(strategy, tree({}, depth=4))
        paths = [wish.path for wishes in rounds for wish in wishes]
        assert len(paths) == len(set(paths))
