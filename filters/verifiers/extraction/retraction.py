"""Tells whether the words around an answer deny it or take it back."""

import re

AFTER, BEFORE, SHORTEST = 400, 80, 3
"""Characters after and before an answer that are read, and fewer than which take nothing back."""
DENIAL = (
    r"(?:(?:wrong|incorrect|false|invalid|impossible)(?! (?:to|only|unless|if)\b)|an? (?:mistake|contradiction)|extraneous"
    r"|(?:to be )?(?:rejected|discarded|ruled out|excluded|eliminated)|too (?:small|large|big|high|low)|inadmissible"
    r"|off by|no solution|outside (?:of )?the domain|(?:my|the) (?:first|initial|naive) (?:guess|answer)(?!,? and)|tempting|(?:almost|nearly) (?:right|correct)"
    r"|not\s(?:correct|right|true|valid|possible|allowed|in the domain|an? (?:option|solution)|the solution|it(?=[.,;])|(?:the|our|my)\s(?:final\s|correct\s|right\s)?answer))"
    r"(?![\w-])"
)
# "$ is wrong", " can't be right", " does not work"
PREDICATE = re.compile(
    rf"(?i)[\s$*.)\]\\]{{0,8}}(?:(?:, which |(?:but |however, )?(?:this|that|it) )?"
    rf"(?:is|was|are|were|isn't|would be|seems|looks|proved|turns out to be|gets|has been|must be|has to be|should be)\s(?:also\s)?{DENIAL}"
    r"|(?:but|however),? (?:this|that|it) do(?:es)?(?: not|n't) (?:satisfy|solve|fulfil) (?:the|our) (?:original|given|initial)\b"
    r"|(?:is|was)n't\s(?:correct|right|valid|it(?=[.,;])|(?:the|our|my)\s(?:final\s|correct\s)?answer)"
    r"|(?:is|was)\s(?:only\s)?an?\s(?:distractor|trap|decoy)\b|(?:could|should)n't be\s(?:right|correct|true|the)\b"
    r"|(?:, which )?(?:fails(?=[.,;]| the\b)|violates|contradicts|(?:leads to|gives|yields) a contradiction|seems right but)"
    r"|(?:[\[(]|--?|[–—])\s?(?:wrong|incorrect|rejected|extraneous|invalid|impossible)\s{0,2}(?:[\])]|$)"
    r"|would be\s(?:right|correct|true|the\s(?:right\s|correct\s)?answer)\s(?:if|were|had|for)\b"
    r"|can(?:'t|not| not) be(?=\s(?:right|correct|true|valid|possible|it|the|our|my)\b|\s{0,3}[.,;!]|\s{0,3}$)|do(?:es)?(?: not|n't) (?:work|fit|hold|satisfy)\b"
    r"|[。]?\s?(?:也)?(?:是)?(?:错误?的|不对|不正确|错误))"
)
# ": false.", " → no", " ✗"
MARKED_WRONG = re.compile(
    r"(?i)[\s$*.)\]\\]{0,8}(?:(?:[:→⇒–—-]|\\(?:to|Rightarrow)\b)\s{0,2}(?:wrong|incorrect|false|no)(?=\s{0,3}(?:[.,;!]|$))|[✗✘❌✖])"
)
"""Behind a noun such as "answer" the same would be the answer itself: "answer: no"."""
WAIT = (
    r"(?:wait|hold on|oops|sorry|actually|correction|hmm|scratch that|on second thoughts?|(?:up)?on reflection|never mind"
    r"|strike that|i mean|apologies|let me reconsider|i was mistaken|i apologi[sz]e for the (?:error|mistake))"
)
CORRECTED = (
    rf"(?:{WAIT}[\s,.:;!—–-]{{1,4}}|no[,.:;!—–]\s{{0,2}})(?:[^\n.!?]{{0,60}}?(?<!\w))?"
    r"(?:no\s?[:,]|wrong|incorrect|mistake|error|not (?:right|correct)|should (?:be|have been)|it's not|it is not)(?!\w)"
)
VALUE = r"[$\\(*]{0,3}[-−]?(?:\d|\\?[a-z]*frac)"
# Such as: Hmm, actually it is 7. No wait. 7. No, 7.
OTHER_VALUE = (
    rf"(?:{WAIT}[\s,.:;!*—–-]{{1,5}}|(?<=\n)\**(?:edit|revised|updated)[:*]{{1,3}}\s)"
    rf"(?:(?:{WAIT}|no|so|then|it|is|it's|that's|the|answer|value|result|should|be|must|rather|not|x =|n =)[\s,.:;]{{1,3}}){{0,6}}{VALUE}"
    rf"|(?<=[.!?;]\s)(?:nein|non|não|нет|точнее|perdón|korrektur|corrección|correção)[,.:;]\s?{VALUE}"
    rf"|(?:(?<=[。.]\s)|(?<=。))(?:いや|いいえ|아니|更正)[，、,:：]\s?{VALUE}|\s[—–(]\s?no,\s{VALUE}"
    rf"|(?:(?<=[.!?;。]\s)|(?<=[.!?;,]\s\s)|(?<=\n)|^[\s$*.;?)\]]{{1,6}})no\b[,.;:!]?\s(?:{WAIT}[,.:;]?\s)?(?:it's\s|it is\s)?{VALUE}"
    rf"|(?<=,\s)no,\s(?:(?:it is|it's|that's|rather|not)\s)?{VALUE}"
    rf"|(?:(?<=[.!?;]\s)|(?<=\n))(?:alternatively|or)[,:]?\s(?:maybe\s|perhaps\s|possibly\s|it is\s)?{VALUE}[^\s.]{{0,30}}(?:[.!?]?\s{{0,3}}$|[.!?]\s)"
    rf"|\bit (?:may|might|could) (?:also|instead|as well)? ?be {VALUE}"
)
FAULT = r"scratch that|i made an? (?:error|mistake)|my mistake\b|i was wrong|let me correct"
CHINESE = (
    r"等等[，,、]?\s?(?:不对|不對|错|錯)|(?<=[。！!.？?\n])\s?(?:不对|不對|错了|錯了)[，,、。]"
    r"|(?<=[。.])\s?或者?(?:是)?\s?[$\\-]?\d|(?:答案|结果)(?:是)?(?:不对|错误的|错的)"
)
LETTER = r"(?-i:\((?:[A-J])\)|(?:[B-HJ]|A(?=[).:,]|\s{0,3}$))(?![\w']))"
# "Wait, no: C", ". No, C."
CORRECTION = re.compile(
    rf"(?i)(?<!\w)(?:{CORRECTED}|{FAULT})|{CHINESE}"
    rf"|(?<!\w){WAIT}[\s,.:;!—–-]{{1,4}}(?:(?:no|it is|it's|the answer is|actually)[\s,.:]{{1,3}}){{0,3}}{LETTER}"
    rf"|(?:(?<=[.!?;]\s)|(?<=\n)|^[\s$*.;?)\]]{{1,6}})(?:no(?:[,.;:!]\s|\s{WAIT}[,.:;]?\s)|or\s){LETTER}"
)
# "Wait, no: 7", "That is wrong."
RETRACTION = re.compile(
    rf"(?i)(?<!\w)(?:{CORRECTED}|{FAULT}"
    r"|(?:that|this|it)(?:\s(?:answer|value|result))?(?:'s|\sis|\swas)\s(?:wrong|incorrect|a mistake|not (?:correct|right))(?!\w)"
    rf"|(?:(?<=[.!]\s)|(?<=\n))no[,:]\s[$\\\d-])|(?<!\w)(?:{OTHER_VALUE})|{CHINESE}"
)
NAMED = r"(?:say|answer|write|think|guess|conclude|claim|believe|get|put|give|pick|choose)"
OPENING = r"[\s:$*({\\\[]{0,10}"
# "It is not $", "anything but ", "Rejected: ", "A common mistake is "
DENIED_BEFORE = re.compile(
    r"(?i)(?:\b(?:not|never|cannot|anything but|rather than|instead of)|n't|不是|并非|不等于|不为|≠|\\neq?)"
    r"(?:\s(?:be|equal|equal to|equals|say|the|answer|final|is|to|it|that|write|put|pick|choose|give|box|with)){0,6}[\s:$*({\\\[]{0,10}$"
    r"|(?:^|[.\n!?]\s?)[\s*(]{0,5}(?:rejected|wrong|incorrect|false|discarded|not)\b"
    r"(?:\s(?:answer|value|solution))?[\s:$*({\\\[]{0,10}$"
    rf"|\b(?:rul(?:e|ed|es|ing) out|reject(?:ed|s|ing)?|exclud(?:e|ed|es|ing)|discard(?:ed|s|ing)?|eliminat(?:e|ed|es|ing))"
    rf"(?:\s[a-z]\s=)?{OPENING}$"
    rf"|\b(?:wrong|incorrect|naive|tempting|mistaken) (?:answer|value|result|solution) (?:is|was|would be){OPENING}$"
    rf"|\bneither\s[^\n.]{{1,40}}\snor\s{OPENING}$"
    r"|\beither\s[^\n]{1,40}\sor\s[\s:$*({\\\[]{0,10}$"
    rf"|\b(?:wrong|incorrect|tempting|a mistake|an error) to {NAMED}{OPENING}$"
    rf"|\b(?:common|typical|frequent|usual) (?:mistake|error|trap|misconception) (?:is|would be)(?: to {NAMED})?{OPENING}$"
    rf"|\b(?:one|you|many|some|people|students?|someone) (?:might|may|could|would) {NAMED}(?: (?:that )?it is)?{OPENING}$"
    rf"|(?:^|\n)\s{{0,3}}[✗✘❌✖]\s?{OPENING}$"
)


