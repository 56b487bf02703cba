"""Draws, judges and counts the rollouts by which the steps of judged traces are labelled."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from configs.models import Prompt
from records.hashing import request_seed
from records.parquet import count_rows, read_marked
from records.requests import Key, Request, Sampler, Settings
from records.rows import FAILED, PROMPT_TOO_LONG, Trace, Verdict
from teacher.sampling.answer_queue import AnswerQueue
from teacher.sampling.drawn import drawn_of
from teacher.sampling.journal import Entry, Journal
from teacher.sampling.judging import BATCH, Judge
from teacher.sampling.rollout_draws import TRACE_COLUMNS, Draw, key_of, outcome_of, problem_of, trace_of
from teacher.sampling.step_search import Search, StepSearch
from teacher.sampling.traces import accepts, entry_of, whole_trace


@dataclass(frozen=True)
class LabelJob:
    """What is to be labelled, and how. Made by the flow."""

    judged: Path
    chosen: Mapping[int, bool]
    """Positions of the traces among all of `judged`, each with whether its answer is right."""
    search: Search
    n: int
    settings: Settings
    """Its `max_tokens` bound the whole trace."""
    prompt: Prompt
    model: str
    """The model's name."""
    thinks: bool
    seed: int
    identity: str
    """A hash of all that shapes a rollout."""


@dataclass
class Drawing:
    """Draws, judges and counts the rollouts of one file after the other, with one sampler."""

    job: LabelJob
    make_sampler: Callable[[], Sampler]
    judge: Judge
    progress: Callable[..., None]
    total: int
    """Traces that this worker will label, about."""
    sampler: Sampler | None = None
    counts: Counter[str] = field(default_factory=Counter)
    """Of the file at hand."""
    done: int = 0

    def labelled(self, file: Path, chosen: Mapping[int, bool], journal: Journal) -> Iterator[dict[str, Any]]:
        """Yield the chosen traces of a file with their labels, once all of them are labelled."""
        self.counts.clear()
        marked = np.zeros(count_rows(file), np.bool_)
        marked[list(chosen)] = True
        searches = [
            StepSearch(trace_of(row), chosen[at], self.job.n, self.job.search)
            for at, row in read_marked(file, marked, TRACE_COLUMNS)
        ]
        self.draw(searches, journal)
        for entry in journal.entries.values():
            self.counts.update(
                rollouts=1,
                failed=entry.finish_reason in (FAILED, PROMPT_TOO_LONG),
                prompt_tokens=entry.prompt_tokens,
                completion_tokens=entry.reasoning_tokens + entry.answer_tokens,
            )
        for one in searches:
            labels = one.labels()
            known = [label for label in labels if label is not None]
            self.counts.update(solutions=1, steps=len(labels), labelled=len(known))
            self.counts["right"] += sum(label > 0.5 for label in known)
            trace = one.trace
            yield {
                "source": trace.source,
                "problem_id": trace.problem_id,
                "attempt": trace.attempt,
                "sample_index": trace.sample_index,
                "prompt": trace.prompt,
                "steps": one.steps,
                "labels": labels,
            }

    def draw(self, searches: list[StepSearch], journal: Journal) -> None:
        """Draw until no trace wants another rollout."""
        queue = deque(draw for one in searches for draw in self.asked(one))
        in_flight: dict[Key, Draw] = {}
        judging = AnswerQueue[Draw, Trace, list[Verdict]](self.judge, BATCH)
        self.tell(sum(not one.wanted() for one in searches))

        def take(draw: Draw, entry: Entry) -> None:
            if entry.finish_reason in (FAILED, PROMPT_TOO_LONG):
                count(draw, None)
            elif entry.accepted is None:
                judging.submit(draw, self.rollout(draw, journal, entry))
            else:
                count(draw, outcome_of(journal.verdicts(entry)))

        def count(draw: Draw, right: bool | None) -> None:
            one, step, _ = draw
            one.record(step, right)
            if one.finished(step):
                if self.job.search == "binary":
                    queue.extend(self.asked(one))
                self.tell(not one.wanted())

        try:
            while queue or in_flight or judging:
                while queue and (self.sampler is None or self.sampler.room() > 0):
                    draw = queue.popleft()
                    request = self.request(draw)
                    entry = journal.entries.get(request.key)
                    if entry and entry.finish_reason != FAILED:  # a failed one is tried again
                        take(draw, entry)
                        continue
                    self.sampler = self.sampler or self.make_sampler()
                    in_flight[request.key] = draw
                    self.sampler.submit(request)
                for draw, verdicts in judging.finished(0.0 if in_flight or queue else None):
                    journal.judge(key_of(draw), accepts(verdicts), verdicts)
                    count(draw, outcome_of(verdicts))
                for completion in self.sampler.finished() if self.sampler and in_flight else ():
                    draw = in_flight.pop(completion.request.key)
                    drawn = drawn_of(completion, self.job.thinks, hinted=False)
                    entry = entry_of(completion, drawn, self.job.identity)
                    take(draw, journal.add(completion.request.key, entry, drawn))
        finally:
            judging.close()

    def tell(self, finished: int) -> None:
        self.done += finished
        self.progress(self.done, max(self.done, self.total))

    def asked(self, one: StepSearch) -> Iterator[Draw]:
        return ((one, step, number) for step in one.wanted() for number in range(self.job.n))

    def request(self, draw: Draw) -> Request:
        one, step, number = draw
        problem, settings, spent = problem_of(one.trace), self.job.settings, one.spent(step)
        return Request(
            problem=problem,
            attempt=step,
            sample_index=number,
            seed=request_seed(self.job.seed, f"{problem.id} {step}", number),
            messages=tuple(self.job.prompt.messages(problem.prompt)),
            settings=Settings(
                settings.temperature, settings.top_p, settings.top_k, max(1, settings.max_tokens - spent)
            ),
            prefix=one.beginning(step),
            prefix_tokens=spent,
            chat_template_kwargs=self.job.prompt.chat_template_kwargs,
        )

    def rollout(self, draw: Draw, journal: Journal, entry: Entry) -> Trace:
        """Return a rollout as the verifier reads it: a whole trace."""
        problem = problem_of(draw[0].trace)
        return whole_trace(problem, key_of(draw), journal.drawn(entry), [], self.job.identity, self.job.model)

    def close(self) -> None:
        if self.sampler:
            self.sampler.close()
