"""One search for one trace: which wishes are open, what they have cost, and the completion that they end in."""

import hashlib
from dataclasses import asdict

from records.hashing import fingerprint
from records.requests import Completion, Request
from records.rows import CUT_OFF, FAILED
from records.searched import Searched
from teacher.search.expansion import Expansion
from teacher.search.tree import Node, Strategy, Wish

NOTHING = "the search found no finished trace: every path was cut off"


class RunningSearch:
    """A strategy at work, and what it has cost."""

    def __init__(self, asked: Request, kind: str, strategy: Strategy) -> None:
        """`asked` is the request of the whole trace."""
        self.asked, self.kind, self.strategy = asked, kind, strategy
        settings = [asdict(asked.settings), asked.messages, asked.chat_template_kwargs, asked.seed]
        self.id = fingerprint([asked.problem.id, asked.attempt, asked.sample_index, settings])
        self.nodes: list[Node | None] = []
        self.open = 0
        """Wishes of this round whose nodes are missing."""
        self.expansions = self.prompt_tokens = self.tokens = self.unscored = 0
        self.found: Node | None = None
        self.cancelled = False

    @property
    def failed(self) -> bool:
        """True if it has ended because its requests failed."""
        return self.found is not None and self.found.finish == FAILED

    def key(self, wish: Wish) -> str:
        """Return the key of a wish: the path of choices, and the text that it continues."""
        shaping = f"{self.id} {wish.path} {wish.whole} {wish.parent.text}"
        return hashlib.sha256(shaping.encode()).hexdigest()[:20]

    def resume(self) -> list[Wish]:
        """Go on with the nodes of the last round, and return the wishes of the next; none once the trace is found."""
        try:
            # A generator is begun with None.
            wishes = self.strategy.send([node for node in self.nodes if node]) if self.nodes else next(self.strategy)
        except StopIteration as end:
            self.found = end.value
            return []
        self.nodes, self.open = [None] * len(wishes), len(wishes)
        return wishes

    def count(self, wish: Wish, expansion: Expansion) -> None:
        """Count what an expansion cost."""
        self.expansions += 1
        self.tokens += expansion.tokens
        self.prompt_tokens += 0 if wish.parent.path else expansion.node.prompt_tokens

    def take(self, slot: int, node: Node) -> bool:
        """Take a node of this round, scored. Return True if it was the last one missing."""
        self.nodes[slot] = node
        self.open -= 1
        self.unscored += node.has_text and node.value is None
        return not self.open

    def completion(self) -> Completion:
        """Return the trace that was found, as the completion of the whole request."""
        found = self.found
        assert found is not None, "the search has ended"
        return Completion(
            self.asked,
            found.text,
            found.finish,
            found.prompt_tokens,
            found.tokens,
            detail=NOTHING if found.finish == CUT_OFF else found.detail,
            searched=Searched(
                kind=self.kind,
                expansions=self.expansions,
                prompt_tokens=self.prompt_tokens,
                completion_tokens=self.tokens,
                unscored=self.unscored,
                value=found.value,
            ),
        )
