"""Reads the only value of a last sentence that concludes in a language other than English: "因此，一共有 **3页**。"."""

import re

from filters.verifiers.extraction.statement import QUANTITY, VALUE

# "Por lo tanto, "
CONNECTIVE = re.compile(
    r"(?i)(?:por (?:lo )?tanto|por consiguiente|así(?: que)?|entonces|en total|portanto|logo|assim|donc|ainsi|par conséquent|on obtient"
    r"|also|daher|somit|folglich|insgesamt|quindi|pertanto|dunque|следовательно|итак|значит|таким образом|поэтому|отже|dus|daarom"
    r"|więc|zatem|tedy|takže|tedy|deci|prin urmare|alltså|därför|siis|tehát|άρα|επομένως|jadi|maka|dengan demikian|do đó|vậy|vì vậy"
    r"|kwa hiyo|hivyo|sonuç olarak|dolayısıyla|bu nedenle)(?!\w)[\s,:]{1,3}"
    r"|(?:因此|所以|因而|故|综上(?:所述)?|于是|最终|最后|總共|总共|一共|따라서|그러므로|そのため|したがって|よって|ゆえに"
    r"|ดังนั้น|เพราะฉะนั้น|इसलिए|अतः|इस प्रकार|তাই|সুতরাং|অতএব|لذلك|لذا|إذن|إذًا|وبالتالي|بالتالي|بنابراین|پس|לכן|అందువల్ల|కాబట్టి)[\s,:،，、]{0,3}"
)
# "Donc, environ "
DOUBT = re.compile(
    r"(?i)[?？؟]|(?<!\w)(?:si|peut-être|environ|pas|ne|no|non|não|nicht|kein\w*|niet|geen|не|нет|если|около|примерно|quizás?|tal vez|talvez"
    r"|aproximadamente|más de|menos de|mehr als|weniger als|mindestens|höchstens|ungefähr|etwa|wenn|falls|oder|ou|o|или|lub|of|la moitié|mitad|metade"
    r"|hälfte|половин\w*|jeśli|nie|oko\wo|jika|tidak|atau|sekitar|nếu|không|hoặc|khoảng|kama|si|au|eğer|değil|veya|yaklaşık|αν|δεν|ή)(?!\w)"
    r"|如果|假设|假如|可能|大约|大約|约为|至少|至多|最多|不|没|未|非|一半|或|超过|以上|以下|的\d"
    r"|만약|아니|않|없|약 |또는|이상|이하|もし|ない|約|または|以上|以下|ถ้า|ไม่|หรือ|ประมาณ"
    r"|(?<![\w\u0900-\u0dff])(?:अगर|यदि|नहीं|या |लगभग|आधा|যদি|নয়|না |না[,।]|বা |প্রায়)|नहीं|নয়"
    r"|(?<!\w)(?:إذا|ليس|لا |أو |حوالي|تقريب|نصف|اگر|نیست|یا |אם|לא |או )"
)
MARK = re.compile(r"[*_`]")
LONGEST, LONGEST_REST = 200, 14
"""Characters of the sentence, and of what may follow its value: a unit, a counted noun, "is"."""


def foreign_conclusion(sentence: str) -> str | None:
    """Return the only value of a sentence that begins with a word of conclusion and ends with that value; None for a
    sentence that doubts, denies or names several. Formulas are masked."""
    sentence = MARK.sub("", sentence).strip()
    connective = CONNECTIVE.match(sentence)
    if not connective or len(sentence) > LONGEST or is_doubted(sentence):
        return None
    found = list(QUANTITY.finditer(sentence, connective.end()))
    if not found or len(sentence) - found[-1].end() > LONGEST_REST:
        return None
    value, before = found[-1].group(), sentence[: found[-1].start()]
    if len(found) > 1 and not before.rstrip().endswith("="):
        return None
    return value if VALUE.match(value) or value.startswith("\x00") else None


def is_doubted(sentence: str) -> bool:
    """Return True if a sentence that concludes in another language doubts or denies what it says."""
    connective = CONNECTIVE.match(sentence)
    return connective is not None and DOUBT.search(sentence[:LONGEST], connective.end()) is not None
