"""The exception for a user's mistakes. Entry points print its message without a traceback."""


class InputError(Exception):
    """An input of the user's is wrong. The message says what (file, row, key) and what to change."""
