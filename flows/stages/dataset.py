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
from flows.stages.second_opinion import SecondOpinion
from records.counts import SelectionCounts


@dataclass(frozen=True, kw_only=True)
class SelectTraces(Stage):
    """Makes `data/*.parquet` in the form that TRL and `datasets` read, a card, and the list of disputed references."""

    name: str = "select"
    version = "7"
    judged: Judge
    second_opinion: SecondOpinion | None = None
    """A judge on whose word traces may be taken; None if only the verifiers accept."""
    selection: Selection
    prompt: Prompt
    """The student's prompt, with which the rows are made."""
    teacher: str

    @property
    def with_logprobs(self) -> bool:
        """True if the traces were sampled with logprobs, which pass judging by and are read from beside them."""
        sampling = self.judged.sampling
        return isinstance(sampling, TeacherSampling) and sampling.logprobs is not None

    @property
    def needs(self) -> tuple[Stage, ...]:
        logprobs = [self.judged.traces] if self.with_logprobs else []
        return (self.judged, *logprobs, *([self.second_opinion] if self.second_opinion else []))

    def settings(self) -> dict[str, Any]:
        prompt, selection = self.prompt.model_dump(mode="json"), self.selection.model_dump(mode="json")
        return {"selection": selection, "prompt": prompt, "teacher": self.teacher}

    def build(self, folder: Path, *, progress: Report) -> SelectionCounts:
        from filters.llm_judge.opinions import admitted_traces
        from filters.selection.dataset import select_traces
        from filters.workers import workers
        from records.logprob_files import LOGPROBS
        from records.parquet import count_rows
        from student.export.dataset_card import write_card
        from teacher.sampling.difficulty import pass_rates

        rates = pass_rates(self.judged.sampling)
        logprobs = self.judged.traces.path / LOGPROBS if self.with_logprobs else None
        admitted = None
        if self.second_opinion:
            admitted = admitted_traces(self.second_opinion.path, count_rows(self.judged.path))
        with workers(self.judged.rules.judging) as pool:  # its processes start when two answers are first compared
            counts = select_traces(
                folder, self.judged.path, self.selection, self.prompt.messages, pool.same, rates, logprobs, admitted
            )
        write_card(folder, self.teacher, counts)
        return counts
