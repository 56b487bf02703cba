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


def without_courtesies(text: str) -> str:
    """Return the text without the courtesies at its end."""
    for _ in range(MOST):
        text = text.rstrip()
        found = COURTESY.search(text, max(0, len(text) - TAIL))
        if not found:
            break
        text = text[: found.start()]
    return text
