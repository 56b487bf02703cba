"""Prompts of an on-policy training: which are asked, held out and left out, and how they are handed on."""

from pathlib import Path

import pytest
from conftest import make_problem
from distill_makers import make_stage, write_problems
from grpo_makers import STUDENT
from tokenizer_makers import CHATML, STRIPS_AND_PREFILLS, SWITCHES, make_byte_tokenizer

from configs.models import MixedReasoning
from records.errors import InputError
from records.rendering import prompt_text
from student.data.asked import PromptRenderer
from student.data.prompt_rows import PromptRows, prompt_rows, teacher_prompt
from student.data.student_files import StudentOrigin


@pytest.fixture
def renderer(tiny_model: Path) -> PromptRenderer:
    return PromptRenderer(StudentOrigin(str(tiny_model)).tokenizer(), STUDENT.prompt, "visible", 99)


@pytest.mark.parametrize(("limit", "asked"), [(None, 10), (9, 9), (10, 10), (11, 10)])
def test_the_first_problems_are_asked(limit: int | None, asked: int, renderer: PromptRenderer, tmp_path: Path) -> None:
    rows = prompt_rows(write_problems(tmp_path), make_stage(prompts={"limit": limit}), renderer)
    assert rows.train == list(range(asked))
    assert (rows.held_out, rows.dropped) == ([], {})


def test_some_are_held_out_and_faulty_ones_are_on_neither_side(renderer: PromptRenderer, tmp_path: Path) -> None:
    problems = write_problems(tmp_path)
    renderer.longest = max(len(renderer.render(make_problem(f"{at} + 1?")).input_ids) for at in range(10))
    assert len(prompt_rows(problems, make_stage(held_out=3), renderer).held_out) == 3
    renderer.longest -= 1
    with pytest.raises(InputError, match="rows cannot"):
        prompt_rows(problems, make_stage(), renderer)


def test_what_identifies_a_prompt_is_no_sample(renderer: PromptRenderer, tmp_path: Path) -> None:
    rows = prompt_rows(write_problems(tmp_path, 2), make_stage(), renderer)
    assert [(one["source"], one["attempt"], one["sample_index"]) for one in rows.ids()] == [("made", 0, 0)] * 2
    assert rows.ids()["problem_id"][:] == [one.problem.id for one in rows.prompts]
    assert rows.dataset([1]).to_dict() == {"prompt": [rows.prompts[1].input_ids], "row": [1]}


@pytest.mark.parametrize(("batch", "fits"), [(1, True), (2, True), (3, False)])
def test_a_step_takes_no_more_prompts_than_there_are(batch: int, fits: bool, renderer: PromptRenderer) -> None:
    rows = PromptRows([renderer.render(make_problem(f"{at}?")) for at in range(3)], [0, 2], [1], {})
    if fits:
        rows.check_batch(batch)
    else:
        with pytest.raises(InputError, match="a step takes 3 prompts, and there are 2"):
            rows.check_batch(batch)


@pytest.mark.parametrize("student", [CHATML, STRIPS_AND_PREFILLS, SWITCHES])
@pytest.mark.parametrize("teacher", [CHATML, STRIPS_AND_PREFILLS, SWITCHES])
def test_a_teacher_reads_on_where_the_student_begins(student: str, teacher: str) -> None:
    """A template that prefills `<think>` is asked about completions that begin with it, or the other way round."""
    other = make_byte_tokenizer(teacher)
    plain = prompt_text(other, STUDENT.prompt.messages("1 + 1?")).removesuffix("<think>\n")
    for reasoning in ("visible", MixedReasoning(no_think_share=0.9999)):
        renderer = PromptRenderer(make_byte_tokenizer(student), STUDENT.prompt, reasoning, 999)
        asked = renderer.render(make_problem("1 + 1?"))
        begun = asked.text[asked.text.rindex("<think>") :] if "<think>" in asked.text else ""
        text = teacher_prompt(other, asked)
        assert text.replace("\n/no_think", "") == plain + begun
