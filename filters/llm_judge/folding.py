"""Brings the many ways to write a word to one, so that a guard that looks for the word also finds it disguised.

The judge never reads these forms: they serve comparison alone. What it reads is made by `quoting.py`.
"""

import re
import unicodedata

IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Characters without a shape that Unicode does not count among the formatting ones (Cf): joiners, fillers, variation
selectors and the blank Braille pattern."""
LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһԛԝмтвнкοαεικνρτυχᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢıɑ‹⟨〈❮＜›⟩〉❯＞",
    "aeopcyxijsdhqwmtbhkoaeikvptuxabcdefghijklmnoprstuvwyzia<<<<<>>>>>",
)
"""Cyrillic and Greek letters, small capitals and brackets that look like Latin ones (Unicode's confusables.txt, those
that write whole words)."""
# "i g n o r e"
SPACED_OUT = re.compile(r"(?<=\b\w) (?=\w\b)")


def visible(text: str) -> str:
    """Return the text without characters that have no shape."""
    shown = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return shown if shown.isascii() else IGNORABLE.sub("", shown)


def folded(text: str) -> str:
    """Return the text as far as keys and addresses are compared: in one width and case, without invisible characters,
    with straight apostrophes and single blanks."""
    text = visible(unicodedata.normalize("NFKC", text).casefold())
    return " ".join(text.replace("’", "'").replace("‘", "'").split())


def skeleton(text: str) -> str:
    """Return the folded text without accents, with Latin letters for those that look like them, and with words that
    were spaced out joined: `ig̲nοre` and `i g n o r e` are `ignore`."""
    apart = unicodedata.normalize("NFKD", folded(text))
    bare = apart if apart.isascii() else "".join(char for char in apart if unicodedata.category(char) != "Mn")
    return SPACED_OUT.sub("", bare.translate(LOOKALIKES))
