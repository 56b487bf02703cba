"""A sampler that searches: it draws one trace for each request, with many requests to the engine's own sampler.

Many searches are under way at once. Each is resumed as soon as what it asked for is drawn and scored, whatever the
others wait for; a search that was begun goes before a new one."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from records.counts import EngineCounts
from records.requests import Completion, Key, Request, Sampler
from records.rows import FAILED
from records.step_scorer import Prefix, StepScorer
from records.thinking import split_reasoning
from teacher.sampling.answer_queue import AnswerQueue
from teacher.search.expansion import Expansion, expansion_of, request_of
from teacher.search.journal import ExpansionJournal
from teacher.search.running import RunningSearch
from teacher.search.strategies import STRATEGIES
from teacher.search.tree import Node, Wish

MOST_SCORING = 1024
"""While this many prefixes wait for a score, no further search begins."""
BATCH = 256
"""Most prefixes that the scorer is given at a time."""


@dataclass(frozen=True)
class SearchJob:
    """What is searched for, and with what. Made by the flow."""

    search: Any
    """A section of `configs.search`."""
    scorer: StepScorer
    identity: str
    """Hash of all that shapes what a search draws and keeps: model, search, scorer."""
    thinks: bool
    """True if the model reasons before it answers."""
    folder: Path
    """Of the stage; the journals of the expansions are hidden files in it."""
    worker: int = 0


class Open(NamedTuple):
    """A wish of a search's present round."""

    running: RunningSearch
    slot: int
    wish: Wish
    key: str


class SearchSampler:
    """Draws traces by search (`records.requests.Sampler`). It owns the engine's sampler."""

    def __init__(self, job: SearchJob, make_sampler: Callable[[], Sampler]) -> None:
        """Errors: those of the journal and of `make_sampler`."""
        self.job = job
        self.journal = ExpansionJournal(job.folder, job.worker, job.identity)
        self.sampler = make_sampler()
        self.batch_invariant = self.sampler.batch_invariant
        self.scoring: AnswerQueue[tuple[Open, Node], Prefix, float | None] = AnswerQueue(job.scorer, BATCH)
        self.queue: deque[Open] = deque()
        self.in_flight: dict[Key, tuple[Open, Request]] = {}
        self.running: dict[Key, RunningSearch] = {}
        self.done: list[RunningSearch] = []
        """Searches whose completions were returned last time; by now the sampling loop has stored them."""
        self.ended: list[RunningSearch] = []
        self.numbers = count()
        self.abandoned_tokens = 0
        """Tokens of searches that were cancelled."""

    def room(self) -> int:
        return max(0, min(self.sampler.room() - len(self.queue), MOST_SCORING - len(self.scoring)))

    def submit(self, request: Request) -> None:
        search = self.job.search
        running = RunningSearch(request, search.kind, STRATEGIES[search.kind](search))
        self.running[request.key] = running
        self.resume(running)
        self.launch()

    def resume(self, running: RunningSearch) -> None:
        """Let a search go on with what it has."""
        wishes = running.resume()
        self.queue.extend(Open(running, slot, wish, running.key(wish)) for slot, wish in enumerate(wishes))
        if not wishes:
            del self.running[running.asked.key]
            self.ended.append(running)

    def launch(self) -> None:
        """Take open wishes from the journal, or hand them to the engine while it has room."""
        while self.queue:
            wanted = self.queue[0]
            known = self.journal.child(wanted.running.id, wanted.key, wanted.wish)
            if not (known or wanted.running.cancelled) and self.sampler.room() <= 0:
                return
            self.queue.popleft()
            if wanted.running.cancelled:
                continue
            if known:
                self.count(wanted, known)
                continue
            request = request_of(wanted.running.asked, wanted.wish, self.job.search, next(self.numbers))
            self.in_flight[request.key] = (wanted, request)
            self.sampler.submit(request)

    def count(self, wanted: Open, expansion: Expansion) -> None:
        """Count an expansion that is in the journal, and have it scored."""
        running, node = wanted.running, expansion.node
        running.count(wanted.wish, expansion)
        if not node.has_text:
            self.take_value(wanted, node, None)
        elif self.journal.scored(running.id, wanted.key):
            self.take_value(wanted, node, self.journal.values[running.id][wanted.key])
        else:
            reasoning, answer, closed = split_reasoning(node.text, self.job.thinks)
            self.scoring.submit((wanted, node), Prefix(running.asked.problem.prompt, reasoning, answer, closed))

    def take_value(self, wanted: Open, node: Node, value: float | None) -> None:
        if wanted.running.take(wanted.slot, replace(node, value=value)) and not wanted.running.cancelled:
            self.resume(wanted.running)

    def cancel(self, request: Request) -> None:
        running = self.running.pop(request.key, None)
        if running is None:
            return
        running.cancelled = True
        self.abandoned_tokens += running.tokens
        for key, (wanted, asked) in list(self.in_flight.items()):
            if wanted.running is running:
                del self.in_flight[key]
                self.sampler.cancel(asked)

    def finished(self) -> list[Completion]:
        """Wait until something is drawn or scored, and return the searches that have ended by it, possibly none."""
        for running in self.done:
            if not running.failed:  # it is tried again, from where it failed
                self.journal.done(running.id)
        self.done = []
        self.launch()
        if not self.ended:
            self.take_scores(0.0 if self.in_flight else None)
            if self.in_flight and not self.ended:
                self.take_drawn(self.sampler.finished())
                self.take_scores(0.0)
        self.done, self.ended = self.ended, []
        return [running.completion() for running in self.done]

    def take_scores(self, wait_s: float | None) -> None:
        for (wanted, node), value in self.scoring.finished(wait_s):
            self.journal.score(wanted.running.id, wanted.key, value)
            self.take_value(wanted, node, value)
        self.launch()

    def take_drawn(self, completions: list[Completion]) -> None:
        """Write all expansions to the journal before one of them can end a search."""
        journaled = []
        for completion in completions:
            wanted, _ = self.in_flight.pop(completion.request.key, (None, None))
            if wanted is None:
                continue  # it was finished already when it was cancelled
            asked = wanted.running.asked
            expansion = expansion_of(wanted.wish, completion, asked.settings.max_tokens, self.job.thinks)
            if expansion.node.finish != FAILED:  # a failed one is tried again
                self.journal.add(wanted.running.id, wanted.key, wanted.wish, expansion)
            journaled.append((wanted, expansion))
        for wanted, expansion in journaled:
            self.count(wanted, expansion)
        self.launch()

    def timings(self) -> EngineCounts:
        return self.sampler.timings()

    def close(self) -> None:
        self.scoring.close()
        self.journal.close()
        self.sampler.close()


def begin_searches(job: SearchJob, make_sampler: Callable[[], Sampler], begun: list[SearchSampler]) -> SearchSampler:
    """Return a sampler that searches, and add it to `begun`, from which its caller reads what it gave up."""
    begun.append(SearchSampler(job, make_sampler))
    return begun[-1]
