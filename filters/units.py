"""Units that answers carry: one spelling each, so that centimetres differ from metres while apples and ways are words."""

import re

# Canonical name -> spellings. A unit outside this table is a counted noun and says nothing.
SPELLINGS = {
    "m": "m meter meters metre metres", "cm": "cm centimeter centimeters centimetre centimetres",
    "mm": "mm millimeter millimeters millimetre millimetres", "km": "km kilometer kilometers kilometre kilometres",
    "inch": "in inch inches", "foot": "ft foot feet", "yard": "yd yard yards", "mile": "mi mile miles",
    "g": "g gram grams", "kg": "kg kilogram kilograms", "mg": "mg milligram milligrams", "pound": "lb lbs pound pounds",
    "ounce": "oz ounce ounces", "ton": "ton tons tonne tonnes", "second": "s sec secs second seconds",
    "minute": "min mins minute minutes", "hour": "h hr hrs hour hours", "day": "day days", "week": "week weeks",
    "month": "month months", "year": "yr yrs year years", "liter": "l liter liters litre litres",
    "ml": "ml milliliter milliliters millilitre millilitres", "gallon": "gal gallon gallons", "dollar": "dollar dollars usd",
    "cent": "cent cents", "euro": "euro euros eur", "yuan": "yuan rmb", "pence": "pence", "degree": "degree degrees deg",
    "radian": "rad radian radians", "percent": "percent", "newton": "newton newtons", "joule": "joule joules",
    "watt": "watt watts", "volt": "volt volts", "mph": "mph", "kph": "kph kmh", "celsius": "celsius", "fahrenheit": "fahrenheit",
}  # fmt: skip
UNITS = {spelling: name for name, spellings in SPELLINGS.items() for spelling in spellings.split()}
CHINESE = {
    "元": "yuan", "米": "m", "厘米": "cm", "千米": "km", "公里": "km", "克": "g", "千克": "kg", "公斤": "kg", "小时": "hour", "分钟": "minute",
    "秒": "second", "天": "day", "度": "degree", "平方米": "m 2", "平方厘米": "cm 2", "升": "liter",
}  # fmt: skip
CURRENCIES = {r"\$": "dollar", "€": "euro", "£": "pound", "¥": "yuan", "₹": "rupee"}
POWERS = {"square": "2", "squared": "2", "sq": "2", "cubic": "3", "cubed": "3"}
FILLERS = {"of", "the", "a", "an", "in", "total", "altogether", "only", "exactly", "about", "approximately", "per"}


def unit_name(words: str) -> str:
    """`square centimeters`, `cm^2` and `cm²` are `cm 2`; words that are no unit, such as `apples`, are empty."""
    if words.strip() in ("in", r"\text{in}", r"\text{ in}", "in."):
        return "inch"
    exponent = "".join(re.findall(r"\^\{?([23])\}?", words))
    plain = re.findall(r"[A-Za-z]+", re.sub(r"\^\{?\d\}?|\\text|\\", " ", words))
    named = [UNITS.get(word) or UNITS.get(word.casefold(), "") for word in plain if word.casefold() not in FILLERS]
    named += [CHINESE.get(word, "") for word in re.findall(r"[\u4e00-\u9fff]+", words)]
    exponent += "".join(POWERS.get(word.casefold(), "") for word in plain)
    found = [name for name in named if name]
    return " ".join([*found, exponent]).strip() if found else ""


NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen".split()
    )
}
TENS = {word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)}
NUMBER_WORDS |= TENS
NUMBER_WORDS |= {f"{tens}{joint}{ones}": TENS[tens] + value for tens in TENS for ones, value in list(NUMBER_WORDS.items())[1:10] for joint in ("-", " ")}
NUMBER_WORDS |= {"hundred": 100, "one hundred": 100, "thousand": 1000, "one thousand": 1000, "million": 10**6}
FRACTION_WORDS = {
    f"{top} {bottom}{'s' if top != 'one' and top != 'a' else ''}".replace("halfs", "halves"): (count, size)
    for top, count in {"one": 1, "a": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7}.items()
    for bottom, size in {"half": 2, "third": 3, "fourth": 4, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7,
                         "eighth": 8, "ninth": 9, "tenth": 10}.items()
}  # fmt: skip
FRACTION_WORDS |= {spelling.replace(" ", "-"): value for spelling, value in FRACTION_WORDS.items()} | {"half": (1, 2)}
