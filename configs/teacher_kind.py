"""What every kind of teacher says about itself, so that nobody else needs to know the kinds."""

from typing import ClassVar, NamedTuple

from configs.prompt import Prompt
from configs.section import Section
from configs.sources import TraceFile


class WeightsName(NamedTuple):
    """Weights that a config names."""

    place: str
    """Where they stand in the config, such as `teacher.serve`."""
    path: str
    revision: str | None


class TeacherKind(Section):
    """Defaults that fit most kinds; the others say otherwise."""

    sampled: ClassVar[bool] = True
    """Traces are drawn from it; otherwise it brings its problems and traces along."""
    continues: ClassVar[bool] = True
    """It can go on with the beginning of a completion."""

    @property
    def context(self) -> int | None:
        """Prompt and completion together, in tokens; None if there is no limit."""
        return None

    @property
    def reasons(self) -> bool:
        """Whether its completions reason before they answer."""
        return True

    @property
    def asks(self) -> Prompt:
        """How a problem is put to it."""
        return Prompt()

    @property
    def weights_names(self) -> list[WeightsName]:
        """The weights that are loaded for it on the machines of the run."""
        return []

    @property
    def trace_files(self) -> list[TraceFile]:
        """Files of traces that it consists of."""
        return []
