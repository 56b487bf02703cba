"""Print every setting of a config: what it may be, its default, and what it does.

    retort settings
    retort settings selection
    retort settings training.N.data judging.repetition

A place in the config prints the sections there and below. N stands for the number of an entry in a list, NAME for the
name of an entry in a mapping. A section's own name, such as PairSource, prints just that section.
"""

import argparse
import difflib
import os
import sys
import textwrap
from collections.abc import Iterator, Sequence

from configs.reference import SectionReference, Setting, sections

WIDTH = 120
TITLE = """# Settings

Every setting of a config, as `retort settings` prints them. A section stands at the places that are named below its
name; N is the number of an entry in a list, NAME the name of one in a mapping. On the command line a place and a key
make an override: `selection.max_per_problem=2`, `training.0.max_length=4096`, or `training.max_length=4096` where the
file writes its only stage without a list. A file may begin with `extends`, the path of another whose settings it
changes.
"""


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="retort settings", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("places", nargs="*", metavar="PLACE", help="such as selection; without any, all are printed")
    return parser.parse_args(argv)


def text_of(section: SectionReference) -> Iterator[str]:
    """Yield the lines of a section, in Markdown that can be read as it is."""
    places = ", ".join(f"`{place}`" for place in section.places)
    told = f"At {places}{f', with `{section.kind}`' if section.kind else ''}. " if places else ""
    yield from (f"## {section.name}", "")
    yield from wrapped(told + section.meaning)
    yield ""
    for one in section.settings:
        yield from wrapped(line_of(one), "  ")
    yield ""


def wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def line_of(setting: Setting) -> str:
    default = setting.default if setting.default in ("", "required") else f"default {setting.default}"
    told = f"- `{setting.key}`: {setting.values}{f'; {default}' if default else ''}."
    return f"{told} {setting.meaning}".strip()


def main(argv: Sequence[str] | None = None) -> int:
    places, found = parse(argv).places, sections()
    for place in places:
        if not any(section.is_at(place) for section in found):
            known = sorted({one for section in found for one in (*section.places, section.name)})
            near = difflib.get_close_matches(place, known, n=1)
            there = ", ".join(one for one in known if one.islower() and "." not in one)
            hint = f"did you mean {near[0]}?" if near else f"there are {there}"
            print(f"error: the config has no section {place!r}; {hint}", file=sys.stderr)
            return 2
    chosen = [section for section in found if not places or any(map(section.is_at, places))]
    lines = [*([] if places else [TITLE]), *(line for section in chosen for line in text_of(section))]
    try:
        print("\n".join(lines).rstrip(), flush=True)
    except BrokenPipeError:  # `head` or a pager has read enough; Python would write the rest when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
