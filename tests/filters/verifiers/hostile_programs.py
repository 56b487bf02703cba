# ruff: noqa: E501  one program a line
"""Programs that attack the judge. Each could pass only by its attack, and is listed with the verdicts that are right.

The task is `f(1) == 2`, `f(2) == 3`, `f([1, 2]) == [2, 3]`. Read by the tests of the sandbox; no sandbox imports
anything from here.
"""

TIME, SLOW, WRONG, KILLED = (
    ("fail", "timeout"),
    ("unknown", "timeout"),
    ("fail", "tests_failed"),
    ("unknown", "unverifiable"),
)
LIKE = "def f(x):\n    return x\n"
EQUAL = """
class AlwaysEqual{base}:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 2
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    def __len__(self): return 2
    def __iter__(self): return iter([2, 3])
"""
# How a program finds descriptors to write to: all of them.
WRITE_ALL = """
import json, os, struct
def shout(message):
    data = json.dumps(message).encode()
    for fd in range(0, 64):
        try: os.write(fd, struct.pack('>Q', len(data)) + data)
        except OSError: pass
"""

# Right if the attack works, and only then: `works` is what an attack sets.
IF_IT_WORKS = "\ndef f(x):\n    return ([i + 1 for i in x] if isinstance(x, list) else x + 1) if works else None\n"
LIBC = "import ctypes, platform\nlibc = ctypes.CDLL(None, use_errno=True)\narm = platform.machine() == 'aarch64'\n"

