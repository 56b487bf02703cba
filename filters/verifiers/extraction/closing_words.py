"""Removes courtesies that follow an answer: "I hope this helps!"."""

import re

TAIL, MOST = 300, 5
"""Characters of the end in which a courtesy begins, and how many are removed."""
# "Let me know if you have any questions."
COURTESY = re.compile(
    r"(?i)(?<!\w)(?:i hope (?:this|that|it)|hope (?:this|that|it) helps|let me know|(?:please )?feel free to|if you (?:have|need) any"
    r"|happy (?:learning|studying|to help)|is there anything else|would you like (?:me )?to|good luck|¡?espero que|n'hésitez pas"
    r"|希望(?:这|对)|如果(?:你|您)(?:有|还))[^.!?。！？\n]{0,150}[.!?。！？\s]{0,4}$"
)


# "<|im_end|><|im_start|>user"
NEXT_TURN = re.compile(
    r"<[|｜](?:(?:im_end|eot_id|end|endoftext|end_of_text)[|｜]>\s{0,9}<[|｜])?"
    r"(?:(?:im_start|start_header_id)[|｜]>\s{0,9}(?:user|system|human|$)|[Uu]ser[|｜]>)"
)


def before_next_turn(text: str) -> str:
    """Return the text up to where the model goes on with a turn of the user's."""
    found = NEXT_TURN.search(text) if "<|" in text or "<｜" in text else None
    return text[: found.start()] if found and text[: found.start()].strip() else text


def without_courtesies(text: str) -> str:
    """Return the text without the courtesies at its end."""
    for _ in range(MOST):
        text = text.rstrip()
        found = COURTESY.search(text, max(0, len(text) - TAIL))
        if not found:
            break
        text = text[: found.start()]
    return text
