"""The strategies by their kind in the config."""

from collections.abc import Callable
from typing import Any

from teacher.search.beam import beam
from teacher.search.best_of_n import best_of_n
from teacher.search.dvts import dvts
from teacher.search.mcts import mcts
from teacher.search.tree import Strategy

STRATEGIES: dict[str, Callable[[Any], Strategy]] = {"best_of_n": best_of_n, "beam": beam, "dvts": dvts, "mcts": mcts}
