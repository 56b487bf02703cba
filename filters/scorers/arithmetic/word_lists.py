"""Lists the words that tell whether an equation is meant as one, and what its numbers count."""

from filters.verifiers.mathematics.word_lists import words

APPROXIMATE = words("about approximately approx roughly around nearly almost ≈")
EXACT = words("exactly only just")
UNITS = words(
    """m g s h L l N mm cm km kg mg ml mL lb lbs oz ft in mi yd kN min mins hr hrs sec secs mph kph kW kWh MB GB TB
    px degrees cents pts"""
)
"""Units that may touch their number: `5cm`."""
NO_NOUN = words(
    """and or is are was were plus minus times than then so if since because where but gives equals equal which that
    half twice double choose mod divided multiplied thus hence dozen hundred thousand million billion trillion squared
    cubed more less remainder to from with"""
)
"""Words that are no part of a noun behind a number."""
BEFORE_BRACKETS = words("is are be so then thus get gets have has gives compute calculate and therefore hence")
"""Words behind which a bracket begins an operand."""
LABELS = words(
    """day week month year step case part box group row column problem equation page number person player level grade
    round trip class bag team january february march april may june july august september october november december
    option line rule item figure phase of than by times at per plus minus to from with between in on within half twice
    double triple negative square cube root over under choose"""
)
"""Words before an operand that it belongs to: `week 2 = 15`, `5 more than 3 = 8`."""
CLAIMING = {("total", "of"), ("left", "with")}
"""Words before an operand whose second is none of LABELS: `a total of 3 * 5 = 15`, `is left with 7 - 3 = 4`."""
SIGN_WORDS = words("less fewer short below difference lower ago")
"""Words that stand for a minus sign."""
SINGULAR = {"feet": "foot", "inches": "inch", "pennies": "penny", "dollar": "$", "dollars": "$", "centuries": "century"}
KINDS = tuple(
    map(
        words,
        (
            "second sec minute min hour hr h day week month year decade century",
            "mm cm m meter metre km kilometer inch foot ft yard mile centimeter",
            "g gram kg mg pound lb ounce oz ton kilogram",
            "cent $ penny dime quarter nickel",
            "ml l liter litre gallon quart pint cup ounce oz tablespoon teaspoon",
            "degree radian",
        ),
    )
)
"""Units that are converted into each other, in the singular."""
