"""The one exception a user's own mistake raises; entry points print its message alone, without a traceback."""


class InputError(Exception):
    """Something the user gave is wrong. The message names what (file, row, key) and what to change."""
