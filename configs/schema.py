"""The complete config of one run."""

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from configs.aggregate import ScorerName
from configs.benchmarks import Benchmark, resolve
from configs.distribution import Distribution
from configs.evaluation import Evaluation
from configs.judging import Judging
from configs.launch import Launch
from configs.llm_judge import SecondOpinion
from configs.measuring import measured_models
from configs.models import Student
from configs.own_samples import check_samples
from configs.publishing import Publishing
from configs.rollout_checks import check_rollouts
from configs.rounds import MOST_STAGES, check_rounds
from configs.sampling import TeacherSampling
from configs.scorers import ModelScorer, Scorer, check_scorers, scorer_named, selecting_scorer
from configs.search_checks import check_evaluation_searches, check_sampling_search
from configs.section import Section
from configs.selection import Selection
from configs.sources import ProblemSource
from configs.stage_checks import adapts_the_base, check_distilled, check_rewards, check_stages
from configs.stages import Stage, as_list
from configs.teachers import Teacher, VllmTeacher

MOST_MEASURED = 10_000
"""Most pairs of a model, in one precision, and a benchmark."""


class Config(Section):
    """One teacher/student pair. Every YAML in configs/ is one of these."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=128)
    """Name of the run."""
    run_dir: str = "runs/{name}"
    """Directory of all artifacts; `{name}` stands for the run's name."""
    teacher: Teacher
    student: Student
    problems: list[ProblemSource] = []
    """Problems to sample; recorded teachers bring their own."""
    benchmarks: Annotated[dict[str, Benchmark], BeforeValidator(resolve)] = {}
    """Held-out problems by benchmark: a name in configs/benchmarks/ with settings, or your own sources. Their prompts
    never reach the dataset."""
    sampling: TeacherSampling | None = None
    judging: Judging = Judging()
    second_opinion: SecondOpinion | None = None
    """An LLM judge that reads what the verifiers rejected or could not decide; `null` asks none."""
    scorers: dict[ScorerName, Scorer] = {}
    """Models and checks that give traces a number, by the names that selection and evaluation call them by."""
    selection: Selection = Selection()
    training: Annotated[list[Stage], BeforeValidator(as_list), Field(min_length=1, max_length=MOST_STAGES)]
    """Stages, each starting from the one before unless it says otherwise. The last one that makes a language model
    makes the student; reward models may stand anywhere."""
    launch: Launch = Launch()
    evaluation: Evaluation | None = None
    publishing: Publishing = Publishing()
    distribution: Distribution = Distribution()

    @model_validator(mode="after")
    def stages_fit_together(self) -> "Config":
        if not self.teacher.sampled:
            if self.problems or self.sampling:
                raise ValueError("a recorded teacher brings its own problems: remove problems and sampling")
        elif not self.problems or self.sampling is None:
            raise ValueError("sampling a teacher needs both problems and sampling")
        elif self.teacher.context is not None and self.sampling.longest >= self.teacher.context:
            raise ValueError(f"sampling.max_tokens must leave room for the prompt: below {self.teacher.context}")
        self.check_second_chances()
        self.check_tokenizers()
        if bool(self.benchmarks) != (self.evaluation is not None):
            raise ValueError("benchmarks and evaluation go together: give both or neither")
        self.check_evaluation()
        if self.evaluation and self.evaluation.budgets.on and not self.student.thinks_once_trained:
            raise ValueError("evaluation.budgets bounds reasoning: the student is trained to answer without; remove it")
        check_stages(self.training)
        logprobs = bool(self.sampling and self.sampling.logprobs)
        check_distilled(self.training, isinstance(self.teacher, VllmTeacher), self.teacher.sampled, logprobs)
        check_rewards(self.training, self.teacher.sampled, self.judging.language is not None)
        check_rounds(self.training, self.benchmarks)
        check_samples(self.training, self.student, self.problems, self.sampling, self.selection, self.scorers)
        self.check_scoring()
        check_rollouts(self.training, self.teacher)
        if self.evaluation:
            measured_models(self.evaluation, self.student, self.teacher, self.training)
        if max(stage.max_length for stage in self.training) > self.student.max_model_len:
            raise ValueError(f"training.max_length exceeds student.max_model_len ({self.student.max_model_len})")
        if "adapter" in self.publishing.formats and not adapts_the_base(self.training):
            raise ValueError(
                "publishing.formats: adapter needs a last training stage that has lora and starts from the base; "
                "remove adapter, or change that stage"
            )
        if "adapter" in self.publishing.formats and self.student.positions and self.student.positions.rope_theta:
            raise ValueError(
                "publishing.formats: adapter would be loaded on the base with the base's rope_theta; remove adapter, "
                "or student.positions.rope_theta"
            )
        return self

    def check_tokenizers(self) -> None:
        teacher = self.teacher if isinstance(self.teacher, VllmTeacher) else None
        if teacher and teacher.scratch and teacher.scratch.tokenizer == "teacher":
            raise ValueError(
                "teacher.scratch.tokenizer: is the teacher's own; set it to own, and the student's to teacher"
            )
        if teacher is None and self.student.scratch and self.student.scratch.tokenizer == "teacher":
            raise ValueError(
                "student.scratch.tokenizer: teacher needs a teacher of kind vllm, whose files are read; set own"
            )

    def check_evaluation(self) -> None:
        if self.evaluation is None:
            return
        models = sum(len(model.precisions) for model in self.evaluation.models.values())
        if models * len(self.benchmarks) > MOST_MEASURED:
            raise ValueError(
                f"evaluation: {models} models on {len(self.benchmarks)} benchmarks; at most {MOST_MEASURED:,} pairs "
                "fit into a run"
            )
        for name, benchmark in self.benchmarks.items():
            try:
                self.evaluation.for_benchmark(benchmark)
            except ValueError as error:
                raise ValueError(f"benchmarks.{name}: {error}") from None
            if benchmark.max_tokens and benchmark.max_tokens >= self.student.max_model_len:
                raise ValueError(
                    f"benchmarks.{name}.max_tokens must leave room for the prompt: below {self.student.max_model_len}"
                )

    def check_scoring(self) -> None:
        check_scorers(self.scorers, self.training)
        if self.sampling and self.sampling.search:
            check_sampling_search(self.sampling.search, self.scorers, self.teacher.continues)
        if self.evaluation:
            check_evaluation_searches(self.evaluation, self.benchmarks, self.scorers)
        scorer = selecting_scorer(self.scorers, self.selection)
        if isinstance(scorer, ModelScorer) and scorer.origin is not None:
            raise ValueError(
                f"selection.scorer: {self.selection.scorer} is trained in this run, after selection; train it in "
                "another run and give its path"
            )
        evaluation = self.evaluation
        if evaluation is None or not evaluation.rerank:
            return
        for at, name in enumerate(evaluation.rerank):
            scorer_named(self.scorers, name, f"evaluation.rerank.{at}")
        if all(evaluation.for_benchmark(benchmark).n == 1 for benchmark in self.benchmarks.values()):
            raise ValueError("evaluation.rerank: there is nothing to choose from; set evaluation.n above 1")

    def check_second_chances(self) -> None:
        chances = self.sampling.second_chances if self.sampling else []
        for number, chance in enumerate(chances):
            if chance.continue_truncated and not self.teacher.continues:
                raise ValueError(
                    f"sampling.second_chances.{number}: a chat server cannot continue a text; set a larger "
                    "max_tokens instead of continue_truncated"
                )
        bounded = self.sampling and (self.sampling.thinking_tokens or any(one.thinking_tokens for one in chances))
        if bounded and not self.teacher.reasons:
            raise ValueError("sampling.thinking_tokens bounds reasoning: set teacher.thinks=true, or remove it")
        if self.sampling and self.sampling.logprobs and not self.teacher.names_tokens:
            raise ValueError(
                "sampling.logprobs: nobody could say which vocabulary the servers' token ids belong to; set "
                "teacher.tokenizer to the model's tokenizer"
            )
