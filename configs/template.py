"""Chat templates for models without one: a family from configs/templates/, or a file of your own."""

import difflib
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator

from configs.text_file import read_text_file

FAMILIES = Path(__file__).with_name("templates")
ENDING = ".jinja"


def families() -> dict[str, str]:
    """Return the text of each family's template, by name."""
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted(FAMILIES.glob(f"*{ENDING}"))}


def read_template(value: object) -> object:
    """Return the text of a family by name or of a file by path, so that the content counts and not the place.

    A text that is already a template is returned unchanged. Errors: ValueError that says what to change.
    """
    if not isinstance(value, str) or "{{" in value or "{%" in value:
        return value
    known = families()
    if value in known:
        return known[value]
    if not value.endswith(ENDING):
        near = difflib.get_close_matches(value, known, n=1)
        guess = f"did you mean {near[0]}? " if near else ""
        raise ValueError(f"no such template; {guess}known: {', '.join(known)}; a file of your own ends in {ENDING}")
    try:
        text = read_text_file(Path(value))
    except FileNotFoundError:
        raise ValueError(f"no such file (looked for {Path(value).absolute()}); known: {', '.join(known)}") from None
    except (OSError, ValueError) as error:
        raise ValueError(f"{value}: not readable as text: {' '.join(str(error).split())}") from None
    if "{{" not in text and "{%" not in text:
        raise ValueError(f"{value}: not a Jinja template, as it writes out no message")
    return text


ChatTemplate = Annotated[str, BeforeValidator(read_template)]
"""The text of a chat template, given as a family's name or a file."""
