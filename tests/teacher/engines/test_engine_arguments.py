"""What vLLM is started with."""

from configs.models import Student
from configs.teachers import VllmTeacher
from teacher.engines.vllm_engine import engine_arguments


def test_a_student_with_more_positions_overrides_the_models_config() -> None:
    own = {"name": "s", "path": "somewhere", "max_model_len": 512}
    longer = Student(**own, positions={"max_position_embeddings": 1024, "rope_theta": 3e5})
    assert engine_arguments(longer, "p")["hf_overrides"] == {"max_position_embeddings": 1024}, (
        "the base's own rope_theta"
    )
    assert engine_arguments(Student(**own), "p")["hf_overrides"] == {}
    assert engine_arguments(VllmTeacher(kind="vllm", **own), "p") == engine_arguments(Student(**own), "p")
