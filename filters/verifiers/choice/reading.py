"""A text beside its options: what stands at each place, and which option a piece of text says."""

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache

from filters.verifiers.choice.text import LETTERS, Token, clean, tokens_of
from filters.verifiers.choice.words import AND
from filters.verifiers.mathematics.equivalence import same_answer
from filters.verifiers.mathematics.undecided import Undecided

LONGEST_TEXT, LONGEST_VALUE = 2000, 120
"""Characters of a text that are compared by words; of one that is compared by value."""
# "15 apples"
WORD = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{2,}|[^\W\d_A-Za-zͰ-Ͽ]")
"""What makes a text more than mathematics: 15 apples are not 15 oranges."""
# "Bです。"
POLITE = re.compile(r"\s?(?:です|である|だ|となります|になります|입니다|이다|이에요|예요|है|हैं)[。.।]?\s*$")
NO_TEXT = {".", ",", ";", ":", "!", "。", "।", "*", "'", "-", "$"}
ARTICLES = {"a", "an", "the"}
STOPS = {"\n", ".", "!", "?", "؟", "。", "।", ";", ""}
MARKS = STOPS | {",", ":", "-", ")", "]", "(", "【", "】", "|", "…", "...", "<", "*", "、", "،", "→"}
"""What may follow a letter or an option's text."""
LABEL_ENDS = {")", ".", ":", "-", ",", "、", "]", "|"}
LONGEST_LINE = 80
"""In tokens."""


def folded(text: str) -> tuple[str, ...]:
    """The words of a text without leading article and closing marks."""
    words = [token.word for token in tokens_of(clean(POLITE.sub("", text[:LONGEST_TEXT])))]
    while words and words[-1] in NO_TEXT:
        words.pop()
    return tuple(words[1:] if len(words) > 1 and words[0] in ARTICLES else words)


@dataclass(frozen=True)
class Options:
    """The texts by letter."""

    texts: dict[str, str] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    """The texts without a word."""

    def named_by(self, text: str) -> set[str]:
        """The one option a text says, by its words, else by its value; none where several have it."""
        ours = folded(text)
        if not ours:
            return set()
        found = {letter for letter, words in self.words.items() if words == ours}
        value = "" if found or not self.values else bare_value(text)
        if value:
            found = {letter for letter, theirs in self.values.items() if same_value(theirs, value)}
        return found if len(found) == 1 else set()

    def begun_by(self, words: list[str]) -> tuple[set[str], int]:
        """The options whose text stands at the beginning, the longest, and its number of words."""
        skipped = int(len(words) > 1 and words[0] in ARTICLES)
        rest = tuple(words[skipped:])
        lengths = [len(text) for text in self.words.values() if text and rest[: len(text)] == text and ends(text, rest)]
        longest = max(lengths, default=0)
        found = {letter for letter, text in self.words.items() if text == rest[:longest]} if longest else set()
        return found, longest + skipped


def is_only_letters(text: str, options: Options) -> bool:
    """Letters of options: they are read as such, whatever option's text is spelled the same."""
    tokens = [token for token in tokens_of(text) if token.letter or (token.word not in MARKS and token.word not in AND)]
    return bool(tokens) and all((token.letter or token.word.upper()) in options.texts for token in tokens)


def ends(text: tuple[str, ...], rest: tuple[str, ...]) -> bool:
    """Whether the text ends there: `2` does not in `2 + x` or `2 / 3`."""
    after = rest[len(text)] if len(rest) > len(text) else ""
    return after not in {"+", "*", "/", "^", "_", "%", "=", "<", ">", "{"} and not (after == "-" and len(text[-1]) < 2)


def bare_value(text: str) -> str:
    """The text, if it may be mathematics and no more."""
    plain = clean(text[: 2 * LONGEST_VALUE])
    return "" if len(plain) > LONGEST_VALUE or WORD.search(plain) else plain


def same_value(theirs: str, ours: str) -> bool:
    try:
        return same_answer(theirs, ours)
    except (Undecided, RecursionError):
        return False


@lru_cache(maxsize=256)
def options_of(extra: str) -> Options:
    """From JSON: a mapping or list, itself or under `options` or `choices`, or ARC's `{"text": […], "label": […]}`.

    Labels that all texts carry themselves (`B. Mars`) are no part of them.
    """
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
    unlabelled = {letter: re.sub(rf"^\(?{letter}[).:：、]\s*(?=\S)", "", text) for letter, text in texts.items()}
    if all(unlabelled[letter] != text for letter, text in texts.items()):
        texts = unlabelled
    values = {letter: value for letter, text in texts.items() if (value := bare_value(text))}
    return Options(texts, {letter: folded(text) for letter, text in texts.items()}, values)


@dataclass(frozen=True)
class Reading:
    text: str
    """As `clean` leaves it."""
    tokens: list[Token]
    options: Options

    def word(self, place: int) -> str:
        return self.tokens[place].word if 0 <= place < len(self.tokens) else ""

    def letter(self, place: int) -> str:
        return self.tokens[place].letter if 0 <= place < len(self.tokens) else ""

    def is_bracketed(self, place: int) -> bool:
        return 0 <= place < len(self.tokens) and self.tokens[place].is_bracketed

    def words(self, start: int) -> list[str]:
        return [token.word for token in self.tokens[start : start + LONGEST_LINE]]

    def is_lone(self, place: int) -> bool:
        """A small letter with nothing behind it in its sentence."""
        word, after = self.word(place), self.word(place + 1)
        if len(word) != 1 or word.upper() not in LETTERS:
            return False
        is_last = after == "." and word not in "ai" and self.has_gap(place + 1)
        return after in {"\n", ""} or self.is_full_stop(place + 1) or is_last

    def has_gap(self, place: int) -> bool:
        """Whether white space follows."""
        return place + 1 >= len(self.tokens) or self.tokens[place + 1].start > self.tokens[place].end

    def is_full_stop(self, place: int) -> bool:
        """Not the point of an abbreviation or a label: the line ends there or a new word begins."""
        return self.word(place) in {".", "!", "。", "।", ")"} and self.word(place + 1) in {"\n", "", ".", "!"}

    def end_before(self, place: int) -> int:
        """Where the text before a token ends."""
        return self.tokens[place - 1].end if place else 0

    def line_end(self, start: int) -> int:
        for place in range(start, min(len(self.tokens), start + LONGEST_LINE)):
            if self.tokens[place].word == "\n":
                return place
        return min(len(self.tokens), start + LONGEST_LINE)


def reading_of(text: str, options: Options) -> Reading:
    cleaned = clean(text)
    return Reading(cleaned, tokens_of(cleaned), options)
