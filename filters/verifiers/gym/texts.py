"""Checks of answers that are texts, lists or grids, by the entry's own answer."""

import json
import re
from typing import Any

Entry = dict[str, Any]
# "1 0 1"
CELLS = re.compile(r"[\d\s,\[\]]{1,5000}")


def same_text(answer: str, entry: Entry) -> bool:
    """binary_matrix, spiral_matrix, string_insertion: the scorer gives an answer in another form less than full
    marks, and evaluates it as Python to see that."""
    return answer.strip() == str(entry["answer"]).strip()


def same_words(answer: str, entry: Entry) -> bool:
    """letter_jumble: the scorer compares only as many words as the answer should have, and ignores more."""
    return answer.casefold().split() == str(entry["answer"]).casefold().split()


def same_letters(answer: str, entry: Entry) -> bool:
    """figlet_font and spell_backward: the scorer counts matching letters, so letters that are added, and from ten
    letters on also wrong ones, may cost nothing."""
    return "".join(answer.casefold().split()) == "".join(str(entry["answer"]).casefold().split())


def same_sequence(answer: str, entry: Entry) -> bool:
    """word_sorting: the scorer ignores words after the last."""
    return [word.strip() for word in answer.split(",")] == entry["metadata"]["sorted_words"]


def same_truth(answer: str, entry: Entry) -> bool:
    """game_of_life_halting: the scorer takes any text for True."""
    return answer.strip(" .").casefold() == str(entry["answer"]).casefold()


def same_json(answer: str, entry: Entry) -> bool:
    """game_of_life and codeio: the scorer of the first ignores more rows and cells, that of the second gives full
    marks to a number that differs in the seventh digit."""
    expected = str(entry["answer"]).strip()
    if answer.strip() == expected:
        return True
    try:
        return json.dumps(json.loads(answer), sort_keys=True) == json.dumps(json.loads(expected), sort_keys=True)
    except (ValueError, RecursionError):
        return False


def same_board(answer: str, entry: Entry) -> bool:
    """arc_agi and rearc: the scorer compares with the entry's tuples, which are lists once the entry was stored, and
    reads boards by the settings of the dataset."""
    return rows_of(answer) == rows_of(str(entry["answer"]))


def rows_of(board: str) -> list[list[str]]:
    return [line.split() for line in board.strip().splitlines()]


def is_valid_board(answer: str, entry: Entry) -> bool:
    """n_queens: any valid board. The scorer evaluates one in another form as Python, to give it half marks."""
    return answer in entry["metadata"]["valid_answers"]


def maps_every_letter_once(answer: str, entry: Entry) -> bool:
    """cryptarithm: of a letter that is given two digits the scorer takes the last."""
    pairs = [pair.partition("=") for pair in answer.split(",")]
    letters = {letter.strip() for letter, _, _ in pairs}
    return len(letters) == len(pairs) and all(len(digit.strip()) == 1 for _, _, digit in pairs)


def is_only_cells(answer: str, entry: Entry) -> bool:
    """survo: the scorer leaves out what is no number, "not" too."""
    return CELLS.fullmatch(answer) is not None


def is_only_zeros_and_ones(answer: str, entry: Entry) -> bool:
    """kakurasu: the scorer leaves out everything but zeros and ones."""
    return is_only_cells(answer, entry) and not re.search("[2-9]", answer)
