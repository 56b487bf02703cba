"""Settings for where training runs. They change no weights that matter, so they enter no artifact's identity."""

from typing import Literal

from configs.section import Section


class Launch(Section):
    """Where the training stages run."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    """`auto` takes a GPU if there is one, and says so if a stage that wants one runs without. `cuda` refuses to run
    without a GPU."""
