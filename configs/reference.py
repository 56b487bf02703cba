"""Every setting of a config with its values, its default and its meaning, read from the sections themselves.

The JSON schema is pydantic's, so that bounds and choices are those that a config is checked with.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from configs.schema import Config

Node = Mapping[str, Any]
KINDS = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "`true` or `false`",
    "null": "`null`",
}
ANYTHING = "any value"
SEVERAL = {"whole number": "whole numbers", "number": "numbers", "text": "texts"}
UNITS = {"Length": "characters", "Items": "entries"}


class Setting(NamedTuple):
    """One key of a section."""

    key: str
    values: str
    """What it may be: "whole number, 1 or more"."""
    default: str
    """As in YAML; empty for a section, which has its own defaults."""
    meaning: str


class SectionReference(NamedTuple):
    """A section of the config, with all places that it may stand at."""

    name: str
    places: list[str]
    """Its keys from the config's top on, `training.N.data.N`; empty for the config itself. N stands for the number of
    an entry, NAME for its name."""
    kind: str
    """The key and value that choose it among others at its place, `kind: vllm`; else empty."""
    meaning: str
    settings: list[Setting]

    def is_at(self, place: str) -> bool:
        """Return True if the section is at a place or below it, or has this name."""
        return place == self.name or any(f"{one}.".startswith(f"{place}.") for one in self.places)


def sections() -> list[SectionReference]:
    """Return all sections, each once, after the one that it belongs to."""
    schema = Config.model_json_schema()
    found: dict[str, SectionReference] = {}
    add_section("Config", schema, "", schema["$defs"], found)
    return list(found.values())


def add_section(name: str, node: Node, place: str, all_nodes: Node, found: dict[str, SectionReference]) -> None:
    """Add a section that stands at a place, and those within it. Those that are there already get their place."""
    keys, required = node["properties"], node.get("required", [])
    if name not in found:
        kind = next((f"{key}: {one['const']}" for key, one in keys.items() if is_kind(key, one)), "")
        settings = [setting(key, one, key in required) for key, one in keys.items() if not is_kind(key, one)]
        found[name] = SectionReference(name, [], kind, flat(node["description"]), settings)
    if place and place not in found[name].places:
        found[name].places.append(place)
    for key, one in keys.items():
        for inner, below in sections_in(one, f"{place}.{key}".lstrip(".")):
            add_section(inner, all_nodes[inner], below, all_nodes, found)


def is_kind(key: str, node: Node) -> bool:
    return key in ("kind", "method") and "const" in node


def sections_in(node: Node, place: str) -> Iterator[tuple[str, str]]:
    """Yield the names and places of the sections that a value may be or hold."""
    if reference := node.get("$ref"):
        name = reference.rpartition("/")[2]
        if name != "JsonValue":
            yield name, place
    for choice in choices_of(node):
        yield from sections_in(choice, place)
    if isinstance(node.get("items"), Mapping):
        yield from sections_in(node["items"], f"{place}.N")
    for entry in entries_of(node):
        yield from sections_in(entry, f"{place}.NAME")


def setting(key: str, node: Node, is_required: bool) -> Setting:
    default = "required" if is_required else as_yaml(node["default"]) if "default" in node else ""
    if node.get("default") and any(sections_in(node, "")):
        default = ""
    return Setting(key, values(node), default, flat(node.get("description", "")))


def values(node: Node) -> str:
    """Return in words what a value may be."""
    if choices := choices_of(node):
        return joined(list(dict.fromkeys(map(values, choices))))
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return ANYTHING if name == "JsonValue" else f"`{name}`"
    if "const" in node or "enum" in node:
        return joined(list(map(as_yaml, node.get("enum", [node.get("const")]))))
    if node.get("type") == "array":
        return f"list of {several(node.get('prefixItems') or [node.get('items', {})])}{bounds(node)}"
    if node.get("type") == "object":
        return f"mapping of names to {several(entries_of(node) or [{}])}"
    return KINDS.get(node.get("type", ""), ANYTHING) + bounds(node)


def several(entries: Sequence[Node]) -> str:
    """Return in words what the entries of a list or a mapping may be: "whole numbers, 1 or more"."""
    told = [one.partition(",") for one in dict.fromkeys(map(values, entries))]
    return joined(["".join([SEVERAL.get(kind, kind), *limits]) for kind, *limits in told])


def bounds(node: Node) -> str:
    r"""Return the limits of a number, or of a text's or a list's length: ", 1 or more", ", above 0 and at most 1"."""
    told = []
    for suffix in ("", "Length", "Items"):
        unit = f" {UNITS[suffix]}" if suffix else ""
        least = node.get(f"min{suffix}" if suffix else "minimum")
        most = node.get(f"max{suffix}" if suffix else "maximum")
        limits = [f"above {number(node['exclusiveMinimum'])}"] if not suffix and "exclusiveMinimum" in node else []
        if least is not None and least == most:
            limits.append(f"{number(least)}{unit}")
        elif least is not None and most is not None:
            limits.append(f"{number(least)} to {number(most)}{unit}")
        elif least is not None:
            limits.append(f"{number(least)} or more{unit}")
        elif most is not None:
            limits.append(f"at most {number(most)}{unit}")
        if not suffix and "exclusiveMaximum" in node:
            limits.append(f"below {number(node['exclusiveMaximum'])}")
        told += [" and ".join(limits)] if limits else []
    if "multipleOf" in node:
        told.append(f"a multiple of {number(node['multipleOf'])}")
    if "pattern" in node:
        told.append(f"of the form `{node['pattern']}`")
    return "".join(f", {one}" for one in told)


def choices_of(node: Node) -> Sequence[Node]:
    choices: Sequence[Node] = node.get("anyOf") or node.get("oneOf") or []
    return choices


def entries_of(node: Node) -> Sequence[Node]:
    """Return the schemas of a mapping's values."""
    named = node.get("additionalProperties")
    return [*([named] if isinstance(named, Mapping) else []), *node.get("patternProperties", {}).values()]


def joined(parts: Sequence[str]) -> str:
    """Return "a, b or c", or "a, 1 or more; or b" if a part has such words itself."""
    *first, last = parts
    if not first:
        return last
    apart = any("," in part or " or " in part for part in parts)
    return f"{'; '.join(first)}; or {last}" if apart else f"{', '.join(first)} or {last}"


def as_yaml(value: Any) -> str:
    """Return a value as YAML may write it in one line, in backquotes."""
    return f"`{in_one_line(value)}`"


def in_one_line(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(in_one_line, value))}]"
    if isinstance(value, str) and not value.isprintable():
        return json.dumps(value)  # "\n\n", which YAML reads too
    return yaml.safe_dump(value, default_flow_style=True, width=math.inf).removesuffix("...\n").strip()


def number(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else f"{value:g}"


def flat(text: str) -> str:
    return " ".join(text.split())
