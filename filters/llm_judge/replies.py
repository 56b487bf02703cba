"""Reads the verdict of one reply of a judge. Only what follows its closed reasoning counts, in the form that the rubric
asks for; anything else is no verdict."""

import json
import re
from collections.abc import Mapping
from typing import Any

from configs.rubric import Rubric
from filters.reasons import FAIL, NO_VERDICT, PASS, REPETITIVE, REQUEST_FAILED, TOO_LONG, TRUNCATED, UNKNOWN
from records.rows import CUT_OFF, FAILED, FINISHED, LOOPED, PROMPT_TOO_LONG

VERSION = "5"
TAGGED = re.compile(r"<verdict>([^<>]{0,100})</verdict>", re.IGNORECASE)
END = re.compile(r"[\s*_`.]*")
"""What may follow the verdict: `**<verdict>correct</verdict>**`"""
# "I would not say "
DENIED = re.compile(
    r"(?:\b(?:not|never|cannot)|n't)"
    r"(?: (?:say|write|give|be|output|answer|conclude|return|reply|end|the|line|verdict|with|is|as|a)){0,4}"
    r"[ \"'`*:]{0,4}$",
    re.IGNORECASE,
)
# "They agree. ", "They differ: ", "**Final verdict:** ", "So the first wrong step is ", "They agree, so "
LED = re.compile(
    r"(?:(?:^|[.!?:;)\]|$。！？：；）—–…→⇒✅✓✔❌✗✘]|[=-]>)[\s*_`>#|\"'“-]{0,20}"
    r"(?:(?:(?:since|because|given|based on|in (?:conclusion|summary|short)|to conclude|finally|overall)\b"
    r"[^.!?<>]{0,150},\s{1,3})(?=\S))?"
    r"|[,，]\s{0,3}(?=(?:and\s)?(?:so|thus|therefore|hence|accordingly|consequently|因此|所以)))"
    r"(?:(?:and|so|thus|therefore|hence|accordingly|consequently|in conclusion|因此|所以)[,，\s]{1,3}){0,3}"
    r"(?:(?:(?:the|my|final|overall|first|wrong|correct|incorrect)\s{1,3}){0,4}"
    r"(?:verdict|answer|conclusion|judge?ment|step)[\s*_`:=-]{0,5}(?:(?:is|would\sbe)(?:\stherefore|\sthus)?\s)?"
    r"[\s*_`:\"']{0,5}(?:step\s)?)?$",
    re.IGNORECASE,
)
"""What may stand before the verdict in its line: whole sentences, a word of conclusion, or a name for it. In the middle
of a sentence it may be meant in any way: "I refuse to say <verdict>correct</verdict>"."""
BEFORE = 200
"""Characters before a verdict that are read."""
FENCED = re.compile(r"```(?:json)?\s*(\{[^`]*\})\s*```")
UNFINISHED = {
    FAILED: REQUEST_FAILED,
    PROMPT_TOO_LONG: TOO_LONG,
    CUT_OFF: TRUNCATED,
    LOOPED: REPETITIVE,
}
"""Why a reply has no verdict, by its finish_reason."""

Said = tuple[str, str]
"""Outcome and reason."""


def outcome_of(reply: Mapping[str, Any], rubric: Rubric) -> Said:
    """Return the outcome of a reply, and why if it is unknown. `reply` has the columns `answer`, `closed` and
    `finish_reason` of a trace."""
    if reply["finish_reason"] != FINISHED:
        return UNKNOWN, UNFINISHED.get(reply["finish_reason"], NO_VERDICT)
    if not reply["closed"]:
        return UNKNOWN, TRUNCATED
    word = READERS[rubric.read](reply["answer"])
    if word is not None and word in {known.casefold() for known in rubric.passes}:
        return PASS, ""
    if word is not None and word in {known.casefold() for known in rubric.fails}:
        return FAIL, ""
    return UNKNOWN, NO_VERDICT


def tagged(answer: str) -> str | None:
    """Return the word in the one verdict element, which ends the answer; None if there are more, if text follows, if it
    stands within a sentence, or if the words before deny it."""
    found = TAGGED.search(answer)
    if found is None or answer.casefold().count("<verdict>") != 1 or not END.fullmatch(answer, found.end()):
        return None
    before = answer[: found.start()].rpartition("\n")[2][-BEFORE:]
    if DENIED.search(before) or not LED.search(before):
        return None
    return found[1].strip().casefold()


def in_json(answer: str) -> str | None:
    """Return the verdict of an answer that is one JSON object, fenced or not, with the string `verdict`."""
    fenced = FENCED.fullmatch(answer.strip())
    try:
        value = json.loads(fenced[1] if fenced else answer, object_pairs_hook=once)
    except (ValueError, RecursionError):
        return None
    word = value.get("verdict") if isinstance(value, dict) else None
    return word.strip().casefold() if isinstance(word, str) else None


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object. Errors: ValueError for a name that stands twice, of which JSON readers take either value."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


READERS = {"tag": tagged, "json": in_json}
"""Reads the word of a verdict from an answer, by the rubric's `read`."""
