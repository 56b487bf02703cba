"""Lists the units of answers, with one spelling each, so that centimetres differ from metres while apples and ways
are just words."""

import re

from filters.verifiers.mathematics.word_lists import words

# Maps a canonical name to its spellings. A unit outside this table counts as a noun, which has no effect.
SPELLINGS = {
    "m": "m meter meters metre metres", "cm": "cm centimeter centimeters centimetre centimetres",
    "mm": "mm millimeter millimeters millimetre millimetres", "km": "km kilometer kilometers kilometre kilometres",
    "inch": "in inch inches", "foot": "ft foot feet", "yard": "yd yard yards", "mile": "mi mile miles",
    "g": "g gram grams", "kg": "kg kilogram kilograms", "mg": "mg milligram milligrams", "pound": "lb lbs pound pounds",
    "ounce": "oz ounce ounces", "ton": "ton tons tonne tonnes", "second": "s sec secs second seconds",
    "minute": "min mins minute minutes", "hour": "h hr hrs hour hours", "day": "day days", "week": "week weeks",
    "month": "month months", "year": "yr yrs year years", "liter": "L l liter liters litre litres",
    "ml": "ml milliliter milliliters millilitre millilitres", "gallon": "gal gallon gallons", "dollar": "dollar dollars usd",
    "cent": "cent cents", "euro": "euro euros eur", "yuan": "yuan rmb", "pence": "pence", "degree": "degree degrees deg",
    "radian": "rad radian radians", "percent": "percent", "newton": "N newton newtons", "joule": "J joule joules",
    "watt": "W watt watts", "volt": "V volt volts", "ampere": "A ampere amperes amp amps", "coulomb": "C coulomb coulombs",
    "kelvin": "K kelvin kelvins", "hertz": "Hz hertz", "pascal": "Pa pascal pascals", "mole": "mol mole moles", "ev": "eV",
    "kn": "kN", "kj": "kJ", "kw": "kW", "mw": "MW", "mv": "mV", "kv": "kV", "ma": "mA", "khz": "kHz", "mhz": "MHz", "ghz": "GHz",
    "kpa": "kPa", "mpa": "MPa", "mmol": "mmol", "mk": "mK", "kev": "keV", "mev": "MeV", "ms": "ms millisecond milliseconds",
    "nm": "nm nanometer nanometers", "micrometer": "um micrometer micrometers", "ns": "ns", "hectare": "ha hectare hectares",
    "acre": "acre acres", "calorie": "cal calorie calories", "kcal": "kcal", "rpm": "rpm", "pint": "pint pints",
    "quart": "quart quarts", "dozen": "dozen", "celsius": "celsius", "fahrenheit": "fahrenheit",
    "ohm": "ohm ohms",
}  # fmt: skip
UNITS = {spelling: name for name, spellings in SPELLINGS.items() for spelling in spellings.split()}
CHINESE = {
    "元": "yuan", "米": "m", "厘米": "cm", "千米": "km", "公里": "km", "克": "g", "千克": "kg", "公斤": "kg", "小时": "hour", "分钟": "minute",
    "秒": "second", "天": "day", "度": "degree", "平方米": "m 2", "平方厘米": "cm 2", "升": "liter",
}  # fmt: skip
CURRENCIES = {r"\$": "dollar", "€": "euro", "£": "pound", "¥": "yuan", "₹": "rupee"}
COMPOUND = {"mph": "mile hour", "kph": "km hour", "kmh": "km hour"}
SYMBOLS = {
    "newton": "N", "joule": "J", "watt": "W", "volt": "V", "ampere": "A", "coulomb": "C", "kelvin": "K", "liter": "L", "m": "m",
    "g": "g", "second": "s", "hour": "h", "mg": "mg",
}  # fmt: skip
r"""Units whose symbol may be read as factors: `\frac32 m`, `\frac32 mg`."""
SHORT_NOUNS = words(
    """men man way ways sum box car cat dog boy egg hat pen pie bag bus cow hen pig fox ant bee kid toy cup can row
    set win bit bar jar lot map nut ox pad pot rat rod tie top tub van web zoo ball pea job try tip
    kg kgs mg mgs gm gms pkg fps kgf lbf fl"""
)
"""Nouns of up to four letters that would otherwise be read as products of variables."""
POWERS = {"square": "2", "squared": "2", "sq": "2", "cubic": "3", "cubed": "3"}
FILLERS = words("of the a an in total altogether only exactly about approximately per by")
"""Words beside a unit that add nothing: `5 cm in total`."""
# "mW", but not "pH" and "pm"
PREFIXED = re.compile(r"[pnumkMGT](?:V|A|W|J|N|F|T|Pa|Hz|C|eV)|[np]s|[num]H|[num]mol|[um]M|atm")
# "\text{ in}^2"
INCHES = re.compile(r"(?:\\text\{\s*in\.?\s*\}|in\.?)(?:\s?\^\{?([23])\}?)?")


def name_of(word: str, is_upright: bool) -> str:
    r"""Return the canonical name of a unit's word; a prefixed one that the table lacks, `GeV`, is its own. Two letters
    that are not upright may be factors: `\frac32 kT`."""
    is_prefixed = PREFIXED.fullmatch(word) and (is_upright or len(word) > 2)
    return UNITS.get(word) or (word if is_prefixed else UNITS.get(word.casefold(), ""))


def unit_name(text: str) -> str:
    """Return the unit's canonical name and exponent: `square centimeters`, `cm^2` and `cm²` are `cm 2`. Words that
    are not a unit, such as `apples`, give an empty text."""
    if inches := INCHES.fullmatch(text.strip()):
        return f"inch {inches.group(1)}" if inches.group(1) else "inch"
    exponent = "".join(re.findall(r"\^\{?([23])\}?", text))
    plain = re.findall(r"[A-Za-z]+", re.sub(r"\^\{?\d\}?|\\text|\\", " ", text))
    is_upright = r"\text" in text
    named = [name_of(word, is_upright) for word in plain if word not in FILLERS]
    named += [CHINESE.get(word, "") for word in re.findall(r"[\u4e00-\u9fff]+", text)]
    exponent += "".join(POWERS.get(word.casefold(), "") for word in plain)
    named += [name for word in plain for name in COMPOUND.get(word, "").split()]
    found = [name for name in named if name and not (name == "degree" and "celsius" in named)]
    return " ".join([*found, exponent]).strip() if found else ""
