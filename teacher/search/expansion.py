"""One expansion: the request that continues a prefix to the end of a step, and the child that its completion makes."""

from dataclasses import dataclass, replace

from configs.search import StepSearch
from records.clean import clean_text
from records.hashing import request_seed
from records.requests import PAUSED, Completion, Request
from records.rows import CUT_OFF, PROMPT_TOO_LONG
from records.steps import split_steps
from records.thinking import CLOSE, FORMATS, OPEN
from teacher.search.tree import Node, Wish


@dataclass(frozen=True, slots=True)
class Expansion:
    """What came of a wish. Made here; kept by the journal."""

    node: Node
    """The child, without a value."""
    tokens: int
    """Tokens drawn for it, those that were cut away included."""


def request_of(asked: Request, wish: Wish, search: object, number: int) -> Request:
    """Return the request of a wish. `asked` is that of the whole trace; `number` tells the requests in flight apart.
    Its seed depends on the path alone."""
    left = asked.settings.max_tokens - wish.parent.tokens
    by_steps = isinstance(search, StepSearch) and not wish.whole
    most = min(search.step_tokens, left) if isinstance(search, StepSearch) and by_steps else left
    return replace(
        asked,
        sample_index=number,
        seed=request_seed(asked.seed, ".".join(map(str, wish.path)), int(wish.whole)),
        settings=replace(asked.settings, max_tokens=most, stop_loops=asked.settings.stop_loops and not by_steps),
        prefix=wish.parent.text,
        prefix_tokens=wish.parent.tokens,
        stop=tuple(search.stop) if isinstance(search, StepSearch) and by_steps else (),
    )


def expansion_of(wish: Wish, completion: Completion, max_tokens: int, thinks: bool) -> Expansion:
    """Return what a completion makes of a wish. `max_tokens` is the longest trace.

    A step that reached its own limit is cut after its last whole sentence or line, if there is one; a trace that
    reached `max_tokens` is not cut. The tokens of a prefix are those that the engine received after the problem's
    prompt; only what was cut away is estimated, by its share of the characters."""
    parent, finish = wish.parent, completion.finish_reason
    prompt = parent.prompt_tokens if parent.path else completion.prompt_tokens
    child = Node(wish.path, parent.text, CUT_OFF, None, parent.tokens, prompt, clean_text(completion.detail))
    if not completion.text:  # it failed, or there was no room for it
        keeps_parent = parent.path and finish == PROMPT_TOO_LONG
        node = child if keeps_parent else replace(child, text="", finish=clean_text(finish))
        return Expansion(node, completion.completion_tokens)
    text, drawn = opened(clean_text(completion.text), thinks), completion.completion_tokens
    given = max(0, completion.prompt_tokens - prompt)
    if finish == CUT_OFF and not wish.whole and given + drawn < max_tokens:
        whole, begun = len(text), len(parent.text)
        text = cut_to_steps(text, begun)
        drawn = round(drawn * (len(text) - begun) / max(1, whole - begun))
        finish = PAUSED
    if finish == PAUSED:
        finish = CUT_OFF if given + drawn >= max_tokens else ""
    return Expansion(
        replace(child, text=text, finish=clean_text(finish), tokens=given + drawn), completion.completion_tokens
    )


def opened(text: str, thinks: bool) -> str:
    """Return a completion with the opening tag that a model that thinks may have left out: a prefix without one would
    be taken for an answer without reasoning."""
    return FORMATS["think"].opening + text.lstrip() if thinks and not text.startswith(OPEN) else text


def cut_to_steps(text: str, begun: int) -> str:
    """Return a completion without the step that it breaks off in; whole if no other step ends behind `begun`, or if it
    ends with a line. Blanks at the end are left out: the next word brings its own."""
    if text.endswith("\n"):
        return text
    section = max(text.rfind(CLOSE) + len(CLOSE) if CLOSE in text else 0, len(OPEN) if text.startswith(OPEN) else 0)
    steps = split_steps(text[section:])
    end = len(text) - len(steps[-1]) if steps else len(text)
    kept = text[:end].rstrip(" \t")
    return kept if len(kept) > begun else text
