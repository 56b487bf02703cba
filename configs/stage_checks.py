"""Checks that training stages fit together, and that a run has what they need."""

from collections.abc import Collection, Sequence

from configs.distillation import OWN
from configs.rounds import rounds_of, unrolled
from configs.stages import NAMES_TAKEN, DistillStage, GrpoStage, TrainingStage


def check_rewards(stages: Sequence[TrainingStage], has_problems: bool, judges_language: bool) -> None:
    """Check what stages of reinforcement learning need of the rest of a config. Errors: ValueError."""
    for at, stage in enumerate(stages):
        if not isinstance(stage, GrpoStage):
            continue
        if not has_problems:
            raise ValueError(
                f"training.{at}.prompts: recorded traces bring no problems to ask; use a teacher that is sampled"
            )
        if "language" in stage.rewards.weights and not judges_language:
            raise ValueError(f"training.{at}.rewards.language: judging.language is off; set the weight to 0")


def check_stages(stages: Sequence[TrainingStage]) -> None:
    """Check names, starts, and whose samples are learned from. Errors: ValueError."""
    seen, later = list[str](), dict[str, str]()
    scoring = {stage.name for stage in stages if not stage.makes_student}
    for at, stage in enumerate(stages):
        names = list(dict.fromkeys([stage.name, *(one.name for one in rounds_of(stage))]))
        for name in names:
            if name in seen or name in NAMES_TAKEN:
                why = "another stage has it" if name in seen else "it means something else"
                raise ValueError(f"training.{at}.name: {name!r} cannot be used, because {why}")
        writing = [name for name in seen if name not in scoring and name not in later]
        named = {"start": stage.start} | {
            f"{place}.sample": sampled.sample for place, sampled in stage.samplings.items()
        }
        if isinstance(stage, DistillStage) and isinstance(stage.teacher, str):
            named["teacher"] = stage.teacher
        for place, name in named.items():
            if name in later:
                raise ValueError(
                    f"training.{at}.{place}: {name!r} may never come, because rounds end by what they bring; name "
                    f"{later[name]}, which is the round that is kept"
                )
        check_writes(f"training.{at}.start", stage.start, scoring)
        check_earlier(f"training.{at}.start", stage.start, stage.name, writing)
        for place, sampled in stage.samplings.items():
            check_earlier(f"training.{at}.{place}.sample", sampled.sample, stage.name, writing)
        if isinstance(stage, DistillStage) and isinstance(stage.teacher, str) and stage.teacher not in (OWN, *writing):
            known = ", ".join([OWN, *writing])
            own = "a stage cannot be its own teacher" if stage.teacher == stage.name else "it is no earlier stage"
            raise ValueError(f"training.{at}.teacher: {stage.teacher!r}: {own}; choose one of {known}, or give a path")
        seen += names
        later |= dict.fromkeys(names[2:], stage.name)
    if len(scoring) == len(stages):
        raise ValueError(
            "training: all stages make reward models, and none a student; add a stage of another method, such as sft"
        )


def check_writes(place: str, named: str, scoring: Collection[str]) -> None:
    """Check that a model that is named is no reward model. Errors: ValueError."""
    if named in scoring:
        raise ValueError(f"{place}: {named!r} makes a reward model, which writes nothing; name another stage, or base")


def student_stages(stages: Sequence[TrainingStage]) -> list[TrainingStage]:
    """Return the stages that make language models, in order. The last one makes the student."""
    return [stage for stage in stages if stage.makes_student]


def check_earlier(place: str, named: str, own: str, earlier: Sequence[str]) -> None:
    """Check that a model that is named is there before the stage `own`. Errors: ValueError."""
    if named not in ("previous", "base", *earlier):
        why = "is the stage itself" if named == own else "is no earlier stage"
        known = ", ".join(["previous", "base", *earlier])
        raise ValueError(f"{place}: {named!r} {why}; choose one of {known}")


def check_distilled(stages: Sequence[TrainingStage], weights: bool, problems: bool, logprobs: bool) -> None:
    """Check that the run has what its stages distil: a teacher's `weights`, `problems`, stored `logprobs`. Errors:
    ValueError."""
    for at, stage in enumerate(stages):
        if not isinstance(stage, DistillStage):
            continue
        if stage.source == "stored" and not logprobs:
            raise ValueError(
                f"training.{at}.source: stored needs the teacher's log-probabilities; set sampling.logprobs (20 is the "
                "most), or take source: on_policy"
            )
        if stage.source == "stored":
            continue
        if not problems:
            raise ValueError(
                f"training.{at}.prompts: a recorded teacher brings no problems to ask; take source: stored"
            )
        if stage.teacher == OWN and not weights:
            raise ValueError(
                f"training.{at}.teacher: the run's teacher has no weights here, whose logits would teach; give "
                "teacher: {path: …}, or take source: stored"
            )


def adapts_the_base(stages: Sequence[TrainingStage]) -> bool:
    """Return True if the student is the base with an adapter on it, rather than an earlier stage's weights with one."""
    writing = student_stages(stages)
    last, alone = writing[-1], len(unrolled(writing)) == 1
    return last.lora is not None and (last.start == "base" or (last.start == "previous" and alone))
