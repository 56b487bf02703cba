"""Lists the phrases with which writers announce their answer, in some thirty languages."""

import re

STRONG = {
    "en": r"(?:final[ _])?answers?|ans\.?|(?<=but )mine|(?:correct|right|best) (?:option|choice)",
    "zh": r"答案|答(?=[:：])|(?:正确|正確)(?:选项|選項)|(?:选择?|選擇?)(?=[:：]?\s?[（(]?[A-J](?![A-Za-z]))",
    "ja": r"(?:最終的な|最終|正しい)?(?:答え|解答|正解|答)",
    "ko": r"(?:최종 ?|올바른 )?(?:정답|답변|답)",
    "es": r"respuestas?", "fr": r"r[ée]ponses?", "pt": r"respostas?", "it": r"rispost[ae]", "de": r"antwort(?:en)?",
    "nl": r"(?:eind)?antwoord(?:en)?", "ru": r"ответ(?:ы|ом)?", "uk": r"відповідь", "pl": r"odpowied[źz](?:\sto)?", "cs": r"odpověď",
    "ar": r"(?:ال)?(?:إجابة|اجابة|جواب)", "fa": r"پاسخ", "he": r"(?:ה)?תשובה", "hi": r"उत्तर|जवाब", "bn": r"উত্তর(?:টি)?|উত্তরঃ",
    "th": r"คำตอบ(?:สุดท้าย|ที่ถูกต้อง)?", "sw": r"jibu(?: sahihi| la mwisho)?", "te": r"(?:తుది )?(?:సమాధానం|జవాబు)",
    "vi": r"(?:đáp án|đáp số|câu trả lời)(?: cuối cùng| đúng)?", "id": r"jawaban(?:nya)?(?: akhir(?:nya)?)?",
    "tr": r"(?:cevap|cevabı|yanıt|yanıtı)(?:ımız)?", "el": r"απάντηση", "sv": r"svar(?:et)?", "ro": r"răspuns(?:ul)?(?: final)?",
    "hu": r"válasz", "fi": r"vastaus",
}  # fmt: skip
WEAK = (
    r"solutions?(?: set)?|results?|resultado|résultat|risultato|(?:end)?ergebnis|lösung|solución|soluzione|solução|resultaat"
    r"|oplossing|результат|решение|hasil(?:nya)?|kết quả|sonuç|wynik"
)
"""Words that name intermediate steps as well. They announce an answer only in the last sentence, and only if nothing
else does."""
# "Endgültig, 最终"
FINAL = re.compile(r"final|endg|最终|最終|최종|окончат|definitiv", re.IGNORECASE)
SPACED = """en es fr pt it de nl pl cs sv ro hu fi sw id tr vi ru uk el"""
"""Languages that separate words by spaces: in these the noun must be a whole word."""
# "final answer"
NOUN = re.compile(
    r"(?i)(?<![\w\\])(?:" + "|".join(STRONG[code] for code in SPACED.split()) + r")(?!\w)|(?:"
    + "|".join(noun for code, noun in STRONG.items() if code not in SPACED.split()) + r")"
)  # fmt: skip
# "final answer"
ASCII_NOUN = re.compile(
    "(?:"
    + "|".join(STRONG[code] for code in SPACED.split() if code not in ("ru", "uk", "el")).replace("(?<=but )", "but ")
    + r")(?!\w)"
)
"""The nouns that an ASCII text in small letters can hold. Without a look-behind and without folding of cases, `re` skips
the characters at which none begins, and takes a fifth of NOUN's time."""
# "solution set"
WEAK_NOUN = re.compile(rf"(?i)(?<![\w\\])(?:{WEAK})(?!\w)|结果|結果|结论|결과")
# "must be"
COPULA = re.compile(
    r"(?i)(?<![\w'])(?:is|are|was|were|equals?|must be|should be|would be|will be|comes out to(?: be)?|becomes|turns out to be"
    r"|can be written as|es|son|sería|est|sont|serait|é|são|seria|è|sono|ist|sind|lautet|lauten|wäre|zijn|luidt|är|er|este"
    r"|wynosi|brzmi|jest|равен|равна|равно|является|составляет|буде|είναι|adalah|ialah|là|ni|olur|হলো|হল|হচ্ছে|হবে|है|هي|هو)(?![\w'])"
    r"|应该是|應該是|应为|就是|是|为|為|は|คือ|เป็น|은|는|이(?= )"
)
# "therefore exactly 5"
ADVERBS = re.compile(
    r"(?i)^[\s,:]{0,3}(?:(?:therefore|thus|then|simply|just|indeed|clearly|actually|still|hence|now|exactly|found|equal|given"
    r"|to|be|by|as|follows|option|choice|letter|in fact|only|also|donc|entonces|por lo tanto|folglich|also|dus|daher|quindi"
    r"|portanto|logo|pues|así|then|definitely|of course|about|approximately|around|roughly)(?![\w])[\s,:]{1,3}){1,4}"
)
# "the student's final"
NOT_MINE = re.compile(
    r"(?i)(?:\b(?:reference|expected|given|wrong|incorrect|previous|earlier|initial|naive|old|original|intuitive|obvious|typical|tentative|preliminary|(?<!the )one|another|other|his|her|their|its|\w+['’]s|each|every|any|no"
    r"|possible|same|this|that|such|an)|(?<!here is )(?<!here's )\byour)(?:\s(?:final|correct|possible|own))?\s*$"
)
"""Words right before the noun that show that the answer is not the writer's own."""
# "suppose the answer"
SUPPOSED = re.compile(
    r"(?i)\b(?:suppos|assum|doubt|unless|whether|if|wrong|incorrect|false|mistake|not|cannot|never|nobody|no one|student|teacher|book|claim|den(?:y|ies)"
    r"|(?:he|she|they|someone|somebody|people|many)\s(?:\w{1,10}\s)?(?:said|says?|thinks?|thought|believes?|told|argues?)\b"
    r"|guess(?:ed)? was|unlikely|improbable)|n't\b|\b(?:check|verify|confirm)(?:ing)? (?:our|the|my|this)\s{1,3}$|\bto (?:find|get|check|verify|obtain|compute|calculate|determine|express|simplify|write) "
)
"""Words in the clause before the noun that show that the answer is supposed, denied or still sought."""
# "twice the "
PART_OF = re.compile(
    r"(?i)\b(?:(?:twice|thrice|half|double|triple|a (?:half|third|quarter))(?:\sof)?|(?:squares?|cubes?|roots?|digits?|sum|number|product|bounds?"
    r"|opposite|negative|reciprocal|inverse|multiple|factors?|log(?:arithm)?|remainder|power|double|reverse|floor|ceiling|(?:integer|fractional) part)\s(?:of|for|on|to|in))\s"
    r"(?:the|my|our|this)\s(?:correct\s|right\s)?$"
)
"""Words right before the noun by which the sentence is about another number, which the answer only gives rise to."""
# "5, so"
CLAUSE_END = re.compile(r"(?i)[.!?,;:\n。，]|\b(?:so|thus|hence|therefore|then|and|but)\b")
# ", which is wrong"
DENIED = re.compile(
    r"(?i),?\s(?:which|that|and (?:it|this|that))\s(?:is|was|are)\s(?:wrong|incorrect|not|false|impossible)\b"
)
# "is not"
NEGATION = re.compile(
    r"(?i)\b(?:not|never|cannot|nicht|kein|keine|pas|ne|non|não|не|nie|niet|tidak|değil|δεν|wrong|depends|why|how|whether|if"
    r"|unless|before|until|without|but|because|when|previous|different)\b|\bno\s{0,2}$|至少|至多|超过|n't|不|नहीं|না|ไม่|không"
)
# "quite reasonable"
REMARK = re.compile(
    r"(?i)(?:very |quite |also |indeed |clearly |therefore |thus |now |not )?(?:reasonable|correct|right|wrong|incorrect|complete|plausible|clear|straightforward"
    r"|simple|valid|invalid|consistent|positive|negative|obvious|unique|known|found|left|below|above|as follows|verified|confirmed|rational|irrational|sensible"
    r"|required|needed|unknown|unclear|impossible to (?:find|say|determine|know)|(?:an?|the) (?:integer|whole number|number|fraction|decimal|matter|question|same|one)"
    r"|an? \w+ (?:integer|number|fraction)|given|expected|there|here|it|this|that|what|how|in|on|of|from|based|obtained|independent)\b[^\d$\\\x00]*"
)
"""Phrases that describe an answer but are not one."""
# "42 is the answer."
REVERSED = re.compile(
    r"(?i)\s(?:is|are)\s(?:the|our|my)\s(?:final\s|correct\s|right\s|required\s|desired\s)?(?:answer|option|choice)\b"
    r"(?=\s*[.!*\n]|\s*$|\sto\s(?:the|this|our)\s(?:question|problem))"
)
# "Option B is correct"
CHOSEN = re.compile(
    r"(?:[Oo]ption|[Cc]hoice|[Aa]nswer|^|\n|[Ss]o,?|[Tt]hus,?|[Tt]herefore,?"
    r"|[Hh]ence,?)\s?\(?([A-J])\)?\sis\s(?:the\s)?(?:correct|right)\b(?!\s(?:that|if|only))"
)
# "## Final Answer:"
HEADING = re.compile(
    r"(?im)^[ \t>#*_]{0,8}(?:\d+\.[ \t]?)?(?:the |my |our )?(?:final |correct )?(?:answer|solution set|最终答案|答案|respuesta|réponse|antwort|ответ|resposta|risposta)"
    r"[ \t]?[:：]?[*_ \t]{0,6}$"
)
# "3,14"
DECIMAL_COMMA = re.compile(r"^([-+−]?\d{1,9}),(\d{1,2}|\d{4,9})(?![\d,])")
# "final answer"
ENGLISH = re.compile(r"(?i)^(?:(?:final[ _])?answers?|ans|(?:but )?mine)$")
# "42です。"
TRAILING_COPULA = re.compile(
    r"\s?(?:です|である|だ|となります|になります|でした|입니다|이다|예요|이에요|है|हैं|होगा|হয়|হবে|అవుతుంది)[。.।]?\s*$"
)
# "either 3 or 5"
UNCERTAIN = re.compile(r"(?i)(?:either|probably either|one of|unknown|undetermined|unclear)\b")
