"""Further passes over problems without an accepted trace: which templates of a hint and how many draws are taken."""

from typing import Any

import pytest
from pydantic import ValidationError

from configs.sampling import HINT, SecondChance


@pytest.mark.parametrize(
    ("hint", "template"),
    [(None, None), ("default", HINT), ("{problem} It is {reference}.", "{problem} It is {reference}.")],
)
def test_a_hint_is_the_default_one_or_a_template_of_both(hint: str | None, template: str | None) -> None:
    assert SecondChance(hint=hint).hint_template == template


@pytest.mark.parametrize("hint", ["", "hint", "Solve {problem}", "It is {reference}."])
def test_a_hint_that_lacks_a_part_is_refused(hint: str) -> None:
    with pytest.raises(ValidationError, match=r"hint: must contain {problem} and {reference}"):
        SecondChance(hint=hint)


@pytest.mark.parametrize("fields", [{"max_n": 1}, {"max_n": 2, "continue_truncated": True}, {"temperature": 0.1}])
def test_a_pass_at_temperature_0_may_draw_once_or_go_on(fields: dict[str, Any]) -> None:
    SecondChance(**{"temperature": 0, "max_n": 2} | fields)


def test_a_pass_at_temperature_0_draws_no_second_trace() -> None:
    with pytest.raises(ValidationError, match="max_n=2 at temperature 0 draws the same trace again"):
        SecondChance(temperature=0, max_n=2)


@pytest.mark.parametrize(("accept", "fits"), [(1, True), (2, True), (3, False)])
def test_a_pass_may_accept_all_that_it_draws(accept: int, fits: bool) -> None:
    if fits:
        SecondChance(accept=accept, max_n=2)
    else:
        with pytest.raises(ValidationError, match="max_n=2 can never give accept=3"):
            SecondChance(accept=accept, max_n=2)


@pytest.mark.parametrize("field", [{"prompt": "r1"}, {"hint": "default"}])
def test_what_goes_on_has_no_prompt_of_its_own(field: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="continue_truncated goes on with a given text"):
        SecondChance.model_validate({"continue_truncated": True} | field)
