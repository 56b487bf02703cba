"""Reads what a sentence that announces an answer says: where the answer ends, and which words belong to it."""

import re

from filters.verifiers.extraction.answer_phrases import ADVERBS, DENIED, REMARK, TRAILING_COPULA, UNCERTAIN

LONGEST = 600
"""Characters read after an announcement; the longest answers of MATH have 160."""
# "$x+1$"
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$((?:\\.|[^$\\])+)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
# "dollars"
PROSE_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{4,}")
# "\text{cm}"
TEX_WORD = re.compile(r"\\[a-z]*(?:text|math|operatorname|begin|end)[a-z]*\{[^{}]*\}|\\[A-Za-z]+")
# "5 and "
AMOUNT = re.compile(r"\.\s|\n\n|\s\(?$|^\d[\d,.]*(?:[,;)]*\s[A-Za-z(]|,\s?$)")
"""What stands between two dollar signs if they mark prices."""
# "5 because"
STOP = re.compile(
    r"\n\s*\n|\n(?=\s*(?:[A-Z*#>-]|\d+\.\s))|[。！।]|(?<=\x00)\.(?=[A-Z])|(?<![ap])(?<!\b[A-Za-z])(?<!\bsq)(?<!\bcu)(?<!approx)\.(?=\s|$|[\"'”*)_$]|\\(?!overline|dot|bar))|(?<!\\)[!?](?=\s|$)"
    r"|(?<=\d)\.(?=\s|$)"
    r"|(?i:[\s,]\s?(?:because|since|as (?:we|the|it|required|desired)|which|where|when|so (?:the|we|that|there)|given (?:that|by)"
    r"|rather than|instead of|and we are done|and that|for all|satisf\w+|obtained|car|porque|weil|denn|потому|так как|因为))\b"
    r"|,?\s(?:i\.e\.|e\.g\.)|(?i:,\s(?:as|approximately|about|roughly)\s|\sor\s(?:approximately|about|roughly|≈))"
    r"|(?i:,\s(?:not|nicht|pas|non|не|no(?=\s[-\d$\x00]))\s|\s\(not\s|\s(?:not|nicht|pas)\s(?=[-\d$\x00]))|\s(?:—|–|--)\s|;\s(?=[A-Za-z]{2})"
)
# "5 (since x > 0)"
ASIDE = re.compile(
    r"(?<=[\w$%}\)*\x00])(?<!\\cup)(?<!\\cap)(?<!\\in)(?<!\\times)(?<!\\cdot)(?<!\bor)(?<!\band)\s\("
    r"(?!\\?[bp]?mod|or\b)(?=[^()]*(?:[A-Za-z$=+*/-]|\d))[^()]*\)?\s*$"
    r"|(?<=[\w$%}\)*\x00])（(?=[^（）]{0,40}[不非没因])[^（）]{0,60}）\s*$"
)
# "<|im_end|>"
NOISE = re.compile(
    r"<[|｜][^<>|｜]{1,30}[|｜]>|\[/?INST\]|</?s>|<eos>|<end_of_turn>|[✓✔✅□■∎☐🎉💯]|\\(?:blacksquare|square"
    "|Box|qed|checkmark)(?![A-Za-z])"
)
# ": **5"
DECORATION = re.compile(
    r"^(?:[\s:：=*_`>]|\\\\|→|⇒|=>|(?<=\n)[—–-](?=\s)|[•·](?=\s)|<(?:b|strong|i|em|p|br ?/?|span[^>]{0,40}"
    r"|answer)>)*(?:```\w*\s*)?"
)
# "5** "
CLOSING = re.compile(r"(?:\s|\*|_|`|</\w{1,8}>){1,40}$")
# "there are 5"
LEADING_WORDS = re.compile(
    r"(?i)^(?:that\s+)?(?:there (?:are|is)|it is|it's|a total of|in total|i get|we (?:get|have))\s+"
)
# "-\frac{1}{2}"
VALUE = re.compile(
    r"[-+−–—±~≈]?\s?(?:\d|\.\d|[०-९০-৯๐-๙٠-٩]|\\?[$€£¥₹]|\\(?!text)[A-Za-z(\[{]|[(\[{√π∞∅½¼¾⅓⅔])|\*\*"
    r"|\\text\{|[A-Z](?![A-Za-z'’])|[a-zA-Z]\s?[=^_(]"
)
# "$1,250.50"
QUANTITY = re.compile(
    r"(?:\\?[$€£]\s?)?[-−]?\d[\d,]*(?:\.\d+)?(?:\s?/\s?\d+)?(?:\s?\\?%|\s?°)?(?:\s?(?:cm|mm|km|m|kg|g|mph"
    r"|ft|in)(?:\^?[23²³])?(?![\w]))?|\x00\d+\x00"
)
# "5 яблок"
FOREIGN_NOUN = re.compile(
    r"^([-+−]?(?:\d[\d.,]*|\x00\d+\x00))\s?(?![\u4e00-\u9fff€£¥₹°%])(?![²³¹⁰-ₜ¼-¾⅐-↏√∞])"
    r"(?=[^\d]*[^\W\d_a-zA-Zα-ωΑ-Ω²³¹⁰-ₜ¼-¾⅐-↏])[^\d\x00=]{1,40}$"
)
"""A quantity and the noun it counts, in a language other than English."""
# "5ではない"
DENIED_BEHIND = re.compile(
    rf"(?:{QUANTITY.pattern})\s?\S{{0,4}}?\s?(?:では(?:な|あり)|じゃな|でな[いく]|より|보다|아니|नहीं|নয়|değil|是?(?:错|錯|不对|不對|不正))"
)
"""A value that a word behind it denies, in languages that deny so."""
# "5'tir"
SUFFIX = re.compile(r"(?<=\d)['’][a-zçğıöşü]{1,6}$")
# "3 y 5"
JOINED = re.compile(r"(?<=[\d\x00])\s(?:и|y|et|und|en|ve|και|dan|và|と)\s(?=[-−\d\x00])")
# ""yes""
QUOTED = re.compile(r"^['‘\"“](.*)['’\"”]$", re.DOTALL)
# "at least 5"
BOUND = re.compile(
    r"(?i)\b(?:at|least|most|more|less|fewer|than|not|no|between|over|under|minus|negative|plus|times|half|twice|squared?(?= root| of)|cubed?(?= root| of)|root|up|opposite|reciprocal|inverse|any (?:number|value|integer) but|close to \S+ but"
    r"|or|either|never|except|below|above|divided|percent of)\b"
)
OPENED = str.maketrans(")]", "([")
# "Yes, it is"
YES_NO = re.compile(r"(?i)(yes|no|true|false)(?=[,.:;]\s|$)")
# "答"
CJK = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
# " for all x"
WORDS_AFTER = re.compile(
    r"^\s+(for|in|when|if|by|at|on|with|from|is|are|using|after|into|among|of the|to the|as|that|the)\s+\S"
)


