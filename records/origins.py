"""Tells from what an artifact was made, so that one is not taken that was made from another than lies there now.

An artifact's name says how it is made. A training on a GPU, or a hosted teacher, makes something else each time: who
deletes a model and has it built again has another one under the old name, and the scores of the first one beside it.
"""

from collections.abc import Iterable

from records.artifact import ORIGINS, read_manifest
from records.hashing import fingerprint
from records.rows import Artifact

TOLD_ALONE = ("training/", "surplus/", "costs.json", "tokenizer_config.json")
"""Files that nothing is made from, or whose bytes tell times, or whether transformers was offline."""


def origins(needs: Iterable[Artifact]) -> dict[str, str]:
    """Return the content of complete artifacts by the names of their folders."""
    return {need.path.name: content_of(need) for need in needs}


def content_of(artifact: Artifact) -> str:
    """Return a hash of a complete artifact's files, by its manifest."""
    files = read_manifest(artifact)["files"]
    return fingerprint({name: files[name]["sha256"] for name in files if not name.startswith(TOLD_ALONE)})


def made_from_another(artifact: Artifact, needs: Iterable[Artifact]) -> Artifact | None:
    """Return one of `needs` that had another content when the artifact was made from it; None if all are as they were,
    or if its manifest tells nothing of them, as those of older versions."""
    told = read_manifest(artifact).get(ORIGINS)
    known = told if isinstance(told, dict) else {}
    known_needs = (need for need in needs if need.path.name in known)
    return next((need for need in known_needs if known[need.path.name] != content_of(need)), None)
