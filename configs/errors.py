"""The exception for a wrong config."""


class ConfigError(Exception):
    """The config or an override is wrong. The message names the file and the key, and says what to change."""