def statement(text: str) -> str | None:
    """Return the answer at the beginning of the text, or None if the text commits to none."""
    text = DECORATION.sub("", NOISE.sub(" ", text[:LONGEST])).strip()
    text, formulas = masked(text)
    adverbs = ADVERBS.match(text)
    if adverbs and text[adverbs.end() :].strip():
        text = text[adverbs.end() :]
    if contrast := re.match(r"(?i)not\s.{1,40}?,?\sbut\s", text):
        text = text[contrast.end() :]
    stop = STOP.search(text, 1)
    sentence = text[: stop.start()] if stop else text
    if DENIED.match(text[len(sentence) :]) or text[len(sentence) :].startswith("?"):
        return None
    sentence = CLOSING.sub("", DECORATION.sub("", sentence))
    if DENIED_BEHIND.match(sentence):
        return None
    sentence = TRAILING_COPULA.sub("", ASIDE.sub("", sentence)).strip().rstrip(".,;:，").strip()
    sentence = JOINED.sub(", ", FOREIGN_NOUN.sub(r"\1", SUFFIX.sub("", sentence)))
    if yes_or_no := YES_NO.match(sentence):
        return yes_or_no.group(1)
    if not UNCERTAIN.match(sentence) and not is_remark(sentence[:60]):
        sentence = quantity_of(LEADING_WORDS.sub("", sentence))
    if (
        sentence.startswith("\x00")
        and (more := re.match(r"\x00\d+\x00", sentence))
        and WORDS_AFTER.match(sentence[more.end() :])
    ):
        sentence = more.group()
    if sentence.endswith((r"\)", r"\]")) and sentence[:-1].count("\\" + sentence[-1].translate(OPENED)) == 0:
        sentence = sentence[:-2]
    return unmasked(QUOTED.sub(r"\1", CLOSING.sub("", sentence).strip("*_` ")).strip(), formulas) or None


def masked(text: str) -> tuple[str, list[str]]:
    """Replace formulas by marks, so that no point or bracket inside one ends a sentence. Dollars around prose are
    currency."""
    formulas: list[str] = []
    parts: list[str] = []
    position = 0
    while found := FORMULA.search(text, position):
        inner = next(group for group in found.groups() if group is not None)
        if found.group(2) is not None and is_prose(inner):
            parts.append(text[position : found.start() + 1])  # the second dollar may open a formula
            position = found.start() + 1
            continue
        parts.append(f"{text[position : found.start()]}\x00{len(formulas)}\x00")
        formulas.append(inner.strip())
        position = found.end()
    return "".join(parts) + text[position:], formulas


def is_prose(inner: str) -> bool:
    """Return True if what stands between two dollar signs is prose, so that they mark prices."""
    bare = TEX_WORD.sub(" ", inner)
    return bool(PROSE_WORD.search(bare) or AMOUNT.search(inner))


def unmasked(text: str, formulas: list[str]) -> str:
    """Put the formulas back in place of their marks."""

    def formula(mark: re.Match[str]) -> str:
        number = int(mark.group(1))
        return formulas[number] if number < len(formulas) else ""  # a mark that the text itself held

    return re.sub(r"\x00(\d{1,9})\x00", formula, text)


def quantity_of(sentence: str) -> str:
    """Reduce a whole sentence to its only quantity, or to what stands last after `is` or `=`. Return any other text
    as it is."""
    if VALUE.match(sentence) or sentence.startswith("\x00") or BOUND.search(sentence):
        return sentence
    if len(re.findall(r"[^\W\d_]{2,}", sentence)) < (2 if sentence[:1].isupper() else 3) and not CJK.search(sentence):
        return sentence
    found = QUANTITY.findall(sentence)
    if len(found) == 1:
        return str(found[0])
    told = re.findall(r"(?:\bis|\bare|=|\bof)\s+(\x00\d+\x00|\S+)", sentence)
    return told[-1].rstrip(".,") if told and QUANTITY.fullmatch(told[-1].rstrip(".,*")) else sentence


def is_remark(content: str) -> bool:
    """Return True if the text describes an answer instead of giving one."""
    return REMARK.fullmatch(content) is not None
