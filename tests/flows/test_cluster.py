"""A run gives the same result on local threads, two Ray nodes and Dask, even if a worker is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dask
import psutil
import pytest
from command import artifact
from conftest import ROOT, free_port
from sampling_makers import contents

from configs.distribution import Distribution
from flows.run.cluster import Cluster
from records.errors import InputError

FLOW = """
import sys
from flows.run.server_password import protect_server
protect_server()
from flows.run import prefect_setup  # before prefect
from prefect import flow
from configs.load import load_config
from flows.distill import plan_distillation
from flows.plan import Plan
from flows.run.building import build
from flows.run.cluster import Cluster

@flow
def sample_and_judge(run_dir: str, distribution: list[str]) -> None:
    teacher = ["teacher.in_flight=4", "teacher.latency_s=0.15"]
    overrides = [f"run_dir={run_dir}", "sampling.shard_size=16", "sampling.reuse=[]", *teacher, *distribution]
    config = load_config("configs/demo/fake.yaml", overrides)
    with Cluster(config.distribution) as cluster:
        for group in Plan.of(plan_distillation(config).judged).groups():
            build(group, cluster)

for given in sys.argv[1:]:
    sample_and_judge(*given.split(" ")[:1], given.split(" ")[1:])
    print("done", given, flush=True)
"""
IMPORTS = """
from flows.run import prefect_setup  # before prefect
from configs.distribution import Distribution
from flows.run.cluster import Cluster
import ray

def imported():
    import antigravity_of_a_stranger

with Cluster(Distribution(runner="ray", sampling_workers=1)) as cluster, cluster.runner(1, 0):
    ray.get(ray.remote(imported).remote())
"""
STARTED = """
import sys
from flows.run import prefect_setup  # before prefect
from configs.distribution import Distribution
from flows.run.cluster import Cluster

if __name__ == "__main__":  # Dask spawns its workers
    with Cluster(Distribution(runner=sys.argv[1])) as cluster, cluster.runner(1, 0) as runner:
        if sys.argv[1] == "ray":
            import ray

            node = ray._private.worker.global_worker.node
            print(node.gcs_address, node.get_session_dir_path(), flush=True)
        else:
            [worker] = runner._cluster.workers.values()
            print(runner._cluster.scheduler_address, worker.local_directory, flush=True)
        sys.stdin.read()
"""
STRANGER = {
    "ray": "import sys, ray; ray.init(sys.argv[1]); print(ray.get(ray.remote(lambda: 'in').remote()))",
    "dask": "import sys, distributed; print(distributed.Client(sys.argv[1], timeout=20).submit(lambda: 'in').result())",
}
PAGES = """
from urllib.error import HTTPError
from urllib.request import urlopen
from flows.run import prefect_setup  # before prefect
from configs.distribution import Distribution
from flows.run.cluster import Cluster

if __name__ == "__main__":
    with Cluster(Distribution(runner="dask")) as cluster, cluster.runner(1, 0) as runner:
        for page in ("info/main/workers.html", "json/counts.json", "metrics", "health"):
            try:
                port = runner._cluster.scheduler.services["dashboard"].port
                print(urlopen(f"http://127.0.0.1:{port}/{page}", timeout=30).status)
            except HTTPError as error:
                print(error.code)
"""
WORKERS = "distribution.sampling_workers=2 distribution.judging_workers=2"


@pytest.fixture(scope="module")
def two_ray_nodes() -> Iterator[str]:
    """Their address."""
    command = [sys.executable, str(ROOT / "tests" / "flows" / "cluster_nodes.py"), "2"]
    nodes = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert nodes.stdin
    assert nodes.stdout
    yield nodes.stdout.readline().strip()
    nodes.stdin.close()
    nodes.wait(30)


def ray_workers(_flow: int) -> list[psutil.Process]:
    """Those that have a zygote for their stages' processes, wherever Ray started them."""
    parents = [process.parent() for process in psutil.process_iter() if is_zygote(process)]
    return [parent for parent in parents if parent and "ray::" in cmdline(parent)]


def dask_workers(flow: int) -> list[psutil.Process]:
    """Those that have a zygote for their stages' processes, below the flow's own process."""
    below = psutil.Process(flow).children(recursive=True)
    parents = [process.parent() for process in below if is_zygote(process)]
    return [parent for parent in parents if parent and parent.pid != flow and not is_zygote(parent)]


def is_zygote(process: psutil.Process) -> bool:
    return "flows.run.stage_process" in cmdline(process)


