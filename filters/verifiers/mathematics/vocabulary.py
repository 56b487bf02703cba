"""Lists the names that the grammar of expressions knows: functions, constants, Greek letters, accents."""

from filters.verifiers.mathematics.word_lists import words

FUNCTION_NAMES = words(
    """sin cos tan cot sec csc arcsin arccos arctan arccot asin acos atan sinh cosh tanh ln log lg exp sqrt abs floor
    ceil gcd lcm max min arg Re Im cbrt"""
)
SEVERAL_ARGUMENTS = words("gcd lcm max min")
"""Functions whose arguments are separated by commas."""
CONSTANT_NAMES = {"pi": "pi", "Pi": "pi", "e": "e", "i": "i"}
CONSTANT_NAMES |= dict.fromkeys(words("infty infinity inf oo Infinity"), "infty")
"""Maps each spelling to the constant's name in the tree."""
CONSTANTS = frozenset(CONSTANT_NAMES.values())
GREEK = words(
    """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon phi chi psi omega
    Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell hbar"""
)
CALLED = words("f g h F G H phi psi")
"""Letters that, before a bracket, may be functions or factors: `f(x)`."""
ACCENTS = words("overline vec hat tilde widehat")
