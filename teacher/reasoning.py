"""The one place where a completion is split into reasoning and answer."""

import re

VERSION = "1"
OPEN, CLOSE = "<think>", "</think>"
TAG = re.compile(r"</?think>")


def split_reasoning(text: str, thinks: bool = True) -> tuple[str, str, bool]:
    """`(reasoning, answer, closed)` of a whole completion; neither part holds tags.

    Missing, prefilled and doubled opening tags are normalised away. An unclosed reasoning has no answer: what it says
    so far must never be judged (verifiers#213). Models that do not think (`thinks=False`) answer with everything, but
    if they do open a reasoning it must close as well.
    """
    if CLOSE in text:
        reasoning, _, answer = text.partition(CLOSE)
        return strip_tags(reasoning), strip_tags(answer), True
    if thinks or OPEN in text:
        return strip_tags(text), "", False
    return "", text.strip(), True


def strip_tags(text: str) -> str:
    return TAG.sub("", text).strip()


def prefilled(prompt: str) -> str:
    """The `<think>` that a rendered prompt ends in, to be put back before the completion; else empty."""
    return OPEN + "\n" if prompt.rstrip().endswith(OPEN) else ""
