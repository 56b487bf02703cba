"""Plans an evaluation: every model, in every precision, on every benchmark."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from configs.benchmarks import Benchmark
from configs.distribution import Distribution
from configs.evaluated_models import Precision
from configs.evaluation import Evaluation
from configs.judging import Judging
from configs.models import Model
from flows.stages.choose import ChooseProblems
from flows.stages.cross_check import CrossCheckModel
from flows.stages.evaluate import SampleModel
from flows.stages.judge import Judge, JudgingRules
from flows.stages.problems import Problems
from flows.stages.quantize import QuantizeWeights
from flows.stages.score import Checked, Measured, ScoreModels
from flows.weights import Weights
from records.comparisons import StageStart
from records.quantization import dtype_of
from records.rows import Variant


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A model that is measured."""

    name: str
    model: Model
    weights: Weights
    precisions: list[Precision]
    trained_here: bool = False
    """True if a stage of the run trained it."""


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """A model in one precision, with the weights that are loaded for it."""

    variant: Variant
    precision: Precision
    model: Model
    weights: Weights
    trained_here: bool


@dataclass(frozen=True, kw_only=True)
class EvaluationPlan:
    """What all stages of an evaluation have in common."""

    run_dir: Path
    evaluation: Evaluation
    judging: Judging
    distribution: Distribution
    benchmarks: dict[str, Problems]
    settings: dict[str, Benchmark]
    """What the config says of each benchmark."""

    def scores(self, candidates: list[Candidate], started: tuple[StageStart, ...] = ()) -> ScoreModels:
        """Return the stage that scores all models, which needs everything else. `started` says from which model each
        training stage started."""
        loaded = [one for candidate in candidates for one in self.loaded(candidate)]
        measured = tuple(self.measured(one, name) for one in loaded for name in self.benchmarks)
        return ScoreModels(
            run_dir=self.run_dir,
            measured=measured,
            checked=tuple(self.cross_checks(loaded, measured)),
            tolerance=self.evaluation.tolerance,
            mix_runtimes=self.evaluation.mix_runtimes,
            started=started,
        )

    def loaded(self, candidate: Candidate) -> Iterator[LoadedModel]:
        """Yield the model in each of its precisions. Quantized weights are made by a stage."""
        for precision in candidate.precisions:
            model, weights = candidate.model, candidate.weights
            if precision != "full":
                model = model.model_copy(update={"dtype": dtype_of(precision, model.dtype)})
                quantized = QuantizeWeights(
                    run_dir=self.run_dir,
                    name=f"quantize-{candidate.name}-{precision}",
                    weights=weights,
                    precision=precision,
                    dtype=model.dtype,
                )
                weights = Weights.of(quantized)
            variant = Variant(candidate.name, precision)
            yield LoadedModel(
                variant=variant,
                precision=precision,
                model=model,
                weights=weights,
                trained_here=candidate.trained_here,
            )

    def measured(self, loaded: LoadedModel, benchmark: str) -> Measured:
        """Sample one model on one benchmark, and judge its completions."""
        label = label_of(benchmark, loaded.variant)
        completions = SampleModel(
            run_dir=self.run_dir,
            name=f"eval-{label}",
            problems=self.benchmarks[benchmark],
            model=self.asked(loaded.model, benchmark),
            weights=loaded.weights,
            precision=loaded.precision,
            evaluation=self.evaluation.for_benchmark(self.settings[benchmark]),
            distribution=self.distribution,
        )
        return Measured(
            benchmark=benchmark,
            variant=loaded.variant,
            completions=completions,
            judged=self.judged(label, completions),
            extraction=self.evaluation.extraction_of(trained_here=loaded.trained_here),
        )

    def asked(self, model: Model, benchmark: str) -> Model:
        """Return the model with the prompt in which the benchmark's problems are put to it."""
        return model.model_copy(update={"prompt": self.settings[benchmark].prompt(model.prompt)})

    def cross_checks(self, loaded: list[LoadedModel], measured: tuple[Measured, ...]) -> Iterator[Checked]:
        """Sample some problems of every benchmark with transformers, too, if that is wanted."""
        wanted = self.evaluation.cross_check
        if wanted is None:
            return
        models = {one.variant: one for one in loaded}
        for one in measured:
            model, label = models[one.variant], f"check-{label_of(one.benchmark, one.variant)}"
            chosen = ChooseProblems(
                run_dir=self.run_dir,
                name=f"check-{one.benchmark}",
                problems=self.benchmarks[one.benchmark],
                count=wanted.problems,
            )
            completions = CrossCheckModel(
                run_dir=self.run_dir,
                name=f"eval-{label}",
                problems=chosen,
                model=self.asked(model.model, one.benchmark),
                weights=model.weights,
                precision=model.precision,
                evaluation=self.evaluation.for_benchmark(self.settings[one.benchmark]),
                distribution=self.distribution,
                batch_size=wanted.batch_size,
            )
            yield Checked(measured=one, completions=completions, judged=self.judged(label, completions))

    def judged(self, label: str, completions: SampleModel) -> Judge:
        return Judge(
            run_dir=self.run_dir,
            name=f"eval-judge-{label}",
            traces=completions,
            rules=JudgingRules(judging=measuring(self.judging, self.evaluation.require_box)),
            sampling=completions.evaluation,
            distribution=self.distribution,
            lenient=self.evaluation.reads_leniently,
        )


def label_of(benchmark: str, variant: Variant) -> str:
    return f"{benchmark}-{variant.model}-{variant.precision}"


def measuring(judging: Judging, require_box: bool) -> Judging:
    """Return the judging settings for evaluation, where an answer is only right or wrong: the filters against bad
    training rows are off."""
    off = {"min_tokens": 0, "max_tokens": None, "repetition": None, "language": None, "reject_refusals": False}
    return judging.model_copy(update={**off, "equations": None, "require_box": require_box})
