"""Lists the words that change, deny or take back a value, so that they are neither its unit nor a noun that it counts."""

import re

from filters.verifiers.mathematics.word_lists import words

CHANGING = words(
    """halves thirds quarters fourths fifths sixths sevenths eighths ninths tenths hundredths thousandths th st nd rd
    hundred hundreds thousand thousands million millions billion billions trillion dozen twice thrice times squared
    cubed factorial inverse reciprocal base modulo mod plus minus over divided multiplied recurring repeating
    not no never neither nor none isn't doesn't don't cannot can't won't without except but unless if when whenever
    maybe perhaps possibly probably might may could guess either or versus vs than below between beyond anything
    hardly unlikely doubtful ish rejected discarded"""
)
DENYING = words(
    "wrong incorrect false invalid rejected extraneous excluded impossible mistaken mistake error fails failed"
)
DESCRIBING = DENYING | words(
    "negative positive repeated half third quarter fourth fifth sixth seventh eighth ninth tenth double triple"
)
"""Words that describe a noun (`5 positive integers`, `5 wrong answers`) and change the value where none follows."""
OPPOSITES = [
    frozenset(pair.split("/"))
    for pair in words(
        """north/south east/west northward/southward eastward/westward left/right up/down upward/downward
        upwards/downwards increase/decrease increased/decreased increases/decreases gain/loss profit/loss
        surplus/deficit rise/fall rise/drop early/late earlier/later before/after ahead/behind faster/slower
        higher/lower older/younger taller/shorter longer/shorter heavier/lighter deposit/withdrawal win/lose
        overestimate/underestimate wins/losses clockwise/counterclockwise clockwise/anticlockwise into/out inward/outward AD/BC CE/BCE"""
    )
]
"""Words that say which way a number is meant: `5\\%` is either, but an increase is no decrease."""
JOINED_ABROAD = r"(?<!\w)(?:oder|ou|или|lub|veya|hoặc|atau)(?!\w)|或|または|もしくは|또는|หรือ"
# "5\text{不对}"
DENIED_BEHIND = re.compile(rf"(?i)不[对對正是]|[错錯]|では(?:な|あり)|でな|아니|नहीं|নয়|değil|{JOINED_ABROAD}")
# "5以上", "3分之一", "3小时半", "3折"
CHANGED_BEHIND = re.compile(
    r"以[上下内外]|未[満满滿]|不到|超|より|보다|이[상하]|미만|초과|[分割]之|半|[成折割多余餘](?=\s{0,9}\}?\s{0,9}$)"
)
# "\text{nicht }5"
DENIED_BEFORE = re.compile(
    r"(?i)(?<!\w)(?:nicht|kein\w{0,2}|ungleich|pas|n'est|no es|non|não|ne|не|нет|nie|niet|geen|không|tidak|bukan|δεν)(?!\w)"
    rf"|不[是等为為]|并非|並非|不可能|ไม่|ليس|{JOINED_ABROAD}"
)
"""Languages other than English; a noun may hold such a word as well: `5\text{种不同的方法}`."""
# "doesn't"
WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")


def changes_value(after: str) -> bool:
    """Return True if words that stand after a value do more than name what it counts: "and a half", "negative"."""
    found = [word.casefold() for word in WORD.findall(after) if word != "text"]
    if DENIED_BEHIND.search(after) or CHANGED_BEHIND.search(after):
        return True
    return bool(found) and (found[0] == "and" or found[-1] in DESCRIBING or not CHANGING.isdisjoint(found))


def denies_value(before: str) -> bool:
    """Return True if words that stand before a value deny or change it: "wrong:", "anything but"."""
    known = not (CHANGING | DENYING).isdisjoint(word.casefold() for word in WORD.findall(before))
    return known or DENIED_BEFORE.search(before) is not None


def are_opposed(one: str, other: str) -> bool:
    """Return True if one of two texts names the opposite of what the other names, " m/s upward" and " m/s downward"."""
    if not one or not other or one == other:
        return False
    first, second = (set(WORD.findall(text)) for text in (one, other))
    only = (first - second) | (second - first)
    return any(pair <= only and first & pair and second & pair for pair in OPPOSITES)
