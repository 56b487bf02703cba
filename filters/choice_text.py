r"""A text as tokens: letters that may name an option, words, marks. The texts of options, and what equals one."""

import json
import re
import unicodedata
from dataclasses import dataclass, field

from filters import choice_words
from filters.equivalence import Undecided, same_answer

LETTERS = "ABCDEFGHIJ"
LONGEST_VALUE = 120
"""Characters of a text that is compared by value."""
FULLWIDTH = {0xFF01 + place: 0x21 + place for place in range(94)} | {0x3000: 0x20}
WRAPPER = re.compile(
    r"\\(?:text|textbf|textit|textrm|textsf|texttt|textnormal|mathrm|mathbf|mathit|mathsf|mathtt|boldsymbol|bm|mbox|hbox|emph|underline"
    r"|boxed|fbox)\s?\{([^{}]*)\}"
)
SPACING = re.compile(r"\\(?:q?quad(?![A-Za-z])|[,;:! ]|[()\[\]])|~")
TAG = re.compile(r"</?[A-Za-z]{1,10}>|<[|｜][^<>]{1,30}[|｜]>|\[/?INST\]")
EMPHASIS = re.compile(r"(?<![0-9a-z)])\*{1,3}(?=\S)|(?<=\S)\*{1,3}(?![0-9a-z(])|(?<![A-Za-z0-9}])_+|_+(?![A-Za-z0-9{\\])|[`\"“”„«»「」『』]")
BULLET = re.compile(r"(?m)^[ \t]*(?:>[ \t]?)?(?:#{1,6}|[-+•](?=[ \t]))?[ \t]*")
LATIN = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ"
UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3"
"""Thai, Japanese, Chinese and Korean: words are not, or not wholly, parted by spaces."""
LISTED = frozenset[str]().union(*(value for value in vars(choice_words).values() if isinstance(value, frozenset)))
PHRASES = sorted((word for word in LISTED if " " in word or re.match(f"[{UNSPACED}]", word)), key=len, reverse=True)
JOINED, SPACED = ([re.escape(word) for word in PHRASES if (" " in word) is spaced] for spaced in (False, True))
TOKEN = re.compile(
    rf"""(?x)
      (?P<bracketed> \([ ]?[A-Ja-j][ ]?\) | \[{{1,2}}[ ]?[A-Ja-j][ ]?\]{{1,2}} | \{{[ ]?[A-J][ ]?\}} | (?<!\S)[a-j]\) )
    | (?P<letter> (?<![{LATIN}0-9_\\^]) (?<![{LATIN}0-9]-) [A-J] (?![{LATIN}0-9_^\#+]) (?!-[{LATIN}0-9])
        (?!['’](?!(?:[dt][iıuü]r|olacak)\b)[{LATIN}]) )
    | (?i:[ldcnjst]|qu|dell)['’](?=[{LATIN}])
    | (?i:{"|".join(SPACED)}) (?![{LATIN}])
    | (?=[{UNSPACED}]) (?:{"|".join(JOINED)})
    | [{LATIN}]+(?:['’-][{LATIN}]+)* | [Ѐ-ӿ]+ | [\u0370-\u03ff\u1f00-\u1fff]+ | [\u0620-\u065f\u066e-\u06ff]+
    | [\u0900-\u0963\u0970-\u0dff]+ | [\uac00-\ud7a3]+ | \d+(?:[.,]\d+)* | \\[A-Za-z]+ | \.{{2,}} | \n | [^\s$]
    """
)
WORD = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{2,}|[^\W\d_A-Za-zͰ-Ͽ]")
"""What makes a text more than mathematics: 15 apples are not 15 oranges."""
POLITE = re.compile(r"\s?(?:です|である|だ|となります|になります|입니다|이다|이에요|예요|है|हैं)[。.।]?\s*$")
DASHES = str.maketrans("–—−‐‑", "-----")
NO_TEXT = {".", ",", ";", ":", "!", "。", "।", "*", "'", "-", "$"}
ARTICLES = {"a", "an", "the"}


@dataclass(frozen=True, slots=True)
class Token:
    word: str
    """Without case; `(b)` for a letter in brackets."""
    start: int
    end: int
    letter: str = ""
    """The option it may name: a capital, or any letter in brackets. A small letter alone is a word."""
    is_bracketed: bool = False


