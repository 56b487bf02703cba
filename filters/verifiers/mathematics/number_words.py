"""Lists numbers written as words: "twenty-one", "one million", "two thirds"."""

ONES = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
LARGER = {
    "hundred": 100, "one hundred": 100, "thousand": 1000, "one thousand": 1000, "million": 10**6, "one million": 10**6,
    "one billion": 10**9,
}  # fmt: skip
COMPOSED = {
    f"{ten}{joint}{one}": TENS[ten] + ONES[one]
    for ten in TENS
    for one in ONES
    if 1 <= ONES[one] <= 9
    for joint in ("-", " ")
}
NUMBER_WORDS = ONES | TENS | COMPOSED | LARGER
COUNTS = {"one": 1, "a": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7}
SIZES = {
    "half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip
SPACED_FRACTIONS = {
    f"{top} {bottom}{'s' if top not in {'one', 'a'} else ''}".replace("halfs", "halves"): (count, size)
    for top, count in COUNTS.items()
    for bottom, size in SIZES.items()
}
HYPHENED_FRACTIONS = {spelling.replace(" ", "-"): value for spelling, value in SPACED_FRACTIONS.items()}
FRACTION_WORDS = SPACED_FRACTIONS | HYPHENED_FRACTIONS | {"half": (1, 2)}
"""Maps the words of a fraction to (numerator, denominator)."""
