"""The properties that every kind of teacher declares, so that other code need not distinguish the kinds."""

from typing import ClassVar, NamedTuple

from pydantic import Field

from configs.prompt import Prompt
from configs.section import Section
from configs.sources import TraceFile


class WeightsName(NamedTuple):
    """Weights that a config names."""

    place: str
    """Their section of the config, such as `teacher.serve`."""
    path: str
    revision: str | None


class TeacherKind(Section):
    """The properties with defaults that fit most kinds; the other kinds override them."""

    sampled: ClassVar[bool] = True
    """True if traces are drawn from it; False if it brings its own problems and traces."""
    continues: ClassVar[bool] = True
    """True if it can continue the beginning of a completion."""

    @property
    def names_tokens(self) -> bool:
        """True if it is known which vocabulary its token ids belong to."""
        return True

    @property
    def context(self) -> int | None:
        """Prompt and completion together, in tokens; None if there is no limit."""
        return None

    @property
    def reasons(self) -> bool:
        """True if its completions reason before they answer."""
        return True

    @property
    def asks(self) -> Prompt:
        """The prompt with which problems are put to it."""
        return Prompt()

    @property
    def weights_names(self) -> list[WeightsName]:
        """The weights that are loaded for it on the machines of the run."""
        return []

    @property
    def origin(self) -> str:
        """Path or name of the model, from which its licence is known; empty if the run makes the model itself."""
        return ""

    @property
    def trace_files(self) -> list[TraceFile]:
        """The files of recorded traces that it consists of."""
        return []


class ModelTeacher(TeacherKind):
    """A teacher that is a model: it has a context, a prompt of its own, and may reason."""

    max_model_len: int = Field(default=32768, ge=16)
    """Context in tokens: prompt and completion together."""
    prompt: Prompt = Prompt()
    """A family's name, a file, or the fields themselves."""
    thinks: bool = True
    """Whether completions reason before they answer. If not, the whole completion is the answer."""

    @property
    def context(self) -> int:
        return self.max_model_len

    @property
    def reasons(self) -> bool:
        return self.thinks

    @property
    def asks(self) -> Prompt:
        return self.prompt