# "not"
DENYING = re.compile(
    r"not|n't|never|anything|rather|instead|reject|wrong|incorrect|false|discard|either|不|并非|≠|\\ne|mistake|error|trap"
    r"|misconception|tempting|might|may|could|would|[✗✘❌✖]|rul|exclud|eliminat|naive|neither"
)
# "wait"
CORRECTING = re.compile(
    r"wait|hold on|oops|sorry|actually|correction|hmm|scratch|no|wrong|incorrect|mistake|error|or|"
    r"alternatively|it m|it could|let me|错|錯|不|或|second thought|reflection|never mind|strike|i mean|apologi|i was|edit|revised"
    r"|updated|nein|não|нет|точнее|perdón|korrektur|いや|いいえ|아니|更正"
)
"""One of them is in every text that DENIED_BEFORE or RETRACTION matches: most texts hold none, and need no search."""


def is_retracted(after: str) -> bool:
    """Return True if the text right after an answer denies it ("is wrong") or takes it back ("Wait, no: 7")."""
    if len(after) < SHORTEST:
        return False
    if PREDICATE.match(after):
        return True
    rest = after[:AFTER].lower()
    return CORRECTING.search(rest) is not None and RETRACTION.search(after[:AFTER]) is not None


def is_called_wrong(after: str) -> bool:
    """Return True if the words right behind an answer call it wrong: " is excluded", " fails the check"."""
    return len(after) >= SHORTEST and PREDICATE.match(after) is not None


def is_marked_wrong(after: str) -> bool:
    """Return True if a box or an element is called wrong by the mark or the word right behind it."""
    return MARKED_WRONG.match(after) is not None


def is_taken_back(before: str, after: str) -> bool:
    """Return True if the text before or after a box or an element says that what it holds is not the answer."""
    return is_retracted(after) or is_marked_wrong(after) or is_denied(before)


def is_denied(before: str) -> bool:
    """Return True if the text right before an answer denies it ("It is not"), or names another beside it."""
    end = before[-BEFORE:].lower()
    return DENYING.search(end) is not None and DENIED_BEFORE.search(end) is not None


def is_corrected(after: str) -> bool:
    """Return True if the text right after an answer begins to correct it. Beside other options "this is wrong" says
    nothing of the answer."""
    return len(after) >= SHORTEST and CORRECTION.search(after[:AFTER]) is not None
