"""Pairs a text with its problem's options: what stands at each token, and which option a piece of text means."""

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache

from filters.verifiers.choice.text import LETTERS, Token, clean, tokens_of
from filters.verifiers.choice.words import AND
from filters.verifiers.mathematics.equivalence import same_answer
from filters.verifiers.mathematics.undecided import Undecided

LONGEST_TEXT, LONGEST_VALUE = 2000, 120
"""Characters of a text that are compared word by word, and of one that is compared by value."""
# "15 apples"
WORD = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{2,}|[^\W\d_A-Za-zͰ-Ͽ]")
"""A text that holds such a word is more than mathematics: 15 apples are not 15 oranges."""
# "Bです。"
POLITE = re.compile(r"\s?(?:です|である|だ|となります|になります|입니다|이다|이에요|예요|है|हैं)[。.।]?\s*$")
NO_TEXT = {".", ",", ";", ":", "!", "。", "।", "*", "'", "-", "$"}
ARTICLES = {"a", "an", "the"}
STOPS = {"\n", ".", "!", "?", "؟", "。", "।", ";", ""}
MARKS = STOPS | {",", ":", "-", ")", "]", "(", "【", "】", "|", "…", "...", "<", "*", "、", "،", "→"}
"""Marks that may follow a letter or an option's text."""
LABEL_ENDS = {")", ".", ":", "-", ",", "、", "]", "|"}
LONGEST_LINE = 80
"""Tokens of a line that are read."""


def folded(text: str) -> tuple[str, ...]:
    """Return the words of a text without a leading article and closing marks."""
    words = [token.word for token in tokens_of(clean(POLITE.sub("", text[:LONGEST_TEXT])))]
    while words and words[-1] in NO_TEXT:
        words.pop()
    return tuple(words[1:] if len(words) > 1 and words[0] in ARTICLES else words)


@dataclass(frozen=True)
class Options:
    """The options of a problem: each table maps an option's letter to a form of its text."""

    texts: dict[str, str] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    """The texts that hold no word and are compared as mathematics."""

    def named_by(self, text: str) -> set[str]:
        """Return the one option that a text means, by its words, else by its value; none if several options share
        it."""
        said_words = folded(text)
        if not said_words:
            return set()
        found = {letter for letter, words in self.words.items() if words == said_words}
        value = "" if found or not self.values else bare_value(text)
        if value:
            found = {letter for letter, option_value in self.values.items() if same_value(option_value, value)}
        return found if len(found) == 1 else set()

    def begun_by(self, words: list[str]) -> tuple[set[str], int]:
        """Return the options whose text begins these words (the longest such text), and the number of words it
        covers."""
        skipped = int(len(words) > 1 and words[0] in ARTICLES)
        rest = tuple(words[skipped:])
        lengths = [len(text) for text in self.words.values() if text and rest[: len(text)] == text and ends(text, rest)]
        longest = max(lengths, default=0)
        found = {letter for letter, text in self.words.items() if text == rest[:longest]} if longest else set()
        return found, longest + skipped


def is_only_letters(text: str, options: Options) -> bool:
    """Return True if the text holds only letters of options. It is then read as letters, even if an option's text is
    spelled the same."""
    tokens = [token for token in tokens_of(text) if token.letter or (token.word not in MARKS and token.word not in AND)]
    return bool(tokens) and all((token.letter or token.word.upper()) in options.texts for token in tokens)


def ends(text: tuple[str, ...], rest: tuple[str, ...]) -> bool:
    """Return True if the text, with which `rest` begins, is complete there: `2` is not in `2 + x` and `2 / 3`."""
    after = rest[len(text)] if len(rest) > len(text) else ""
    return after not in {"+", "*", "/", "^", "_", "%", "=", "<", ">", "{"} and not (after == "-" and len(text[-1]) < 2)


def bare_value(text: str) -> str:
    """Return the cleaned text if it may be nothing but mathematics, else an empty text."""
    plain = clean(text[: 2 * LONGEST_VALUE])
    return "" if len(plain) > LONGEST_VALUE or WORD.search(plain) else plain


