"""The stage that selects accepted traces as the rows of the dataset."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configs.prompt import Prompt
from configs.sampling import TeacherSampling
from configs.selection import Selection
from flows.plan import Stage
from flows.run.progress import Report
from flows.stages.judge import Judge
from flows.stages.score_traces import ScoreTraces
from flows.stages.second_opinion import SecondOpinion
from records.artifact import read_counts
from records.counts import JudgingCounts, SelectionCounts
from records.errors import InputError


@dataclass(frozen=True, kw_only=True)
class SelectTraces(Stage):
    """Makes `data/*.parquet` in the form that TRL and `datasets` read, a card, and the list of disputed references."""

    name: str = "select"
    version = "9"
    published = True
    judged: Judge
    scored: ScoreTraces | None = None
    """The scores that `selection.scorer` gave the traces; None if they are selected without any."""
    second_opinion: SecondOpinion | None = None
    """A judge on whose word traces may be taken; None if only the verifiers accept."""
    selection: Selection
    prompt: Prompt
    """The student's prompt, with which the rows are made."""
    teacher: str
    learner: str = ""
    """The training stage that learns from its own or an earlier stage's samples; empty for the teacher's traces."""

    @property
    def with_logprobs(self) -> bool:
        """True if the traces were sampled with logprobs, which pass judging by and are read from beside them."""
        sampling = self.judged.sampling
        return isinstance(sampling, TeacherSampling) and sampling.logprobs is not None

    @property
    def needs(self) -> tuple[Stage, ...]:
        beside = [self.judged.traces] if self.with_logprobs else []
        return (self.judged, *beside, *(stage for stage in (self.scored, self.second_opinion) if stage))

    @property
    def libraries(self) -> tuple[str, ...]:
        return ("datasketch",) if self.selection.near_duplicates else ()

    def settings(self) -> dict[str, Any]:
        prompt, selection = self.prompt.model_dump(mode="json"), self.selection.model_dump(mode="json")
        return {"selection": selection | {"aggregate": self.aggregate}, "prompt": prompt, "teacher": self.teacher}

    @property
    def aggregate(self) -> str | None:
        """What of the scores stands for a trace."""
        return self.selection.aggregate or (self.scored.scorer.aggregate if self.scored else None)

    def build(self, folder: Path, *, progress: Report) -> SelectionCounts:
        from filters.llm_judge.opinions import admitted_traces
        from filters.selection.dataset import read_scores_of, select_traces
        from filters.workers import workers
        from records.logprob_files import LOGPROBS
        from records.parquet import count_rows
        from student.export.dataset_card import write_card
        from teacher.sampling.difficulty import pass_rates

        self.check_accepted()
        judged, selection, rates = self.judged.path, self.selection, pass_rates(self.judged.sampling)
        logprobs = self.judged.traces.path / LOGPROBS if self.with_logprobs else None
        scores = None
        if self.scored and self.aggregate:
            scores = read_scores_of(judged, self.scored.path, self.aggregate, selection.min_score)
        admitted = None
        if self.second_opinion:
            admitted = admitted_traces(self.second_opinion.path, count_rows(judged))
        with workers(self.judged.rules.judging) as pool:  # its processes start when two answers are first compared
            counts = select_traces(
                folder,
                judged,
                selection,
                self.prompt.messages,
                pool.same,
                rates,
                logprobs=logprobs,
                scores=scores,
                admitted=admitted,
            )
        write_card(folder, self.teacher, counts)
        return counts

    def check_accepted(self) -> None:
        """Errors: InputError if a training stage would have no sample to learn from."""
        found = read_counts(self.judged.artifact, JudgingCounts)
        if self.learner and not found.accepted and self.selection.min_majority is None:
            reason = next(iter({**found.rejected, **found.unknown}), "none was drawn")
            raise InputError(
                f"training stage {self.learner}: none of the {found.traces:,} traces that it would learn from was "
                f"accepted (most often {reason}): train the model that it samples for longer, raise n or max_tokens in "
                "its data, or show the reference in a second chance (second_chances: [{hint: default}])"
            )
