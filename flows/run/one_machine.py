"""The meeting of torch's launcher with nobody, for the ranks of one machine.

torch's own meetings keep a store for the launchers of all machines, even if there is only one. Over the network it
listens on all interfaces, and what is found in it is unpickled
(torch/distributed/elastic/rendezvous/c10d_rendezvous_backend.py). In a file it gets a heartbeat every 5 s, and one that
a full disk has torn is read for ever (`File::read` in torch/csrc/distributed/c10d/FileStore.cpp waits for the rest).
"""

from torch.distributed import HashStore
from torch.distributed.elastic.rendezvous.api import (
    RendezvousHandler,
    RendezvousInfo,
    RendezvousParameters,
    RendezvousStoreInfo,
    rendezvous_handler_registry,
)

BACKEND = "one-machine"
"""Name for torch's LaunchConfig."""


class OneMachine(RendezvousHandler):
    """A meeting that is over at once. Its store is this process's memory."""

    def __init__(self, parameters: RendezvousParameters) -> None:
        self.run_id = parameters.run_id

    def get_backend(self) -> str:
        return BACKEND

    def next_rendezvous(self) -> RendezvousInfo:
        store = HashStore()
        return RendezvousInfo(store, 0, 1, RendezvousStoreInfo.build(0, store, "localhost"))

    def is_closed(self) -> bool:
        return False

    def set_closed(self) -> None:
        """Do nothing: nobody else would come."""

    def num_nodes_waiting(self) -> int:
        return 0

    def get_run_id(self) -> str:
        return self.run_id

    def shutdown(self) -> bool:
        return True


rendezvous_handler_registry.register(BACKEND, OneMachine)