def same_value(option_value: str, value: str) -> bool:
    try:
        return same_answer(option_value, value)
    except (Undecided, RecursionError):
        return False


@lru_cache(maxsize=256)
def options_of(extra: str) -> Options:
    """Read options from JSON: a mapping or a list, at the top or under `options` or `choices`, or ARC's `{"text": […],
    "label": […]}`.

    A label that every text carries (`B. Mars`) is removed from the texts.
    """
    try:
        loaded = json.loads(extra) if extra.strip() else {}
    except (ValueError, RecursionError):
        return Options()
    if isinstance(loaded, dict):
        loaded = loaded.get("options", loaded.get("choices", loaded))
    if isinstance(loaded, dict) and isinstance(loaded.get("text"), list) and isinstance(loaded.get("label"), list):
        loaded = dict(zip(map(str, loaded["label"]), loaded["text"], strict=False))
    if isinstance(loaded, list):
        loaded = dict(zip(LETTERS, loaded, strict=False))
    if not isinstance(loaded, dict):
        return Options()
    texts = {str(letter).strip().upper(): str(text).strip() for letter, text in loaded.items()}
    texts = {letter: text for letter, text in texts.items() if len(letter) == 1 and letter in LETTERS}
    unlabelled = {letter: re.sub(rf"^\(?{letter}[).:：、]\s*(?=\S)", "", text) for letter, text in texts.items()}
    if all(unlabelled[letter] != text for letter, text in texts.items()):
        texts = unlabelled
    values = {letter: value for letter, text in texts.items() if (value := bare_value(text))}
    return Options(texts, {letter: folded(text) for letter, text in texts.items()}, values)


@dataclass(frozen=True)
class Reading:
    """A text, its tokens and its problem's options. Indexes count tokens; one outside the text gives an empty word."""

    text: str
    """The text after `clean`."""
    tokens: list[Token]
    options: Options

    def word(self, index: int) -> str:
        return self.tokens[index].word if 0 <= index < len(self.tokens) else ""

    def letter(self, index: int) -> str:
        return self.tokens[index].letter if 0 <= index < len(self.tokens) else ""

    def is_bracketed(self, index: int) -> bool:
        return 0 <= index < len(self.tokens) and self.tokens[index].is_bracketed

    def words(self, start: int) -> list[str]:
        return [token.word for token in self.tokens[start : start + LONGEST_LINE]]

    def is_lone(self, index: int) -> bool:
        """Return True for a small letter that ends its sentence."""
        word, after = self.word(index), self.word(index + 1)
        if len(word) != 1 or word.upper() not in LETTERS:
            return False
        is_last = after == "." and word not in "ai" and self.has_gap(index + 1)
        return after in {"\n", ""} or self.is_full_stop(index + 1) or is_last

    def has_gap(self, index: int) -> bool:
        """Return True if white space or the end of the text follows the token."""
        return index + 1 >= len(self.tokens) or self.tokens[index + 1].start > self.tokens[index].end

    def is_full_stop(self, index: int) -> bool:
        """Return True for a mark that ends a sentence, not the point of an abbreviation or label: the line ends
        after it, or another such mark follows."""
        return self.word(index) in {".", "!", "。", "।", ")"} and self.word(index + 1) in {"\n", "", ".", "!"}

    def end_before(self, index: int) -> int:
        """Return the character position where the text before a token ends."""
        return self.tokens[index - 1].end if index else 0

    def line_end(self, start: int) -> int:
        """Return the index of the line's end, or of the last token that is read."""
        for index in range(start, min(len(self.tokens), start + LONGEST_LINE)):
            if self.tokens[index].word == "\n":
                return index
        return min(len(self.tokens), start + LONGEST_LINE)


def reading_of(text: str, options: Options) -> Reading:
    """Clean a text, cut it into tokens and pair it with the options."""
    cleaned = clean(text)
    return Reading(cleaned, tokens_of(cleaned), options)
