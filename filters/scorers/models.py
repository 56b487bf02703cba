"""Outcome and process reward models: traces are written as tokens, and read in transformers or in vLLM."""

from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from configs.scorers import ModelScorer, OutcomeScorer, ProcessScorer
from filters.scorers.forms import FORMS, OtherMarks
from filters.scorers.in_transformers import BatchReader, outcome_reader, step_reader
from filters.scorers.in_vllm import ServedReader
from filters.scorers.loading import checked_folder, load_tokenizer
from filters.scorers.readers import Reader, Written
from filters.scorers.scoring import Scoring, TraceText
from filters.scorers.served import check_served, why_not_served
from records.chat_template import use_template
from records.errors import InputError
from records.plain_text import PlainText
from records.pooling import Serve
from records.rendering import prompt_tokens
from records.reward_text import outcome_text
from records.scores import NO_STEPS, NOT_FINITE, SPECIAL_TOKEN, TOO_LONG

Told = Callable[[int, int], None]
PROBE = ("2 + 2?", ("It is 4.", "Yes."))
LONGER_PROBE = ("2 + 2?", ("It is 4, as everybody knows.", "Yes."))
"""Prompts and steps that every tokenizer of a form can write, of two lengths, so that one is padded."""


class OutcomeModel:
    """Scores whole traces (`filters.scorers.scoring.Scorer`)."""

    def __init__(self, scorer: OutcomeScorer, location: str, serve: Serve | None = None) -> None:
        """`serve` starts an engine for the model; None runs it in transformers.

        Errors: InputError for a model of another task, without a head or without a chat template."""
        folder = checked_folder(scorer, location)
        self.tokenizer = load_tokenizer(folder)
        use_template(self.tokenizer, None)
        self.plain = PlainText(self.tokenizer)
        self.reader = start_reader(scorer, folder, self.tokenizer, serve)
        traces = [TraceText(prompt, "", " ".join(steps), closed=True) for prompt, steps in (PROBE, LONGER_PROBE)]
        check_reads(folder, self.reader, [self.write(trace) for trace in traces])

    def __call__(self, traces: Sequence[TraceText], told: Told) -> list[Scoring]:
        written = [self.write(trace) for trace in traces]
        runtime = self.reader.runtime
        return [
            Scoring(left_out=scores)
            if isinstance(scores, str)
            else Scoring(outcome=scores[0], tokens=len(one[0]), runtime=runtime)
            for one, scores in zip(written, scores_of(written, self.reader, told), strict=True)
        ]

    def write(self, trace: TraceText) -> Written | str:
        """Return what the model reads, or the reason why it reads nothing."""
        if not (trace.reasoning + trace.answer).strip():
            return NO_STEPS
        prompt, reasoning, answer = map(self.plain, (trace.prompt, trace.reasoning, trace.answer))
        text = outcome_text(self.tokenizer, prompt, reasoning, answer, trace.closed)
        return prompt_tokens(self.tokenizer, text), []


class ProcessModel:
    """Scores the steps of traces (`filters.scorers.scoring.Scorer`). Blank steps have no score."""

    def __init__(self, scorer: ProcessScorer, location: str, serve: Serve | None = None) -> None:
        """`serve` as of `OutcomeModel`. Errors: InputError for a model of another form, or without a head."""
        folder, self.form = checked_folder(scorer, location), FORMS[scorer.form]
        self.tokenizer = load_tokenizer(folder)
        self.plain = PlainText(self.tokenizer, (self.form.mark,))
        # A tokenizer of another form is told before the model is loaded.
        probes = [self.form.write(self.tokenizer, *probe) for probe in (PROBE, LONGER_PROBE)]
        self.reader = start_reader(scorer, folder, self.tokenizer, serve)
        check_reads(folder, self.reader, probes)

    def __call__(self, traces: Sequence[TraceText], told: Told) -> list[Scoring]:
        steps = [trace.steps() for trace in traces]
        written = [self.write(trace.prompt, texts) for trace, texts in zip(traces, steps, strict=True)]
        found, runtime = [], self.reader.runtime
        for texts, one, scores in zip(steps, written, scores_of(written, self.reader, told), strict=True):
            if isinstance(scores, str):
                found.append(Scoring([None] * len(texts), left_out=scores))
            else:
                each = iter(scores)
                by_step = [next(each) if text.strip() else None for text in texts]
                found.append(Scoring(by_step, tokens=len(one[0]), runtime=runtime))
        return found

    def write(self, prompt: str, steps: Sequence[str]) -> Written | str:
        """Return what the model reads, or the reason why it reads nothing."""
        with_text = [self.plain(step) for step in steps if step.strip()]
        try:
            return self.form.write(self.tokenizer, self.plain(prompt), with_text) if with_text else NO_STEPS
        except OtherMarks:
            return SPECIAL_TOKEN


def start_reader(scorer: ModelScorer, folder: Path, tokenizer: Any, serve: Serve | None) -> Reader:
    """Return the model in the engine that `serve` starts, or in transformers if there is none, or if the scorer's
    engine is `auto` and vLLM does not serve this model. Errors: InputError."""
    if serve:
        check_served(scorer, str(folder), folder)
        if not (reason := why_not_served(scorer, folder)):
            return ServedReader(scorer, folder, tokenizer, serve)
        print(f"{folder}: runs in transformers, because {reason}", flush=True)
    if isinstance(scorer, ProcessScorer):
        return step_reader(scorer, folder, tokenizer)
    assert isinstance(scorer, OutcomeScorer), "there are two kinds of models"
    return outcome_reader(scorer, folder, tokenizer)


def check_reads(folder: Path, reader: Reader, probes: Sequence[Written | str]) -> None:
    """Let a model that runs in transformers read a short text. Errors: InputError if it fails, as it does with a config
    that loads and makes no sense: a padding token of -5, a kernel that is not there."""
    if not isinstance(reader, BatchReader):
        return
    try:
        scores_of(probes, reader, lambda *_: None)
    except Exception as error:  # IndexError, AttributeError, RuntimeError: whatever the config leads to
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise InputError(f"{folder}: fails on a short text ({reason}); choose another model") from error


def scores_of(given: Sequence[Written | str], reader: Reader, told: Told) -> list[list[float] | str]:
    """Return the scores of every text, or the reason why it was left out, which may be given in its place."""
    found: list[list[float] | str] = [one if isinstance(one, str) else unreadable(one[0], reader) for one in given]
    written = {at: one for at, one in enumerate(given) if not isinstance(one, str)}
    left = [at for at, reason in enumerate(found) if not reason]
    if len(left) < len(given):
        told(len(given) - len(left), 0)
    for group in reader.read([written[at] for at in left]):
        for place, scores in group:
            found[left[place]] = scores if all(map(isfinite, scores)) else NOT_FINITE
        told(len(group), sum(len(written[left[place]][0]) for place, _ in group))
    return found


def unreadable(ids: Sequence[int], reader: Reader) -> str:
    """Return why a text is left out; empty if it is not."""
    if len(ids) > reader.limit:
        return TOO_LONG
    return SPECIAL_TOKEN if max(ids) >= reader.vocabulary else ""
