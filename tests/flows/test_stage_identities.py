"""What shapes the artifact of a stage beyond single fields: batches, checkpoints, where a stage starts, who teaches."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from distill_makers import make_stage
from identity_kind_cases import SAMPLED, SCRATCH
from identity_plans import config_of, own_identities

from configs.load import ConfigError, load_config
from configs.training import Training
from flows.distill import plan_distillation
from records.hashing import fingerprint
from student.methods.identity import shaping


def trained(tmp: Any, *overrides: str) -> str:
    """The artifact of the student."""
    return plan_distillation(config_of("vllm", tmp, *overrides)).student.path.name


def test_another_rotary_base_trains_anew_and_measures_the_base_as_before(tmp_path: Any) -> None:
    formats, turned = "publishing.formats=[nf4]", "student.positions.rope_theta=3e5"
    ours, theirs = (own_identities(config_of("vllm", tmp_path, formats, *more)) for more in ((), (turned,)))
    assert {stage for stage in ours if ours[stage] != theirs[stage]} == {"train"}


def test_budgets_leave_what_is_stored_as_it_is(tmp_path: Any) -> None:
    def paths(*overrides: str) -> dict[str, str]:
        stages = plan_distillation(config_of("vllm", tmp_path, *overrides)).plan.stages
        return {stage.name: stage.path.name for stage in stages}

    budgets = "evaluation.budgets={think: [100], answer_tokens: 300}"
    without, ours = paths(), paths(budgets)
    stored = {name for name in without if name.startswith(("eval", "score"))}
    assert {name: ours[name] for name in stored} == {name: without[name] for name in stored}
    more = paths(budgets, "evaluation.budgets.answer_tokens=301")
    changed = {name for name in ours if ours[name] != more[name]}
    assert {name for name in changed if name not in ("curves", "report")} == {
        name for name in ours if name.startswith("budgets")
    }
    assert len(changed) == 6


def test_the_effective_batch_counts_however_it_is_made(tmp_path: Any) -> None:
    at = "training.0.settings"
    halved = f"{at}.per_device_train_batch_size=1", f"{at}.gradient_accumulation_steps=8"
    assert trained(tmp_path) == trained(tmp_path, *halved)
    assert trained(tmp_path) != trained(tmp_path, halved[0])


def test_a_number_has_one_identity_however_it_is_spelled(tmp_path: Path) -> None:
    """YAML 1.1 reads `1e-5`, without a point, as a text."""
    at = "training.0.settings.learning_rate"
    spelled = {trained(tmp_path, f"{at}={rate}") for rate in ("1e-5", "1.0e-5", "1E-05", "0.00001")}
    assert len(spelled) == 1
    assert trained(tmp_path, f"{at}=1e-4") not in spelled
    for place in ("settings.num_train_epochs", "settings.max_grad_norm", "lora.lora_dropout"):
        whole = {trained(tmp_path, f"training.0.{place}={one}") for one in ("1", "1.0", "1e0", "10.0e-1")}
        assert len(whole) == 1, place
        assert trained(tmp_path, f"training.0.{place}=0.5") not in whole
    with pytest.raises(ConfigError, match="must be a finite number"):
        trained(tmp_path, f"{at}=1e999")


def test_a_loss_over_parts_of_a_batch_depends_on_the_parts(tmp_path: Any) -> None:
    """TRL's `bnpo` divides by the tokens of each part; its other losses by all of them, or by each completion's. The
    most uncertain tokens are those of each part, and so is the mean of their entropy."""

    def trained_by(loss: str, rows: int, steps: int, **further: Any) -> str:
        settings = {"loss_type": loss, "per_device_train_batch_size": rows, "gradient_accumulation_steps": steps}
        settings |= further
        overrides = (f"training.0.settings.{name}={value}" for name, value in settings.items())
        return plan_distillation(config_of("grpo", tmp_path, *overrides)).student.path.name

    assert trained_by("dapo", 4, 8) == trained_by("dapo", 8, 4)
    assert trained_by("bnpo", 4, 8) != trained_by("bnpo", 8, 4)
    for further in ({"top_entropy_quantile": 0.2}, {"entropy_coef": 0.01}, {"use_adaptive_entropy": True}):
        assert trained_by("dapo", 4, 8, **further) != trained_by("dapo", 8, 4, **further)
    assert trained_by("dapo", 4, 8, entropy_coef=0) == trained_by("dapo", 8, 4, entropy_coef=0.0)


def test_what_chooses_the_best_weights_of_dft_is_told() -> None:
    for best in (True, False):
        settings = {"loss_type": "dft", "load_best_model_at_end": best}
        assert ("evaluated_by" in shaping(Training.model_validate({"max_length": 64, "settings": settings}))) is best


def test_the_likelihood_in_gold_is_a_mean_of_each_part() -> None:
    def shaped_by(weight: float, rows: int, steps: int) -> str:
        settings = {"per_device_train_batch_size": rows, "gradient_accumulation_steps": steps}
        gold = make_stage(settings | {"uld_crossentropy_weight": weight}, align="gold")
        return fingerprint(shaping(gold))

    assert shaped_by(0, 4, 2) == shaped_by(0, 2, 4)
    assert shaped_by(0.5, 4, 2) != shaped_by(0.5, 2, 4)


def test_what_chooses_the_best_checkpoint_shapes_the_weights(tmp_path: Any) -> None:
    at = "training.0.settings"
    best = f"{at}.load_best_model_at_end=true"
    for setting in ("eval_steps", "save_steps"):
        assert trained(tmp_path) == trained(tmp_path, f"{at}.{setting}=10")
        assert trained(tmp_path, best) != trained(tmp_path, best, f"{at}.{setting}=10")
    assert trained(tmp_path, best) == trained(tmp_path, best, f"{at}.logging_steps=10")


@pytest.mark.parametrize("kind", ["reduce_lr_on_plateau", "greedy"])
def test_what_a_schedule_goes_by_shapes_the_weights(kind: str, tmp_path: Any) -> None:
    schedule = f"training.0.settings.lr_scheduler_type={kind}"
    assert trained(tmp_path, schedule) != trained(tmp_path, schedule, "training.0.settings.eval_steps=10")


def test_stages_start_from_one_another(tmp_path: Any) -> None:
    stage = {"max_length": 512}
    file = tmp_path / "pair.yaml"

    def starts(*given: dict[str, Any]) -> list[str | None]:
        file.write_text(yaml.safe_dump(SAMPLED | {"publishing": {}, "training": [stage | one for one in given]}))
        student = plan_distillation(load_config(file)).student
        found: list[str | None] = []
        while student is not None:
            found.append(student.training.name)
            student = student.base.made_by
        return found

    assert starts({"name": "a"}, {"name": "b"}, {"name": "c"}) == ["c", "b", "a"]
    assert starts({"name": "a"}, {"name": "b"}, {"name": "c", "start": "a"}) == ["c", "a"]
    assert starts({"name": "a"}, {"name": "b", "start": "base"}) == ["b"]


def test_what_leads_a_search_shapes_its_traces_and_its_name_does_not(tmp_path: Any) -> None:
    def sampled(*overrides: str) -> str:
        return plan_distillation(config_of("beam", tmp_path, *overrides)).traces.path.name

    for field in ("revision=b2", "form=skywork", "max_length=512", "aggregate=last"):
        assert sampled(f"scorers.prm.{field}") != sampled(), field
    assert sampled("scorers.prm.batch_tokens=99") == sampled()
    renamed = "scorers.second={kind: process, path: owner/name, revision: a1}"
    assert sampled(renamed, "sampling.search.scorer=second") == sampled()
    assert sampled("sampling.search.aggregate=min") == sampled(), "the scorer's own"


def test_the_address_of_a_teacher_shapes_nothing_but_that_it_is_served_does(tmp_path: Any) -> None:
    def artifact(*overrides: str) -> str:
        return plan_distillation(config_of("on_policy", tmp_path, *overrides)).student.path.name

    at = "training.0.teacher.server"
    assert artifact(f"{at}=http://a:1") == artifact(f"{at}=http://b:2") != artifact()


def test_a_stage_is_taught_by_the_run_s_teacher_or_by_a_stage_before(tmp_path: Any) -> None:
    def needed(*given: dict[str, Any], teacher: dict[str, Any] | None = None) -> list[str]:
        tree = SAMPLED | {"publishing": {}, "training": [{"max_length": 1024} | one for one in given]}
        file = tmp_path / "pair.yaml"
        file.write_text(yaml.safe_dump(tree | ({"teacher": teacher} if teacher else {})))
        return [stage.name for stage in plan_distillation(load_config(file)).student.needs]

    distil = {"method": "distill"}
    scratch = {"kind": "vllm", "name": "big", "max_model_len": 1024, "scratch": SCRATCH}
    assert needed(distil) == ["problems"]  # the teacher is a pinned name on the hub
    assert needed(distil, teacher=scratch) == ["problems", "teacher-from-scratch"]
    assert needed({"name": "a"}, distil | {"start": "base", "teacher": "a"}) == ["problems", "train-a"]
    with pytest.raises(ConfigError, match="a stage cannot be its own teacher"):
        needed(distil | {"teacher": "distill"})


def test_a_file_s_name_is_in_its_rows_and_its_folder_is_not(tmp_path: Any) -> None:
    """Caps and funnels go by the name of a source, so rows under a file's old name would be other rows."""

    def problems(place: str, *overrides: str) -> str:
        file = tmp_path / place
        file.parent.mkdir(exist_ok=True)
        file.write_text('{"problem": "1 + 1", "answer": "2"}\n')
        source = f"problems=[{{kind: file, path: '{file}'}}]"
        stages = plan_distillation(config_of("vllm", tmp_path, source, *overrides)).plan.stages
        return next(stage.path.name for stage in stages if stage.name == "problems")

    assert problems("a/easy.jsonl") == problems("b/easy.jsonl") == problems("b/hard.jsonl", "problems.0.source=easy")
    assert problems("a/easy.jsonl") != problems("a/hard.jsonl")
