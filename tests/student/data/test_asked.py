"""Problems as prompts of a student that answers them itself: one way for all methods whose student samples."""

from pathlib import Path

import pytest
from conftest import make_problem
from grpo_makers import STUDENT

from configs.models import MixedReasoning
from records.errors import InputError
from student.data.asked import PromptRenderer, check_dropped
from student.data.faults import PROMPT_CHANGED, PROMPT_TOO_LONG
from student.data.student_files import StudentOrigin


def test_a_prompt_that_the_tokenizer_does_not_give_back_is_left_out(tiny_model: Path) -> None:
    tokenizer = StudentOrigin(str(tiny_model)).tokenizer()
    renderer = PromptRenderer(tokenizer, STUDENT.prompt, "visible", 60)
    good = renderer.render(make_problem("What is 1 + 1?", "2"))
    assert (good.fault, good.no_think) == ("", False)
    assert good.text.count("What is 1 + 1?") == 1
    assert renderer.fault_of(good.turns, good.text, good.input_ids[: len(good.input_ids) // 2]) == PROMPT_CHANGED
    exact = PromptRenderer(tokenizer, STUDENT.prompt, "visible", len(good.input_ids))
    assert exact.render(good.problem).fault == ""
    exact.longest -= 1
    assert exact.render(good.problem).fault == PROMPT_TOO_LONG


def test_some_are_asked_without_reasoning(tiny_model: Path) -> None:
    tokenizer = StudentOrigin(str(tiny_model)).tokenizer()
    renderer = PromptRenderer(tokenizer, STUDENT.prompt, MixedReasoning(no_think_share=0.5), 99)
    asked = [renderer.render(make_problem(f"What is {at} + 1?", "2")) for at in range(20)]
    assert 0 < sum(one.no_think for one in asked) < 20
    assert all(("/no_think" in one.text) == one.no_think for one in asked)


@pytest.mark.parametrize(("share", "refused"), [(0.24, True), (0.25, False), (1.0, False)])
def test_as_many_are_left_out_as_the_stage_allows(share: float, refused: bool, tiny_model: Path) -> None:
    tokenizer = StudentOrigin(str(tiny_model)).tokenizer()
    asked = [
        PromptRenderer(tokenizer, STUDENT.prompt, "visible", 5 if at == 0 else 99).render(make_problem(f"{at}?", "2"))
        for at in range(4)
    ]
    if refused:
        with pytest.raises(InputError, match=r"1 of 4 rows cannot .* lower max_completion_length"):
            check_dropped(asked, share)
    else:
        assert check_dropped(asked, share) == {PROMPT_TOO_LONG: 1}
    with pytest.raises(InputError, match="1 of 1 rows"):
        check_dropped(asked[:1], 1.0)
