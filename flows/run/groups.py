"""Builds the groups of a plan in their order. An export that fails does not stop the others."""

from collections.abc import Callable, Collection, Sequence
from itertools import zip_longest
from pathlib import Path

from flows.plan import Stage
from flows.run.child import StageFailed
from flows.run.zygote import ZYGOTE
from records.errors import InputError

Group = tuple[Stage, ...]


class RunFailed(Exception):
    """Everything is built that can be, and yet the run fails: an export was refused, and with it the checkpoint, which
    is published with all of them or not at all; or a condition of the gate is not met."""

    def __init__(self, failed: list[str]) -> None:
        super().__init__("\n".join(failed))
        self.failed = failed
        """What failed, a line for each stage and condition."""


def build_groups(groups: Sequence[Group], exporting: Collection[Path], build: Callable[[Group], None]) -> list[str]:
    """Build the groups, and return what failed of the stages in `exporting`, a message for each.

    A stage that needs a failed one is not built. Errors: InputError, StageFailed of any other stage.
    """
    failed: dict[Path, str] = {}
    for group, following in zip_longest(groups, groups[1:]):
        stage = group[0]
        missing = next((need.name for need in stage.needs if need.path in failed), None)
        if missing:
            failed[stage.path] = f"{stage.name}: not built, because {missing} was not"
            continue
        ZYGOTE.next = following[0].libraries if following else ()
        try:
            build(group)
        except (InputError, StageFailed) as error:
            if stage.path not in exporting:
                raise
            failed[stage.path] = f"{stage.name}: {error}"
    return list(failed.values())
