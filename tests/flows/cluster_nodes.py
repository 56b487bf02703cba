"""Starts a Ray cluster of several nodes on this machine."""

import sys
import time

from ray.cluster_utils import Cluster

if __name__ == "__main__":
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    for _ in range(int(sys.argv[1]) - 1):
        cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    print(cluster.address, flush=True)
    while sys.stdin.read(1):  # until whoever started this is gone
        time.sleep(1)
    cluster.shutdown()
