"""Every kind of sampled teacher has its engine, and starting one imports nothing of the others."""

import subprocess
import sys
from pathlib import Path
from typing import get_args

from conftest import ROOT

from configs.llm_judge import Judge
from configs.models import Model
from configs.teachers import FakeTeacher, RecordedTeacher, Teacher
from teacher.engines import ENGINES, Launch
from teacher.engines.fake import FakeSampler
from teacher.engines.shared import SharedEngine


def test_every_kind_of_teacher_or_judge_that_is_sampled_has_an_engine() -> None:
    models = [one for union in (Teacher, Judge) for one in get_args(get_args(union)[0]) if one is not RecordedTeacher]
    assert {get_args(one.model_fields["kind"].annotation)[0] for one in models} == ENGINES.keys()
    assert not issubclass(RecordedTeacher, Model)


def test_an_engine_is_started_by_its_kind() -> None:
    teacher = FakeTeacher(kind="fake", in_flight=7)
    with SharedEngine() as shared:
        launch = Launch(path="", logs=Path("unused"), end_with=lambda ours, theirs: None, judged=True, shared=shared)
        sampler = ENGINES["fake"](teacher, launch)
    assert isinstance(sampler, FakeSampler)
    assert sampler.room() == 7


def test_the_list_of_engines_imports_none_of_them() -> None:
    code = (
        "import sys, teacher.engines; print({'vllm', 'torch', 'transformers', 'aiohttp', 'uvloop'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