HOSTILE: dict[str, tuple[str, set[tuple[str, str]]]] = {
    # The kernel's corners that no namespace covers
    "session_keyring": (
        LIBC + "works = libc.syscall(217 if arm else 248, b'user', b'left here', b'x', 1, -3) >= 0" + IF_IT_WORKS, {WRONG}
    ),
    "keyctl": (LIBC + "works = libc.syscall(219 if arm else 250, 0, -3, 1) >= 0" + IF_IT_WORKS, {WRONG}),
    "vsock": (LIBC + "works = libc.socket(40, 1, 0) >= 0" + IF_IT_WORKS, {WRONG}),
    "socket_buffers": (
        "import socket\nworks = True\npair = socket.socketpair()\n"
        "for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):\n"
        "    try: pair[0].setsockopt(socket.SOL_SOCKET, option, 1 << 22)\n    except OSError: works = False" + IF_IT_WORKS, {WRONG}
    ),
    "io_uring": (LIBC + "works = libc.syscall(425, 1, bytes(256)) >= 0" + IF_IT_WORKS, {WRONG}),
    "x32_table": (LIBC + "works = not arm and libc.syscall(0x40000000 + 250, 0, -3, 1) >= 0" + IF_IT_WORKS, {WRONG}),
    "user_namespace": (LIBC + "works = libc.unshare(0x10000000) == 0" + IF_IT_WORKS, {WRONG}),
    "user_namespace_by_clone": (
        LIBC + "import os\nparent = os.getpid()\nchild = libc.syscall(220 if arm else 56, 0x10000011, 0, 0, 0, 0)\n"
        "if os.getpid() != parent: os._exit(0)\nworks = child > 0" + IF_IT_WORKS, {WRONG}
    ),
    "user_namespace_by_clone3": (
        LIBC + "import os, struct\nparent = os.getpid()\nchild = libc.syscall(435, struct.pack('8Q', 0x10000000, 0, 0, 0, 17, 0, 0, 0), 64)\n"
        "if os.getpid() != parent: os._exit(0)\nworks = child > 0" + IF_IT_WORKS, {WRONG}
    ),
    "tcp_buffers": (
        "import socket\nworks = False\nfor family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK):\n"
        "    try: socket.socket(family, socket.SOCK_STREAM if family != socket.AF_NETLINK else socket.SOCK_RAW).close()\n"
        "    except OSError: continue\n    works = True" + IF_IT_WORKS, {WRONG}
    ),
    "limits_of_the_harness": (
        "import resource\nworks = True\ntry: resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0))\nexcept OSError: works = False"
        + IF_IT_WORKS, {WRONG}
    ),
    "share_of_the_harness": (
        LIBC + "nothing = bytes(64)\nworks = any(libc.syscall(number, *arguments) == 0 for number, arguments in (\n"
        "    (119 if arm else 144, (1, 5, nothing)), (118 if arm else 142, (1, nothing)), (122 if arm else 203, (1, 8, b'\\xff' * 8)),\n"
        "    (274 if arm else 314, (1, bytes([48, 0, 0, 0, 5]) + bytes(43), 0)), (140 if arm else 141, (0, 1, 19)),\n"
        "    (140 if arm else 141, (2, 0, 19)), (30 if arm else 251, (1, 1, 3 << 13)), (30 if arm else 251, (3, 0, 3 << 13))))" + IF_IT_WORKS, {WRONG}
    ),
    "share_of_its_own": (
        "import os\ntry:\n    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))\n    works = True\n"
        "except OSError:\n    works = False" + IF_IT_WORKS, {WRONG}
    ),
    "sources_of_the_host": ("import os\nworks = bool(os.listdir('/usr/src') + os.listdir('/usr/local'))" + IF_IT_WORKS, {WRONG}),
    # Resources
    "fork_bomb": ("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n", {TIME, SLOW}),
    "fork_bomb_in_call": ("import os\ndef f(x):\n    while True:\n        os.fork()\n", {WRONG, TIME, SLOW}),
    "thread_bomb": ("import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(99,)).start()", {WRONG}),
    "memory": ("x = []\nwhile True: x.append(bytearray(1 << 20))", {WRONG}),
    "memory_at_once": ("x = bytearray(1 << 40)", {WRONG}),
    "memory_swallowed": (
        "x = []\ntry:\n    while True: x.append(bytearray(1 << 20))\nexcept MemoryError: pass\n" + LIKE, {WRONG}
    ),
    "memfd": ("import os\nwhile True: os.write(os.memfd_create('m'), b'x' * (1 << 20))", {WRONG}),
    "children_share_out_memory": (
        "import os, time\nfor _ in range(20):\n    if not os.fork():\n        x = bytearray(b'x') * (120 << 20)\n        time.sleep(60)\n"
        "time.sleep(60)\n" + LIKE, {WRONG}
    ),
    "sysv_shared_memory": (LIBC + "works = libc.shmget(0, 64 << 20, 0o1600) >= 0" + IF_IT_WORKS, {WRONG}),
    "memory_file": (LIBC + "works = libc.memfd_create(b'm', 0) >= 0" + IF_IT_WORKS, {WRONG}),
    "disk": ("i = 0\nwhile True:\n    i += 1\n    open(f'/tmp/{i}', 'wb').write(b'x' * (1 << 22))", {WRONG}),
    "one_big_file": ("h = open('/tmp/x', 'wb')\nwhile True: h.write(b'x' * (1 << 20))", {WRONG}),
    "many_files": ("import os\nfor i in range(200_000): os.mkdir(f'/tmp/{i}')\nworks = True" + IF_IT_WORKS, {WRONG}),
    "many_semaphores": ("import os\nfor i in range(200_000): os.mkdir(f'/dev/shm/{i}')\nworks = True" + IF_IT_WORKS, {WRONG}),
    "descriptors": ("x = []\nwhile True: x.append(open('/dev/null'))", {WRONG}),
    "output_flood": ("while True: print('x' * 100000)", {TIME}),
    "error_flood": ("import sys\nwhile True: sys.stderr.write('x' * 100000)", {TIME}),
    "sleep": ("import time\ntime.sleep(1000)", {TIME}),
    "sleep_in_call": ("import time\ndef f(x): time.sleep(1000)", {TIME}),
    "deadlock": ("import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()", {TIME}),
    "stop_itself": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", {TIME}),
    "waits_for_itself": (
        "import os, time\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nfor _ in range(20):\n    if not os.fork(): break\n"
        "while True:\n    time.sleep(0.05 - time.monotonic() % 0.05)\n    end = time.thread_time() + 0.0002\n"
        "    while time.thread_time() < end: pass\n", {TIME}
    ),
    "spin": ("while True: pass", {TIME}),
    "spin_in_call": ("def f(x):\n    while True: pass", {TIME}),
    "spin_in_c": ("def f(x): return pow(7, 10 ** 8)", {TIME}),
    "spin_in_threads": (
        "import threading\ndef spin():\n    while True: pass\nfor _ in range(4): threading.Thread(target=spin).start()\n"
        "def f(x): spin()", {TIME}
    ),
    "children_without_account": (
        "import os, signal, time\nworks = True\ntry: signal.signal(signal.SIGCHLD, signal.SIG_IGN)\nexcept OSError: works = False\n"
        "for _ in range(3 * works):\n    inside, outside = os.pipe()\n    if not os.fork():\n        while time.process_time() < 0.5: pass\n"
        "        os._exit(0)\n    os.close(outside)\n    os.read(inside, 1)" + IF_IT_WORKS, {WRONG}
    ),
    "spin_in_exit": ("import atexit\ndef spin():\n    while True: pass\natexit.register(spin)\n" + LIKE, {WRONG}),
    "ignores_sigxcpu": (
        "import signal\nfor s in range(1, 32):\n    try: signal.signal(s, signal.SIG_IGN)\n    except OSError: pass\n"
        "while True: pass", {TIME}
    ),
    "raises_its_limits": (
        "import resource\nfor n in range(16):\n    try: resource.setrlimit(n, (-1, -1))\n    except Exception: pass\n"
        "while True: pass", {TIME}
    ),
    "recursion": ("def f(x): return f(x)", {WRONG}),
    "deep_recursion": ("import sys\nsys.setrecursionlimit(10**9)\ndef f(x): return [f(x)]", {WRONG, TIME}),
    "recursion_in_c": (
        "import sys\nsys.setrecursionlimit(10**9)\nclass A:\n    def __getattr__(self, n): return getattr(self, n + 'a')\n"
        "def f(x): return A().a", {WRONG, TIME}
    ),
    "infinite_generator": ("def f(x):\n    while True: yield 2", {WRONG}),
    "huge_result": ("def f(x): return [0] * 10**7", {WRONG}),
    "huge_integer": ("def f(x): return 1 << 10**8", {WRONG}),
    "nested_result": (
        "def f(x):\n    r = []\n    for _ in range(10**5): r = [r]\n    return r", {WRONG}
    ),
    "cyclic_result": ("def f(x):\n    r = []\n    r.append(r)\n    return r", {WRONG}),
    "power_tower": ("x = 9**9**9**9", {TIME, WRONG}),
    "catastrophic_regex": ("import re\nre.match('(a+)+$', 'a' * 60 + 'b')", {TIME}),
    # What it may not see or reach
    "read_passwd": ("x = open('/etc/passwd').read()", {WRONG}),
    "environment": ("import os\nassert os.environ, 'empty'", {WRONG}),
    "list_home": ("import os\nos.listdir('/root/.ssh')", {WRONG}),
    "list_work": ("import os\nos.listdir('/work')", {WRONG}),
    "read_proc": ("print(open('/proc/self/environ').read())", {WRONG}),
    "connect": ("import socket\nsocket.create_connection(('1.1.1.1', 53), 2)", {WRONG}),
    "resolve": ("import socket\nsocket.getaddrinfo('example.com', 80)", {WRONG}),
    "loopback": ("import socket\nsocket.create_connection(('127.0.0.1', 22), 2)", {WRONG}),
    "shell": ("import subprocess\nsubprocess.run('id', shell=True, check=True)", {WRONG}),
    "write_outside": ("open('/usr/x', 'w')", {WRONG}),
    "write_root": ("open('/x', 'w')", {WRONG}),
    "write_harness": ("open('/harness/filters/programs/sandbox/examiner.py', 'w')", {WRONG}),
    "write_dev": ("open('/dev/x', 'w')", {WRONG}),
    "setuid": ("import os\nos.setuid(0)", {WRONG}),
    "mount": ("import ctypes\nassert not ctypes.CDLL(None).mount(b'none', b'/tmp', b'tmpfs', 0, None)", {WRONG}),
    "chroot": ("import os\nos.chroot('/tmp')", {WRONG}),
    # Signals and processes
    "kill_all": ("import os\nos.kill(-1, 9)", {WRONG, KILLED}),
    "kill_all_in_call": ("import os\ndef f(x): os.kill(-1, 9)", {WRONG, KILLED}),
    "kill_parent": ("import os\nfor s in range(1, 65):\n    try: os.kill(os.getppid(), s)\n    except OSError: pass\n" + LIKE, {WRONG}),
    "kill_one": ("import os\nfor s in (9, 15, 19): os.kill(1, s)\n" + LIKE, {WRONG}),
    "kill_group": ("import os\nos.kill(0, 9)", {WRONG, KILLED}),
    "kill_itself": ("import os\nos.kill(os.getpid(), 9)", {WRONG, KILLED}),
    "daemon": (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(1000)\n    os._exit(0)\n"
        + LIKE, {WRONG}
    ),
    "trace_parent": (
        "import ctypes, os\nassert ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) == 0, 'refused'", {WRONG}
    ),
    "read_parent_memory": (
        "import ctypes, os\nb = ctypes.create_string_buffer(8)\nclass V(ctypes.Structure): _fields_ = [('p', ctypes.c_void_p), ('n', ctypes.c_size_t)]\n"
        "v = V(ctypes.addressof(b), 8)\nw = V(id(v), 8)\n"
        "assert ctypes.CDLL(None).process_vm_readv(os.getppid(), ctypes.byref(v), 1, ctypes.byref(w), 1, 0) > 0, 'refused'", {WRONG}
    ),
    "segfault": ("import ctypes\nctypes.string_at(0)", {WRONG}),
    "segfault_in_call": ("import ctypes\ndef f(x): ctypes.string_at(0)", {WRONG}),
    "abort": ("import os\nos.abort()", {WRONG}),
    # Ending early
    "exit_0": ("import sys\nsys.exit(0)", {WRONG}),
    "exit_in_call": ("import sys\ndef f(x): sys.exit(0)", {WRONG}),
    "os_exit": ("import os\nos._exit(0)", {WRONG}),
    "os_exit_in_call": ("import os\ndef f(x): os._exit(0)", {WRONG}),
    "raise_exit": ("raise SystemExit", {WRONG}),
    "raise_interrupt": ("def f(x): raise KeyboardInterrupt", {WRONG}),
    "raise_stop": ("def f(x): raise StopIteration", {WRONG}),
    "raise_generator_exit": ("def f(x): raise GeneratorExit", {WRONG}),
    "exit_at_exit": ("import atexit, os\natexit.register(lambda: os._exit(0))\nraise SystemExit(0)", {WRONG}),
    "close_descriptors": ("import os\nos.closerange(0, 100)\n" + LIKE, {WRONG}),
    "exec_python": ("import os, sys\nos.execv(sys.executable, [sys.executable, '-c', 'pass'])", {WRONG}),
    # Faking the result
    "prints_passed": ("print('all tests passed')\nprint('{\"outcome\": \"pass\"}')\n" + LIKE, {WRONG}),
    "always_equal": (EQUAL.format(base="") + "def f(x): return AlwaysEqual()", {WRONG}),
    "always_equal_int": (EQUAL.format(base="(int)") + "def f(x): return AlwaysEqual(7)", {WRONG}),
    "always_equal_list": (EQUAL.format(base="(list)") + "def f(x): return AlwaysEqual([7])", {WRONG}),
    "always_equal_str": (EQUAL.format(base="(str)") + "def f(x): return AlwaysEqual('7')", {WRONG}),
    "always_equal_type": (
        "class M(type):\n    def __eq__(s, o): return True\n    def __hash__(s): return 1\nclass f(metaclass=M):\n    def __init__(s, x): pass",
        {WRONG},
    ),
    "patches_builtins": (
        "import builtins\nbuiltins.AssertionError = type('X', (Exception,), {})\nbuiltins.all = lambda x: True\n"
        "builtins.isinstance = lambda *a: True\nbuiltins.len = lambda x: 2\n" + LIKE, {WRONG}
    ),
    "shadows_builtins": ("all = any = len = abs = sorted = isinstance = lambda *a: True\n__builtins__ = {}\n" + LIKE, {WRONG}),
    "patches_json": ("import json\njson.dumps = lambda *a, **k: '{\"value\": {\"nodes\": [], \"root\": true}}'\n" + LIKE, {WRONG}),
    "patches_int": (
        "import ctypes, gc\ngc.get_referents(int.__dict__)[0]['__eq__'] = lambda a, b: True\n" + LIKE, {WRONG}
    ),
    "overwrites_small_int": (
        "import ctypes\nctypes.memmove(id(2) + 24, id(3) + 24, 4)\ndef f(x): return 3", {WRONG}
    ),
    "reads_tests_by_gc": (
        "import gc\ndef f(x):\n    for o in gc.get_objects():\n        if isinstance(o, dict) and 'tests' in o:\n            return x + 1\n    return None",
        {WRONG},
    ),
    "reads_tests_by_frames": (
        "import sys\ndef f(x):\n    frame = sys._getframe()\n    while frame:\n        if 'assert' in repr(frame.f_locals) and 'f(1)' in repr(frame.f_locals): return x + 1\n"
        "        frame = frame.f_back\n    return None",
        {WRONG},
    ),
    "reads_tests_by_modules": (
        "import sys\ndef f(x):\n    if 'filters.verifiers.programs.sandbox.examiner' in sys.modules: return x + 1", {WRONG}
    ),
    "reads_tests_by_tmp": (
        "import os\ndef f(x):\n    for d, _, names in os.walk('/tmp'):\n        if names: return x + 1", {WRONG}
    ),
    "answers_by_itself": (
        WRITE_ALL + "for _ in range(9): shout({'loaded': True, 'value': {'nodes': [], 'root': True}})\n" + LIKE, {WRONG}
    ),
    "tells_the_host": (
        WRITE_ALL + "shout({'asked': 3, 'status': 0, 'timeout': False, 'killed': False, 'cpu_s': 0})\nimport os\nos._exit(0)", {WRONG}
    ),
    "answers_garbage": ("import os\nfor fd in range(64):\n    try: os.write(fd, b'\\xff' * 4096)\n    except OSError: pass\n", {WRONG}),
    "answers_a_builtin": (
        WRITE_ALL + "shout({'loaded': 1})\nshout({'value': {'nodes': [['builtin', 'eval']], 'root': [0]}})\n" + LIKE, {WRONG}
    ),
    "answers_nonsense_nodes": (
        WRITE_ALL + "shout({'loaded': 1})\nshout({'value': {'nodes': [['class x', [], 0], ['list', [[9]], 0]], 'root': [7]}})\n" + LIKE,
        {WRONG},
    ),
    "calls_back": (WRITE_ALL + "shout({'loaded': 1})\nfor n in (0, -1, 'x'): shout({'callback': n, 'value': 1})\n" + LIKE, {WRONG}),
    "error_without_name": (WRITE_ALL + "shout({'loaded': 1})\nshout({'error': [], 'text': 1})\n" + LIKE, {WRONG}),
    "changes_the_argument": ("def f(x):\n    if isinstance(x, list): x.clear()\n    return x", {WRONG}),
    # Texts
    "nul_bytes": ("x = 1\0\n" + LIKE, {WRONG}),
    "two_megabytes": ("x = [" + "1, " * 700_000 + "]\n" + LIKE, {WRONG, TIME}),
    "nested_brackets": ("x = " + "(" * 5000 + ")" * 5000, {WRONG}),
    "nested_minus": ("x = " + "-" * 200_000 + "1", {WRONG}),
    "surrogates": ("x = '\ud800'\n" + LIKE, {WRONG}),
    "garbled": ("\ufeff\u202e\x07\x1b[2J def f(x): return 2", {WRONG}),
    "no_such_module": ("import numpy_that_is_not_there\n" + LIKE, {WRONG}),
    "reads_input": ("x = input()\n" + LIKE, {WRONG}),
    "defines_nothing": ("x = 1", {WRONG}),
    "no_program": ("   \n", {("fail", "no_answer")}),
    "other_language": ("```cpp\nint f(int x) { return x + 1; }\n```", {("fail", "no_answer")}),
}  # fmt: skip

IDLE = ("sleep", "sleep_in_call", "stop_itself", "deadlock", "waits_for_itself")
"""Programs that reach the wall limit almost without running."""
