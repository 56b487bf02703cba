"""Lists the words that tell whether an equation is meant as one, and what its numbers count."""

APPROXIMATE = {"about", "approximately", "approx", "roughly", "around", "nearly", "almost", "≈"}
EXACT = {"exactly", "only", "just"}
UNITS = {
    *("m", "g", "s", "h", "L", "l", "N", "mm", "cm", "km", "kg", "mg", "ml", "mL", "lb", "lbs", "oz", "ft", "in", "mi", "yd", "kN"),
    *("min", "mins", "hr", "hrs", "sec", "secs", "mph", "kph", "kW", "kWh", "MB", "GB", "TB", "px", "degrees", "cents", "pts"),
}  # fmt: skip
"""Units that may touch their number: `5cm`."""
NO_NOUN = {
    *("and", "or", "is", "are", "was", "were", "plus", "minus", "times", "than", "then", "so", "if", "since", "because", "where", "but"),
    *("gives", "equals", "equal", "which", "that", "half", "twice", "double", "choose", "mod", "divided", "multiplied", "thus", "hence"),
    *("dozen", "hundred", "thousand", "million", "billion", "trillion", "squared", "cubed", "more", "less", "remainder", "to", "from"),
    *("with", "x", "y", "z", "n", "b", "c", "d", "i", "j", "p", "q", "r", "t", "u", "v", "w", "e", "f"),
}  # fmt: skip
"""Words that are no part of a noun behind a number."""