def cmdline(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@pytest.mark.timeout(400)
def test_on_threads_ray_and_dask_the_rows_are_the_same_although_workers_are_killed(
    tmp_path: Path, two_ray_nodes: str
) -> None:
    runs = [
        f"{tmp_path}/threads {WORKERS}",
        f"{tmp_path}/ray distribution.runner=ray distribution.address={two_ray_nodes} {WORKERS}",
        f"{tmp_path}/dask distribution.runner=dask {WORKERS}",
    ]
    log = tmp_path / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen([sys.executable, "-c", FLOW, *runs], cwd=ROOT, stdout=output, stderr=output)
    workers = {"ray": ray_workers, "dask": dask_workers}
    killed = {name: kill_a_worker(tmp_path / name, found, process) for name, found in workers.items()}
    assert process.wait() == 0, log.read_text()
    assert all(killed.values()), log.read_text()
    for stage in ("sample", "judge"):
        rows = {name: contents(artifact(tmp_path / name, stage)) for name in ("threads", "ray", "dask")}
        manifests = {name: json.loads(files.pop("manifest.json")) for name, files in rows.items()}
        assert rows["threads"] == rows["ray"] == rows["dask"]
        assert {manifest["counts"]["traces"] for manifest in manifests.values()} == {236}


@pytest.mark.parametrize("runner", ["ray", "dask"])
def test_the_command_sends_its_stages_to_a_cluster(runner: str, tmp_path: Path) -> None:
    given = [f"run_dir={tmp_path}", f"distribution.runner={runner}", "teacher.accuracy=0", "problems.0.size=5"]
    command = [sys.executable, "-m", "flows", "distill", "configs/demo/fake.yaml", *given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "no trace was accepted" in done.stderr, done.stderr


def test_a_ray_worker_imports_nothing_from_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "antigravity_of_a_stranger.py").write_text("open('it_ran', 'w')")
    command = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{IMPORTS}"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True, env=environment)
    assert "ModuleNotFoundError" in done.stderr
    assert not (tmp_path / "it_ran").exists()


@pytest.mark.parametrize("runner", ["ray", "dask"])
def test_a_cluster_that_is_started_here_takes_nothing_from_strangers(runner: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTED, runner]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    within = tmp_path / "set" if runner == "dask" else Path("/")
    environment = os.environ | {"DASK_TEMPORARY_DIRECTORY": str(tmp_path / "set")}
    with subprocess.Popen(command, cwd=ROOT, text=True, env=environment, **pipes) as cluster:
        address, *folder = cluster.stdout.readline().split()
        for path in folder:
            parents = [parent for parent in Path(path).parents if within in parent.parents]
            assert any(parent.stat().st_mode & 0o077 == 0 for parent in parents), "others may enter"
        own = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
        there = [sys.executable, "-c", STRANGER[runner], address.replace("tls:", "tcp:")]
        refused = subprocess.run(there, cwd=tmp_path, check=False, capture_output=True, text=True, env=own)
        cluster.stdin.close()
    assert address
    assert refused.returncode != 0
    assert "in\n" not in refused.stdout
    assert not any(Path(path).exists() for path in folder)


def test_a_dask_cluster_that_is_started_here_shows_nothing_of_itself() -> None:
    done = subprocess.run([sys.executable, "-c", PAGES], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["404"] * 4, done.stderr


@pytest.mark.parametrize("name", ["long" * 20, "ü"])
def test_a_folder_too_long_for_the_sockets_of_ray_or_not_in_ascii(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    command = [sys.executable, "-c", STARTED, "ray"]
    environment = os.environ | {"RAY_TMPDIR": str(folder)}
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, env=environment, input="")
    assert "InputError: distribution.address: no ray cluster at this machine (" in done.stderr
    assert "set RAY_TMPDIR to a folder with a short name in ASCII" in done.stderr
    assert not list(folder.iterdir())


@pytest.mark.parametrize("runner", ["ray", "dask"])
@pytest.mark.parametrize("address", ["local", ""])
def test_no_address_starts_a_cluster_here_that_is_not_protected(runner: str, address: str) -> None:
    with pytest.raises(ValueError, match="has no port; write host:port, or null for a cluster that is started here"):
        Distribution(runner=runner, address=address)


@pytest.mark.parametrize("stated", [{}, {"RAY_ADDRESS": ""}, {"RAY_ADDRESS": "auto"}, {"RAY_ADDRESS": "local"}])
def test_ray_joins_no_cluster_that_it_happens_to_find(stated: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    for name, value in stated.items():
        monkeypatch.setenv(name, value)
    with (
        Cluster(Distribution(runner="ray", address="auto")) as cluster,
        pytest.raises(InputError, match=r"^distribution.address: auto needs RAY_ADDRESS"),
        cluster.runner(1, 0),
    ):
        pass


def test_no_dask_cluster_at_the_address() -> None:
    distribution = Distribution(runner="dask", address=f"localhost:{free_port()}")
    soon = dask.config.set({"distributed.comm.timeouts.connect": "1s"})
    with (
        soon,
        Cluster(distribution) as cluster,
        pytest.raises(InputError, match=r"^distribution.address: no dask"),
    ):
        cluster.dask_runner()


def kill_a_worker(run_dir: Path, workers: Callable[[int], list[psutil.Process]], flow: subprocess.Popen[bytes]) -> bool:
    """kill -9 one of the workers as soon as something is sampled. False if the flow ended before."""
    while flow.poll() is None:
        if any(run_dir.glob("sample-*/traces-*.jsonl")):
            found = workers(flow.pid)
            if found:
                os.kill(found[0].pid, signal.SIGKILL)
                return True
        time.sleep(0.05)
    return False
