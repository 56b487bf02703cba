r"""Leaves out what a text strikes through or hides: `~~\boxed{7}~~`, `<del>7</del>`, `<!-- 7 -->`, `\cancel{\boxed{7}}`.
Nobody who reads the text takes that for its answer."""

import re

# "~~7~~"; in TeX a tilde is a blank: `5~~\text{and}~~7`, `x ~~=~~ y`
STRUCK = re.compile(r"(?<!\S)~~(?![\s~]|\\(?!boxed|fbox))(?=[^~\n]{0,300}\w)[^~\n]{1,300}~~(?![\w~])")
# "<del>7</del>"; `<s>` and `</s>` are tokens that begin and end a text
DELETED = re.compile(r"<(del|strike)>(?:(?!<del>|<strike>)[^\x00]){0,2000}?</\1>", re.IGNORECASE)
HIDDEN = ((r"<!--", "-->"), (r"\begin{comment}", r"\end{comment}"), (r"\iffalse", r"\fi"))
# "\cancel{\boxed"
STRUCK_BOX = re.compile(
    r"\\(?:(?:[bx]?cancel|sout|st|[hv]?phantom)\s?\{|(?:text)?color\s?\{\s?white\s?\}\s?\{?)[\s$]{0,3}\\(?:boxed|fbox)"
)
# "~~", "<DEL", "<!--", "\begin{comment", "\xcancel"
MARK = re.compile(
    r"[~<\\](?:~|[Dd][Ee][Ll]|[Ss][Tt]|!--|begin\{comment|iffalse|[bx]?cancel|[hv]?phantom|sout|(?:text)?color)"
)
r"""Is in every text that holds such a passage. `[Ss][Tt]` begins `<strike>` and `\st`."""


def without_struck(text: str) -> str:
    """Return the text without passages that are struck through or hidden, and with a box in them that is none.
    Linear in the text's length."""
    if not MARK.search(text):
        return text
    for opening, closing in HIDDEN:
        text = without_between(text, opening, closing)
    text = DELETED.sub(" ", STRUCK.sub(" ", text))
    return STRUCK_BOX.sub(lambda found: found[0].replace("boxed", "struck").replace("fbox", "struck"), text)


def without_between(text: str, opening: str, closing: str) -> str:
    """Return the text without what stands from each opening mark to its closing one."""
    kept, place = list[str](), 0
    while (start := text.find(opening, place)) >= 0:
        end = text.find(closing, start)
        if end < 0:
            break
        kept.append(text[place:start])
        place = end + len(closing)
    return "".join([*kept, text[place:]])