def clean(text: str) -> str:
    """Without tags, emphasis, bullets, quotes and upright-text commands; one spelling of full-width signs."""
    text = unicodedata.normalize("NFC", text).translate(FULLWIDTH)
    text = SPACING.sub(" ", text.replace("\\$", "$"))
    for _ in range(3):
        text = WRAPPER.sub(r"\1", text)
    return EMPHASIS.sub("", TAG.sub(" ", BULLET.sub("", text))).strip()


def tokens_of(text: str) -> list[Token]:
    """Of a clean text."""
    found = []
    for match in TOKEN.finditer(text):
        bracketed, letter = match.group("bracketed"), match.group("letter")
        word = re.sub(r"\s+", "", match.group()) if bracketed else match.group().translate(DASHES).replace("’", "'")
        name = re.sub(r"[^A-Za-z]", "", word).upper() if bracketed or letter else ""
        if word not in {"'", "‘"}:
            found.append(Token(word.casefold(), match.start(), match.end(), name, bool(bracketed)))
    return found


def folded(text: str) -> tuple[str, ...]:
    """The words of a text without leading article and closing marks."""
    words = [token.word for token in tokens_of(clean(POLITE.sub("", text)))]
    while words and words[-1] in NO_TEXT:
        words.pop()
    return tuple(words[1:] if len(words) > 1 and words[0] in ARTICLES else words)


@dataclass(frozen=True)
class Options:
    """The texts by letter."""

    texts: dict[str, str] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def named_by(self, text: str) -> set[str]:
        """The one option a text says, by its words, else by its value; none where several have it."""
        ours = folded(text)
        if not ours:
            return set()
        found = {letter for letter, words in self.words.items() if words == ours}
        found = found or {letter for letter, theirs in self.texts.items() if same_value(theirs, text)}
        return found if len(found) == 1 else set()

    def begun_by(self, words: list[str]) -> tuple[set[str], int]:
        """The options whose text stands at the beginning, the longest, and its number of words."""
        skipped = int(len(words) > 1 and words[0] in ARTICLES)
        rest = tuple(words[skipped:])
        lengths = [len(text) for text in self.words.values() if text and rest[: len(text)] == text and ends(text, rest)]
        longest = max(lengths, default=0)
        found = {letter for letter, text in self.words.items() if text == rest[:longest]} if longest else set()
        return found, longest + skipped


def ends(text: tuple[str, ...], rest: tuple[str, ...]) -> bool:
    """Whether the text ends there: `2` does not in `2 + x` or `2 / 3`."""
    after = rest[len(text)] if len(rest) > len(text) else ""
    return after not in {"+", "*", "/", "^", "_", "%", "=", "<", ">", "{"} and not (after == "-" and len(text[-1]) < 2)


def same_value(theirs: str, ours: str) -> bool:
    one, other = clean(theirs), clean(ours)
    if WORD.search(one) or WORD.search(other) or max(len(one), len(other)) > LONGEST_VALUE:
        return False
    try:
        return same_answer(one, other)
    except (Undecided, RecursionError):
        return False


def options_of(extra: str) -> Options:
    """From JSON: a mapping or a list, itself or under `options` or `choices`; `{"text": […], "label": […]}` as in ARC."""
    try:
        given = json.loads(extra) if extra.strip() else {}
    except (ValueError, RecursionError):
        return Options()
    if isinstance(given, dict):
        given = given.get("options", given.get("choices", given))
    if isinstance(given, dict) and isinstance(given.get("text"), list) and isinstance(given.get("label"), list):
        given = dict(zip(map(str, given["label"]), given["text"], strict=False))
    if isinstance(given, list):
        given = dict(zip(LETTERS, given, strict=False))
    if not isinstance(given, dict):
        return Options()
    texts = {str(letter).strip().upper(): str(text).strip() for letter, text in given.items()}
    texts = {letter: text for letter, text in texts.items() if len(letter) == 1 and letter in LETTERS}
    labels = {letter: re.match(rf"\(?{letter}[).:：、]\s*(?=\S)", text) for letter, text in texts.items()}
    if all(labels.values()):
        texts = {letter: text[label.end() :] for (letter, text), label in zip(texts.items(), labels.values()) if label}
    return Options(texts, {letter: folded(text) for letter, text in texts.items()})
