"""A user's own mistake shows its message in Prefect's logs, not our stack."""

import logging

from configs.load import ConfigError
from records.errors import InputError


class HideTracebacks(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], InputError | ConfigError):
            record.exc_info = record.exc_text = None
        return True


HIDE_TRACEBACKS = HideTracebacks()


def hide_tracebacks() -> None:
    """In this process, from now on."""
    for name in ("prefect.flow_runs", "prefect.task_runs", "prefect.engine"):
        logging.getLogger(name).addFilter(HIDE_TRACEBACKS)
