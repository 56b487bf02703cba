"""The command line that starts bubblewrap: what of the machine a sandbox sees."""

import shutil
import sys
from pathlib import Path

from filters.verifiers.programs.packages import places_of
from filters.verifiers.programs.sandbox.files import PACKAGES, WRITABLE
from filters.verifiers.programs.sandbox.limits import Limits
from records.errors import InputError

INSTALL = "code is judged in bubblewrap only: `apt-get install bubblewrap` or `dnf install bubblewrap` (0.7 or newer)"
START = "import sys; sys.path.append('/harness'); from filters.verifiers.programs.sandbox.harness import main; main()"


def bubblewrap() -> str:
    """Return the path of bwrap. Errors: InputError if it is missing."""
    found = shutil.which("bwrap")
    if not found:
        raise InputError(f"bwrap is missing: {INSTALL}")
    return found


def hidden(prefix: str) -> list[str]:
    """Return arguments that hide what a host keeps below /usr for itself, such as a checkout in /usr/src. The
    interpreter's own programs and libraries stay."""
    arguments = []
    for folder in (Path("/usr/local"), Path("/usr/src")):
        if folder.is_dir():
            arguments += ["--perms", "0755", "--tmpfs", str(folder)]
            own = [Path(prefix)] if Path(prefix) != folder else [folder / "bin", folder / "lib", folder / "lib64"]
            for path in own:
                if path.is_relative_to(folder) and path.is_dir():
                    for parent in [parent for parent in reversed(path.parents) if parent.is_relative_to(folder)][1:]:
                        arguments += ["--perms", "0755", "--dir", str(parent)]
                    arguments += ["--ro-bind", str(path), str(path)]
            arguments += ["--remount-ro", str(folder)]
    return arguments


def command(bwrap: str, limits: Limits, user: int | None, info: int) -> list[str]:
    """Build the whole command line. An ordinary user needs a user namespace; root drops to `user` in the harness."""
    prefix = sys.base_prefix
    arguments = [bwrap, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    if user is None:
        arguments += ["--unshare-user", "--uid", "65534", "--gid", "65534"]
    arguments += ["--die-with-parent", "--new-session", "--as-pid-1", "--info-fd", str(info)]
    arguments += ["--ro-bind", "/usr", "/usr", *hidden(prefix)]
    for name in ("lib", "lib32", "lib64", "libx32"):
        path = Path("/") / name
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            arguments += ["--ro-bind", str(path), str(path)]
    if not Path(prefix).is_relative_to("/usr"):
        for parent in reversed(Path(prefix).parents[:-1]):  # bwrap would make them readable by root only
            arguments += ["--perms", "0755", "--dir", str(parent)]
        arguments += ["--ro-bind", prefix, prefix]
    for folder in ("/harness", "/harness/filters", "/harness/filters/verifiers", "/harness/filters/verifiers/programs"):
        arguments += ["--perms", "0755", "--dir", folder]
    arguments += ["--ro-bind", str(Path(__file__).parent), "/harness/filters/verifiers/programs/sandbox"]
    if limits.packages:
        arguments += ["--perms", "0755", "--dir", PACKAGES]
        for name, place in places_of(limits.packages).items():
            arguments += ["--ro-bind", str(place), f"{PACKAGES}/{name}"]
    arguments += ["--dev", "/dev", "--remount-ro", "/dev"]
    for folder, mib in zip(WRITABLE, (limits.tmp_mib, limits.file_mib), strict=True):
        arguments += ["--perms", "1777", "--size", str(mib << 20), "--tmpfs", folder]
    arguments += ["--remount-ro", "/", "--chdir", "/tmp", "--setenv", "PYTHONHASHSEED", "0"]
    # Else the C library sets 64 MiB of address space aside for each thread, and 16 of them fail by chance.
    arguments += ["--setenv", "MALLOC_ARENA_MAX", "1"]
    python = f"{prefix}/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    return [*arguments, python, "-s", "-S", "-P", "-B", "-c", START]
