"""The command line by which the server of judging's workers starts: cut off, where bubblewrap is there, from network,
other processes and all files but the interpreter's and our own packages; and always without the environment."""

import sys
from pathlib import Path

ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",  # the workers share the cores; and a process that runs threads must not fork
    "OPENBLAS_NUM_THREADS": "1",
}
"""All that a worker finds in its environment, in /proc/self/environ too: it is not removed but never given."""
ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("configs", "filters", "records")
START = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from filters.fork_server import main; main()"
PYTHON = [sys.executable, "-I", "-B", "-c", START]


def plain_command() -> list[str]:
    """Return the command line without bubblewrap."""
    return PYTHON


def isolated_command(bwrap: str, is_root: bool) -> list[str]:
    """Return the command line in namespaces of its own. Everything in them dies with the server, as it is the process
    for which bubblewrap made them."""
    arguments = [bwrap, "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    # bubblewrap leaves root's rights to root, who could make the host's files writable again.
    arguments += ["--cap-drop", "ALL"] if is_root else ["--unshare-user"]
    arguments += ["--new-session", "--dev", "/dev", "--tmpfs", "/tmp", "--ro-bind", "/usr", "/usr"]
    for name in ("lib", "lib32", "lib64", "libx32", "bin"):
        path = Path("/") / name
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            arguments += ["--ro-bind", str(path), str(path)]
    arguments += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    own = [Path(sys.base_prefix), Path(sys.prefix), *(ROOT / package for package in PACKAGES)]
    for path in dict.fromkeys(own):
        if not path.is_relative_to("/usr"):
            arguments += ["--ro-bind", str(path), str(path)]
    return [*arguments, "--chdir", "/tmp", *PYTHON]
