"""What a request asks for, and where its completion is cut."""

from typing import Any

import pytest
from conftest import make_problem

from configs.search import Beam, BestOfN
from records.requests import PAUSED, Completion, Request, Settings
from records.rows import CUT_OFF, FAILED, FINISHED, PROMPT_TOO_LONG
from teacher.search.expansion import cut_to_steps, expansion_of, opened, request_of
from teacher.search.tree import Node, Wish

BEAM = Beam(kind="beam", scorer="s", step_tokens=20, stop=["\n\n", "END"])
ROOT = Wish(Node(), 3)
PARENT = Node((3,), "<think>\nOne.\n\n", tokens=10, prompt_tokens=5)
MOST = 100


def asked(**changes: Any) -> Request:
    settings = Settings(0.8, 0.9, 7, MOST, stop_loops=True)
    return Request(make_problem(), 0, 2, 77, ({"role": "user", "content": "2 + 2?"},), settings, **changes)


def child(wish: Wish, text: str, finish: str, prompt_tokens: int = 5, tokens: int = 10, detail: str = "") -> Any:
    completion = Completion(asked(), text, finish, prompt_tokens, tokens, detail=detail)
    return expansion_of(wish, completion, MOST, thinks=True)


def test_a_step_is_asked_for_with_stop_texts_and_a_limit() -> None:
    request = request_of(asked(), Wish(PARENT, 1), BEAM, number=9)
    assert (request.prefix, request.prefix_tokens, request.sample_index) == (PARENT.text, 10, 9)
    assert (request.stop, request.settings.max_tokens, request.settings.stop_loops) == (("\n\n", "END"), 20, False)
    assert (request.settings.temperature, request.messages) == (0.8, asked().messages)


@pytest.mark.parametrize(("spent", "most"), [(79, 20), (80, 20), (81, 19), (99, 1)])
def test_no_step_exceeds_what_is_left_of_the_trace(spent: int, most: int) -> None:
    assert request_of(asked(), Wish(Node((0,), "a", tokens=spent), 0), BEAM, 0).settings.max_tokens == most


def test_a_whole_trace_is_asked_for_without_stop_texts() -> None:
    for search, wish in ((BEAM, Wish(PARENT, 1, whole=True)), (BestOfN(kind="best_of_n", scorer="s"), ROOT)):
        request = request_of(asked(), wish, search, 0)
        assert (request.stop, request.settings.stop_loops) == ((), True)
        assert request.settings.max_tokens == MOST - wish.parent.tokens


def test_seeds_depend_on_the_path_alone() -> None:
    wishes = [Wish(Node(path), choice) for path in ((), (0,), (1,), (0, 1)) for choice in (0, 1)]
    seeds = [request_of(asked(), wish, BEAM, number).seed for number, wish in enumerate(wishes)]
    assert len(set(seeds)) == len(seeds)
    assert seeds == [request_of(asked(), wish, BEAM, 0).seed for wish in wishes]


def test_a_paused_step_goes_on_and_a_finished_one_does_not() -> None:
    paused = child(ROOT, "<think>\nOne.\n\n", PAUSED).node
    assert (paused.path, paused.lives, paused.tokens, paused.prompt_tokens) == ((3,), True, 10, 5)
    assert child(ROOT, "<think>\nOne.</think>\n\n4", FINISHED).node.finish == FINISHED


def test_tokens_of_a_prefix_are_what_the_engine_received() -> None:
    """Whatever was drawn for it: text that is encoded again may have other tokens."""
    node = child(Wish(PARENT, 0), PARENT.text + "Two.\n\n", PAUSED, prompt_tokens=5 + 11, tokens=7).node
    assert (node.tokens, node.prompt_tokens, node.path) == (18, 5, (3, 0))


@pytest.mark.parametrize(("tokens", "finish"), [(88, ""), (89, CUT_OFF), (90, CUT_OFF)])
def test_a_trace_of_max_tokens_is_cut_off(tokens: int, finish: str) -> None:
    for reason in (PAUSED, CUT_OFF):
        node = child(Wish(PARENT, 0), PARENT.text + "Two. And", reason, prompt_tokens=5 + 11, tokens=tokens).node
        assert node.finish == finish


def test_a_step_at_its_limit_is_cut_after_the_last_whole_sentence() -> None:
    expansion = child(Wish(PARENT, 0), PARENT.text + "Two is 2. Th", CUT_OFF, prompt_tokens=15, tokens=12)
    assert expansion.node.text == PARENT.text + "Two is 2."
    assert expansion.node.lives
    assert expansion.tokens == 12, "what was drawn was drawn"
    assert expansion.node.tokens == 10 + 9, "of 12 characters 9 are kept"
    whole = child(Wish(PARENT, 0, whole=True), PARENT.text + "Two is 2. Th", CUT_OFF, prompt_tokens=15, tokens=12)
    assert (whole.node.finish, whole.node.text) == (CUT_OFF, PARENT.text + "Two is 2. Th")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<think>\nA long one without an end", "<think>\nA long one without an end"),
        ("<think>\nOne.\nTwo\nTh", "<think>\nOne.\nTwo\n"),
        ("<think>\nOne.\nTwo\n", "<think>\nOne.\nTwo\n"),
        ("<think>\nOne. Two is 2. Th", "<think>\nOne. Two is 2."),
        ("<think>\nOne.\n</think>\n\nSo 4 it is. Th", "<think>\nOne.\n</think>\n\nSo 4 it is."),
        ("<think>\nOne.\nLet $x. Y$ be", "<think>\nOne.\n"),
    ],
)
def test_a_text_is_cut_to_whole_steps(text: str, kept: str) -> None:
    assert cut_to_steps(text, begun=8) == kept


def test_a_cut_never_goes_back_behind_what_was_given() -> None:
    text = "One is 1. Two is"
    assert cut_to_steps(text, begun=8) == "One is 1."
    assert cut_to_steps(text, begun=9) == text


def test_a_missing_opening_tag_is_written() -> None:
    assert opened("One.", thinks=True) == "<think>\nOne."
    assert opened("<think>One.", thinks=True) == "<think>One."
    assert opened("One.", thinks=False) == "One."


def test_a_request_without_room_cuts_its_path_off_and_the_first_one_says_so() -> None:
    deep = child(Wish(PARENT, 0), "", PROMPT_TOO_LONG, prompt_tokens=95, tokens=0).node
    assert (deep.finish, deep.text, deep.tokens) == (CUT_OFF, PARENT.text, 10)
    first = child(ROOT, "", PROMPT_TOO_LONG, prompt_tokens=95, tokens=0).node
    assert (first.finish, first.text, first.has_text) == (PROMPT_TOO_LONG, "", False)


def test_a_failed_request_has_no_text() -> None:
    node = child(Wish(PARENT, 0), "", FAILED, tokens=0, detail="refused").node
    assert (node.finish, node.text, node.detail, node.has_text) == (FAILED, "", "refused", False)
