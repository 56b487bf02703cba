"""Lists our own checks by reasoning-gym's task. A task that is in neither table keeps its scorer (version 0.1.25)."""

from collections.abc import Callable
from typing import Any

from filters.verifiers.gym import figures, formulas, logic, plans, texts

Check = Callable[[str, dict[str, Any]], bool]
"""A function of the answer and the entry. Errors: KeyError or TypeError for an entry that lacks what it should hold."""
COUNTS = {"count_business_days", "count_days", "recurring_event_day"}
"""Tasks within calendar_arithmetic whose answer is a number."""


def calendar(answer: str, entry: dict[str, Any]) -> bool:
    return entry["metadata"]["task"] not in COUNTS or figures.same_whole_number(answer, entry)


INSTEAD: dict[str, Check] = {
    "arc_agi": texts.same_board,
    "binary_matrix": texts.same_text,
    "bitwise_arithmetic": figures.same_integer_literal,
    "boxnet": plans.lifts_every_box,
    "codeio": texts.same_json,
    "coin_flip": figures.same_probability,
    "countdown": formulas.reaches_target,
    "decimal_arithmetic": figures.near_by_decimals,
    "figlet_font": texts.same_letters,
    "fraction_simplification": figures.same_fraction,
    "game_of_life": texts.same_json,
    "game_of_life_halting": texts.same_truth,
    "gsm_symbolic": figures.same_value,
    "intermediate_integration": formulas.is_antiderivative,
    "knights_knaves": logic.fits_statements,
    "letter_jumble": texts.same_words,
    "n_queens": texts.is_valid_board,
    "number_format": figures.nearest_candidate,
    "number_sorting": figures.sorted_numbers,
    "polynomial_equations": figures.all_roots,
    "polynomial_multiplication": formulas.is_expanded_product,
    "pool_matrix": figures.pooled,
    "propositional_logic": logic.follows,
    "puzzle24": formulas.makes_24,
    "rearc": texts.same_board,
    "rush_hour": plans.frees_the_car,
    "simple_integration": formulas.is_antiderivative,
    "spell_backward": texts.same_letters,
    "spiral_matrix": texts.same_text,
    "string_insertion": texts.same_text,
    "time_intervals": figures.same_duration,
    "word_sorting": texts.same_sequence,
}
"""Checks that replace the task's scorer."""
BESIDES: dict[str, Check] = {
    "advanced_geometry": figures.is_one_point,
    "calendar_arithmetic": calendar,
    "complex_arithmetic": figures.is_complex_number,
    "cryptarithm": texts.maps_every_letter_once,
    "kakurasu": texts.is_only_zeros_and_ones,
    "quantum_lock": plans.is_only_presses,
    "rubiks_cube": plans.is_only_turns,
    "sokoban": plans.is_only_steps,
    "survo": texts.is_only_cells,
    "tower_of_hanoi": plans.is_only_disk_moves,
}
"""Checks that an answer must pass besides its scorer's full marks."""
REFUSED = {"composite": "an entry of a composite must name the task that it comes from"}
"""Tasks that cannot be checked, with the reason. Their answers are `unknown`."""
