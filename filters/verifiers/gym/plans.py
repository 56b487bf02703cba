"""Checks of answers that are moves: every move must be one that the puzzle allows."""

import json
import re
from typing import Any

Entry = dict[str, Any]
# "F+1 K+1 M-1"
RUSH_MOVE = re.compile(r"([A-Z])([+-])(\d{1,2})")
# "LDRR"
SOKOBAN_MOVES = re.compile(r"[UDLR\s,]{1,5000}")
# "A→B→C"
PRESSES = re.compile(r"[A-Ca-c\s,→>-]{1,2000}")
# "Move disk 1 from Peg 2 to Peg 3"
DISK_MOVE = re.compile(r"(?:\d{1,4}[.)]\s?)?Move disk \d{1,3} from Peg \d{1,3} to Peg \d{1,3}\.?", re.IGNORECASE)
# "U R' F2"
TURN = re.compile("[LRUDFBMESXYZ]w?'?[1-9]?")
LONGEST, LONGEST_TURNS = 20_000, 5000


def frees_the_car(answer: str, entry: Entry) -> bool:
    """rush_hour: the moves free the red car, and no car drives through another. The scorer leaves out what is no move
    and what is blocked."""
    from reasoning_gym.games.rush_hour import Board

    moves = [RUSH_MOVE.fullmatch(move) for move in answer[:LONGEST].replace(",", " ").split()]
    if not moves or None in moves:
        return False
    board = Board(entry["metadata"]["board_config"])
    for car, sign, steps in (move.groups() for move in moves if move):
        for _ in range(int(steps)):
            before = board.board_str()
            try:
                board.move(car, 1 if sign == "+" else -1)
            except IndexError:  # a car that is not there
                return False
            if board.board_str() == before:
                return False
    return bool(board.solved)


def lifts_every_box(answer: str, entry: Entry) -> bool:
    """boxnet: every box reaches its target by moves that agents can make. The scorer leaves out moves that none can
    make, and lets agents carry targets."""
    from reasoning_gym.games.boxnet import action_from_response

    try:
        plan = json.loads(answer) if len(answer) <= LONGEST else None
    except (ValueError, RecursionError):
        return False
    if not isinstance(plan, list) or not all(isinstance(step, dict) for step in plan):
        return False
    squares = entry["metadata"]["initial_state"]
    for agent, action in (move for step in plan for move in step.items()):
        if not isinstance(action, str) or not action.startswith("move(box_"):
            return False
        try:
            moved = action_from_response(squares, [{agent: action}])
        except (KeyError, IndexError):  # a square or agent outside the grid
            return False
        if moved == squares:
            return False
        squares = moved
    return not any(item.startswith("box_") for items in squares.values() for item in items)


def is_only_steps(answer: str, entry: Entry) -> bool:
    """sokoban: the scorer walks by the letters of any text."""
    return SOKOBAN_MOVES.fullmatch(answer) is not None


def is_only_turns(answer: str, entry: Entry) -> bool:
    """rubiks_cube: the scorer leaves out what is no turn, and makes as many turns of `R99999999` as it says."""
    return len(answer) <= LONGEST_TURNS and all(map(TURN.fullmatch, answer.split()))


def is_only_presses(answer: str, entry: Entry) -> bool:
    """quantum_lock: the scorer presses the letters of any text."""
    return PRESSES.fullmatch(answer) is not None


def is_only_disk_moves(answer: str, entry: Entry) -> bool:
    """tower_of_hanoi: the scorer finds a move in any line, "do not move disk 1 from Peg 1 to Peg 2" too."""
    return all(DISK_MOVE.fullmatch(line.strip()) for line in answer.strip().splitlines() if line.strip())
