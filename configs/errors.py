"""What a wrong config raises."""


class ConfigError(Exception):
    """The config or an override is wrong; the message names the file, the key and what to change."""
