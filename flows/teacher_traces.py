"""Plans how the teacher's traces are made, and where the weights of teacher and base come from."""

from pathlib import Path

from configs.models import Model
from configs.schema import Config
from configs.teachers import RecordedTeacher, VllmTeacher
from flows.searching import plan_search
from flows.stages.judge import JudgingRules
from flows.stages.problems import Problems
from flows.stages.recorded import ImportTraces
from flows.stages.sample import SampleTeacher
from flows.stages.scratch import ScratchModel
from flows.weights import Weights


def run_dir_of(config: Config) -> Path:
    return Path(config.run_dir.replace("{name}", config.name))


def teacher_traces(config: Config, rules: JudgingRules) -> SampleTeacher | ImportTraces:
    """Return the stage that makes the traces: sampling, or importing traces recorded elsewhere."""
    run_dir, teacher, held_out = run_dir_of(config), config.teacher, rules.benchmarks
    if isinstance(teacher, RecordedTeacher):
        return ImportTraces(run_dir=run_dir, teacher=teacher)
    assert config.sampling is not None, "validated by Config"
    return SampleTeacher(
        run_dir=run_dir,
        teacher=teacher,
        weights=weights_of(config, teacher, "teacher", held_out) if isinstance(teacher, VllmTeacher) else None,
        problems=Problems(
            run_dir=run_dir,
            name="problems",
            sources=tuple(config.problems),
            held_out=held_out,
            seed=config.sampling.seed,
        ),
        sampling=config.sampling,
        rules=rules,
        search=plan_search(config),
        distribution=config.distribution,
    )


def weights_of(config: Config, model: Model, role: str, held_out: tuple[Problems, ...]) -> Weights:
    if model.scratch is None:
        return Weights(str(model.path), model.revision)
    teacher, shares = config.teacher, model.scratch.tokenizer == "teacher"
    return Weights.of(
        ScratchModel(
            run_dir=run_dir_of(config),
            name=f"{role}-from-scratch",
            scratch=model.scratch,
            prompt=model.prompt,
            held_out=held_out,
            launch=config.launch,
            tokenizer_of=(
                weights_of(config, teacher, "teacher", held_out)
                if shares and isinstance(teacher, VllmTeacher)
                else None
            ),
        )
    )
