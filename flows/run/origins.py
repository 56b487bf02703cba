"""Refuses artifacts that were made from others than lie in the run directory now."""

from collections.abc import Iterable

from flows.plan import Stage
from records.errors import InputError
from records.origins import made_from_another, origins
from records.run_folders import has_manifest


def origins_of(stage: Stage) -> dict[str, str]:
    """Return what a manifest tells of the complete artifacts that a stage needs."""
    return origins(need.artifact for need in stage.needs)


def check_origins(stages: Iterable[Stage]) -> None:
    """Check complete stages against the complete ones that they need: one of these may have been deleted and built
    again, or copied from another run. Errors: InputError."""
    found = {}
    for stage in stages:
        if has_manifest(stage.path):
            needs = (need.artifact for need in stage.needs if has_manifest(need.path))
            if other := made_from_another(stage.artifact, needs):
                found[stage.path] = other.path.name
    if found:
        place, other_name = next(iter(found.items()))
        raise InputError(
            f"{place}: was made from another {other_name} than the one that is there now; delete "
            f"{' and '.join(map(str, found))} to build what depends on it again"
        )
