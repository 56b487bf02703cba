# ruff: noqa: E501  one program a line
"""Right programs pass their tests and wrong ones fail, each with its reason, all in real sandboxes."""

import json
from typing import Any

import pytest

from filters.verifiers.code_answer import verify_code
from filters.verifiers.programs.blocks import programs_of
from filters.verifiers.programs.names import replaced_builtins
from filters.verifiers.programs.output_match import same_output
from filters.verifiers.programs.sandbox.limits import Limits
from filters.verifiers.programs.sandbox.wire import decode, encode
from filters.verifiers.programs.unit_tests import NoTests, read_tests
from records.rows import Verdict

NODE = (
    "class Node:\n    def __init__(self, value, next=None):\n        self.value, self.next = value, next\n"
    "def chain(values):\n    head = None\n    for value in reversed(values): head = Node(value, head)\n    return head\n"
    "def values(node):\n    found = []\n    while node: found.append(node.value); node = node.next\n    return found\n"
)


def judge_asserts(answer: str, *tests: str, **more: Any) -> Verdict:
    return verify_code(json.dumps({"kind": "assert", "tests": tests, **more}), answer, Limits(cpu_s=2))


def judge_stdio(answer: str, *pairs: tuple[str, str], **more: Any) -> Verdict:
    inputs, outputs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return verify_code(json.dumps({"kind": "stdio", "inputs": inputs, "outputs": outputs, **more}), answer)


@pytest.mark.parametrize(
    ("answer", "program"),
    [
        ("```python\nx = 1\n```", "x = 1"),
        ("first\n```py\nx = 1\n```\nthen\n```python\nx = 2\n```\nend", "x = 2"),
        ("```\nx = 1\n```", "x = 1"),
        ("x = 1", "x = 1"),
        ("```python\nx = 1\n```\nprints\n```text\n1\n```", "x = 1"),
        ("```python\nx = 1", "x = 1"),
        ("```python\r\nx = 1\r\n```\r\n", "x = 1\r"),
        ("1. so\n   ```python\n   if x:\n       y = 1\n   ```", "if x:\n    y = 1"),
        ("````python\nx = '''\n```\n'''\n````", "x = '''\n```\n'''"),
        ("```java\nint x;\n```", None),
        ("```python\n```", None),
        ("  \n", None),
    ],
)
def test_programs_of(answer: str, program: str | None) -> None:
    assert programs_of(answer)[1][-1:] == ([] if program is None else [program])


ADDS, SHOWS = "```python\ndef f(x):\n    return x + 1\n```", "```python\nprint(f(1))\n```"


@pytest.mark.parametrize(
    "behind", [SHOWS, "Prints:\n```\n2\n```", f"{SHOWS}\nprints\n```\n2\n```", "```python\nfor\n```"]
)
@pytest.mark.parametrize("more", [{}, {"entry_point": "f"}, {"entry_point": "f", "prompt": "def f(x):\n"}])
def test_a_block_that_shows_how_a_function_is_called_is_not_the_program(behind: str, more: dict[str, Any]) -> None:
    assert judge_asserts(f"So:\n{ADDS}\nFor example\n{behind}\n", "assert f(1) == 2", **more).outcome == "pass"


def test_the_last_block_that_defines_what_is_asked_for_counts() -> None:
    draft = ADDS.replace("+ 1", "+ 2")
    assert judge_asserts(f"{draft}\nNo:\n{ADDS}\n{SHOWS}", "assert f(1) == 2").outcome == "pass"
    assert judge_asserts(f"{ADDS}\nNo:\n{draft}\n{SHOWS}", "assert f(1) == 2").outcome == "fail"
    assert judge_asserts(f"{draft}\nNo:\n{ADDS.replace('python', '')}", "assert f(1) == 2").outcome == "pass"
    state = "```python\ndef f(x):\n    return x + 1\n```\nreturns\n```python\ny = 2\n```"
    assert judge_asserts(state, "assert y == 2", literals=True).outcome == "pass"


@pytest.mark.parametrize("behind", ["sorted: [2, 3]", "sorted = f([2, 1])", "f == [2, 3]"])
def test_a_block_that_names_a_built_in_of_the_tests_is_not_the_program(behind: str) -> None:
    program = "```python\ndef f(x):\n    return [y + 1 for y in x]\n```"
    assert judge_asserts(f"{program}\n```\n{behind}\n```", "assert sorted(f([2, 1])) == [2, 3]").outcome == "pass"


PROMPT = 'def f(x):\n    """Add 1."""\n'


@pytest.mark.parametrize("restated", [PROMPT, "def f(x: int) -> int"])
def test_a_block_that_restates_the_prompt_is_not_the_program(restated: str) -> None:
    more = {"entry_point": "f", "prompt": PROMPT}
    stated, body = f"```python\n{restated}\n```", "```python\n    return x + 1\n```"
    assert judge_asserts(f"{ADDS}\n{stated}", "assert f(1) == 2", **more).outcome == "pass"
    if restated == PROMPT:  # the other one is no Python, and may be what was begun
        assert judge_asserts(f"{stated}\n{body}", "assert f(1) == 2", **more).outcome == "pass"


def test_what_was_written_to_a_replaced_output_is_not_lost() -> None:
    program = "import atexit, io, sys\nsys.stdout = io.StringIO()\nprint(2)\n"
    program += "atexit.register(lambda: sys.__stdout__.write(sys.stdout.getvalue()))"
    assert judge_stdio(f"```python\n{program}\n```", ("", "2\n")).outcome == "pass"


@pytest.mark.parametrize(
    "program",
    [
        "out = open(1, 'w')\nout.write('2\\n')",
        "print = open(1, 'w').write\nprint('2')",
        "import os\nout = os.fdopen(1, 'w')\nprint(2, file=out)",
        "import io, sys\nprint(end='')\nout = io.TextIOWrapper(sys.stdout.buffer)\nout.write('2')",
        "import sys\nclass Out:\n    def write(self, text):\n        sys.__stdout__.write(text)\nsys.stdout = Out()\nprint(2)",
        "import sys, threading, time\ndef late():\n    time.sleep(0.2)\n    print(2)\nthreading.Thread(target=late).start()\nsys.exit()",
        "class Last:\n    def __del__(self):\n        print(2)\nlast = Last()",
    ],
)
def test_what_a_program_leaves_open_is_written_at_its_end(program: str) -> None:
    assert judge_stdio(f"```python\n{program}\n```", ("", "2\n")).outcome == "pass"


def test_what_a_program_prints_is_not_the_program() -> None:
    answer = "```python\nprint(int(input()) + 1)\n```\nFor the example it prints\n```\n2\n```"
    assert judge_stdio(answer, ("1\n", "2\n")).outcome == "pass"


READS = "def solve(x):\n    return x + 1\nn = int(input())\nprint(solve(n))"


@pytest.mark.parametrize(
    "behind",
    [
        "```\n2\n```",
        "```python\n# for the input 1\nassert solve(1) == 2\nprint(solve(1))\n```",
        "```python\nprint(solve(n))\n```",
        "```python\nn = int(input())\n```",
        "```python\n    return x + 1\n```",
    ],
)
@pytest.mark.parametrize("tag", ["python", ""])
def test_a_line_of_a_program_or_an_example_of_it_is_not_the_program(behind: str, tag: str) -> None:
    answer = f"```{tag}\n{READS}\n```\nHere\n{behind.replace('python', tag)}"
    assert judge_stdio(answer, ("1\n", "2\n")).outcome == "pass"


def test_of_several_programs_that_read_the_last_counts() -> None:
    draft, whole = f"```python\n{READS.replace('+ 1', '+ 2')}\n```", f"```python\n{READS}\n```"
    assert judge_stdio(f"{draft}\nNo:\n{whole}", ("1\n", "2\n")).outcome == "pass"
    assert judge_stdio(f"{whole}\nNo:\n{draft}", ("1\n", "2\n")).outcome == "fail"
    assert judge_stdio(f"{draft}\nWithout an input:\n```python\nprint(2)\n```", ("", "2\n")).outcome == "pass"


@pytest.mark.parametrize(
    ("expected", "output", "same"),
    [
        ("1 2\n", "1 2", True),
        ("1 2", "1 2  \n\n\n", True),
        ("1\n2", "1 2", True),
        ("1 2", "2 1", False),
        ("1 2", "1", False),
        ("1", "1 2", False),
        ("", "\n", True),
        ("", "0", False),
        ("0.5", "0.50000000001", True),
        ("0.5", ".5", True),
        ("0.5", "0.5001", False),
        ("1e20", "100000000000000000001", True),
        ("100000000000000000000", "100000000000000000001", False),
        ("5", "5.0", False),
        ("5.0", "5", True),
        ("0.5", "nan", False),
        ("YES", "yes", False),
        ("3.162277660", "3.162278", True),
        ("7.478709", "7.4787086646", True),
        ("0.3333333333", "0.3333", False),
        ("1500000.000000", "1500001", False),
        ("1500000.000000", "1500000", True),
        ("0.25", "0.250001", False),
    ],
)
def test_same_output(expected: str, output: str, same: bool) -> None:
    assert same_output(expected, output) is same


def test_a_stated_tolerance_counts() -> None:
    assert same_output("0.3333333", "0.3333", 1e-4)
    assert not same_output("0.333333333", "0.333333", 0)
    assert read_tests('{"tests": {"inputs": ["1"], "outputs": ["1"]}, "tolerance": 0}').tolerance == 0


@pytest.mark.parametrize(
    ("program", "tests", "more"),
    [
        ("def f(x): return x + 1", ["assert f(1) == 2", "assert f(-1) == 0"], {}),
        ("    return x + 1", ["assert f(1) == 2"], {"prompt": "def f(x):\n", "entry_point": "f"}),
        ("def f(x): return math.floor(x)", ["assert f(1.5) == 1"], {"prompt": "import math\ndef f(x):\n    ...\n", "entry_point": "f"}),
        ("f = lambda x: x + 1", ["def check(g):\n    for i in range(9): assert g(i) == i + 1\ncheck(f)"], {"entry_point": "f"}),
        ("def f(): return 1 / 3", ["import math\nassert math.isclose(f(), 0.333333333, rel_tol=1e-6)"], {}),
        ("def f(): raise ValueError('x')", ["try:\n    f()\n    assert False\nexcept ValueError as e: assert str(e) == 'x'"], {}),
        ("def f(x): x.sort()", ["a = [3, 1, 2]\nf(a)\nassert a == [1, 2, 3]"], {}),
        ("def f(x): x[0].append(x)", ["a = [[]]\nf(a)\nassert a[0][0] is a"], {}),
        ("def f():\n    yield 1\n    yield 2", ["assert list(f()) == [1, 2]", "a, b = f()\nassert (a, b) == (1, 2)"], {}),
        ("def f(g, x): return g(g(x))", ["assert f(lambda y: y * 2, 3) == 12"], {}),
        ("def f(x): return {1: (2.5, {3}, frozenset({4})), 'k': b'z', None: 1j}", ["assert f(0) == {1: (2.5, {3}, frozenset({4})), 'k': b'z', None: 1j}"], {}),
        ("from collections import Counter, deque, OrderedDict, defaultdict\ndef f(x):\n    d = defaultdict(int); d[1] = 2\n    return Counter(x), deque([1]), OrderedDict(a=1), d",
         ["from collections import deque\nassert f('aab') == ({'a': 2, 'b': 1}, deque([1]), {'a': 1}, {1: 2})"], {}),
        ("from fractions import Fraction\nfrom decimal import Decimal\nimport datetime\ndef f(): return Fraction(1, 3), Decimal('0.10'), datetime.date(2024, 2, 29)",
         ["import datetime, fractions\nassert f()[0] == fractions.Fraction(1, 3) and f()[2] == datetime.date(2024, 2, 29)"], {}),
        ("def f(): return 7 ** 1000", ["assert f() == 7 ** 1000"], {}),
        ("def f(): return float('nan'), float('inf')", ["a, b = f()\nassert a != a and b > 1e308"], {}),
        ("def f(): return '\\ud800\\0é'", ["assert f() == '\\ud800\\0é'"], {}),
        ("class Stack:\n    def __init__(self): self.x = []\n    def push(self, v): self.x.append(v)\n    def pop(self): return self.x.pop()",
         ["s = Stack()\ns.push(1)\ns.push(2)\nassert s.pop() == 2 and s.x == [1] and isinstance(s, Stack)"], {}),
        ("class V:\n    def __init__(s, x): s.x = x\n    def __add__(s, o): return V(s.x + o.x)\n    def __eq__(s, o): return s.x == o.x\n    def __len__(s): return s.x\n    def __getitem__(s, i): return i",
         ["assert V(1) + V(2) == V(3)", "assert not V(1) == V(2)", "assert len(V(3)) == 3 and V(1)[5] == 5"], {}),
        ("class V:\n    def __init__(s, x): s.x = x\n    def __mul__(s, k): return V(s.x * k)\n    def __matmul__(s, o): return s.x * o.x", ["assert (V(2) * 3).x == 6 and V(2) @ V(3) == 6"], {}),
        ("class Solution:\n    def twoSum(self, nums, target):\n        return next([i, j] for i in range(len(nums)) for j in range(i) if nums[i] + nums[j] == target)[::-1]",
         ["assert Solution().twoSum(nums=[3, 3], target=6) == [0, 1]"], {"entry_point": "Solution().twoSum", "prompt": "class Solution:\n    def twoSum(self, nums, target):\n        "}),
        ("def reverse(head):\n    last = None\n    while head: head.next, last, head = last, head, head.next\n    return last", ["assert values(reverse(chain([1, 2, 3]))) == [3, 2, 1]", "assert values(reverse(chain(range(5000))))[0] == 4999"], {"setup": NODE}),
        (NODE + "def reverse(head): return chain(values(head)[::-1])", ["assert values(reverse(chain([1, 2, 3]))) == [3, 2, 1]"], {"setup": NODE}),
        ("class Pair:\n    def __init__(self, a, b): self.a, self.b = a, b\ndef f(p): return p[0].a + p[1].b", ["assert f([Pair(1, 2), Pair(3, 4)]) == 5"], {}),
        ("def sum(a, b): return a * b", ["assert sum(10, 15) == 150"], {}),
        ("def f(): return 1\nif __name__ == '__main__': input()", ["assert f() == 1"], {}),
        ("def f(x): print(x); return x", ["assert f('a' * 100000) == 'a' * 100000"], {}),
        ("from dataclasses import dataclass\n@dataclass\nclass P: x: int\ndef f(): return P(1)", ["assert f().x == 1", "assert f() == P(1)"], {}),
        ("import enum\nclass C(enum.Enum): A = 1\ndef f(): return C.A", ["assert f() == C.A", "assert f() is C.A"], {}),
        ("def f():\n    try: exit()\n    except SystemExit: return 1", ["assert f() == 1"], {}),
    ],
)  # fmt: skip
def test_right_program_passes(program: str, tests: list[str], more: dict[str, Any]) -> None:
    assert judge_asserts(f"```python\n{program}\n```", *tests, **more).outcome == "pass"


@pytest.mark.parametrize(
    ("program", "tests", "more", "reason"),
    [
        ("def f(x): return x", ["assert f(1) == 2"], {}, "test 1: AssertionError"),
        ("def f(x): return 2", ["assert f(1) == 2", "assert f(2) == 3"], {}, "test 2: AssertionError"),
        ("def g(x): return x", ["assert f(1) == 2"], {}, "test 1: NameError"),
        ("def f(x: return x", ["assert f(1) == 2"], {}, "program: SyntaxError"),
        ("def f(x): return 1 / 0", ["assert f(1) == 2"], {}, "test 1: ZeroDivisionError"),
        ("pass", ["assert f(1) == 2"], {"prompt": "def f(x):\n    'doc'\n", "entry_point": "f"}, ""),
        ("def f(x): return '2'", ["assert f(1) == 2"], {}, "test 1: AssertionError"),
        ("def f(x): return True", ["assert f(1) is not True"], {}, "test 1: AssertionError"),
        ("def f(x): raise StopIteration", ["assert all(map(lambda i: f(i) == i, [1, 2]))"], {}, "test 1: RuntimeError"),
        ("def f(x):\n    x.__dict__['same'] = str\n    return x", ["assert f(T(1)).same(T(2))"],
         {"setup": "class T:\n    def __init__(self, v): self.v = v\n    def same(self, o): return self.v == o.v\n"}, "test 1"),
        ("class Z:\n    def __sub__(self, o): return 0.0\n    __rsub__ = __abs__ = __float__ = __sub__\ndef f(): return Z()", ["assert abs(f() - 2) < 1e-6"], {}, "test 1: TypeError"),
        ("class Z:\n    def __sub__(self, o=0): return self\n    __rsub__ = __abs__ = __lt__ = __gt__ = __sub__\n    def __bool__(self): return True\ndef f(): return Z()", ["assert abs(2 - f()) < 1e-6"], {}, "test 1: TypeError"),
        ("class Z:\n    def __contains__(self, o): return True\n    def __iter__(self): return iter([1])\ndef f(): return Z()", ["assert 2 in f()"], {}, "test 1: AssertionError"),
        ("def abs(x): return 0\ndef f(): return 9", ["assert abs(f() - 1) < 1e-6"], {}, "test 1: AssertionError"),
        ("class T:\n    def __eq__(self, o): return True\ndef f(): return T()", ["assert f() == T()"], {"setup": "class T:\n    def __init__(self): self.x = 1\n"}, "test 1: AssertionError"),
    ],
)  # fmt: skip
def test_wrong_program_fails(program: str, tests: list[str], more: dict[str, Any], reason: str) -> None:
    verdict = judge_asserts(program, *tests, **more)
    assert (verdict.outcome, verdict.reason) == ("fail", "tests_failed"), verdict
    assert verdict.detail.startswith(reason)


@pytest.mark.parametrize(
    "tests", [[], ["assert ("], ["x = 1"], ["def check(g): assert g(1) == 2"], ["assert f(open('/dev/null'))"]]
)
def test_tests_that_cannot_judge_are_unknown(tests: list[str]) -> None:
    verdict = judge_asserts("def f(x): return 2", *tests)
    assert (verdict.outcome, verdict.reason) == ("unknown", "unverifiable")


@pytest.mark.parametrize(
    ("program", "outcome"),
    [
        ("print(sum(map(int, input().split())))", "pass"),
        ("import sys\nprint(sum(map(int, sys.stdin.buffer.read().split())))", "pass"),
        ("import os\nos.write(1, str(sum(map(int, open(0).read().split()))).encode())", "pass"),
        ("import sys\ndef main(): print(sum(map(int, sys.stdin.readline().split())))\nif __name__ == '__main__': main()", "pass"),
        ("import sys, threading\nsys.setrecursionlimit(10**6)\nthreading.stack_size(1 << 26)\ndef r(n): return 0 if n == 0 else r(n - 1)\n"
         "def main(): r(50000); print(sum(map(int, input().split())))\nt = threading.Thread(target=main); t.start(); t.join()", "pass"),
        ("import io, os, sys\nclass Fast(io.IOBase):\n    def __init__(self, file):\n        self.name = file.name\n"
         "        self.writable = 'x' in file.mode or 'r' not in file.mode\n        self.file, self.buffer = file.fileno(), io.BytesIO()\n"
         "    def readline(self): return os.read(self.file, os.fstat(self.file).st_size).decode()\n"
         "    def flush(self): os.write(self.file, self.buffer.getvalue()) if self.writable else None\n"
         "read, out = Fast(sys.stdin), Fast(sys.stdout)\nassert (read.name, out.name) == ('<stdin>', '<stdout>')\n"
         "out.buffer.write(str(sum(map(int, read.readline().split()))).encode()); out.flush()", "pass"),
        ("print(sum(map(int, input().split()))); exit()", "pass"),
        ("import atexit\natexit.register(lambda: print(sum(map(int, input().split()))))", "pass"),
        ("print(sum(map(int, input().split()))); raise SystemExit(1)", "fail"),
        ("print(sum(map(int, input().split()))); 1 / 0", "fail"),
        ("print(3)", "fail"),
        ("input(); input()", "fail"),
        ("import os, sys\nseen = os.path.exists('/tmp/x')\nopen('/tmp/x', 'w')\nprint(3 if not seen else 7)", "pass"),
        ("import builtins\nn = getattr(builtins, 'n', 3)\nbuiltins.n = 7\nprint(n)", "fail"),
    ],
)  # fmt: skip
def test_stdio(program: str, outcome: str) -> None:
    verdict = judge_stdio(program, ("1 2\n", "3\n"), ("3 4\n", "7\n"))
    assert verdict.outcome == outcome, verdict
    assert verdict.reason == ("" if outcome == "pass" else "tests_failed")


def test_stdio_without_tests_is_unknown() -> None:
    assert judge_stdio("print(1)").outcome == "unknown"


def test_the_problem_may_set_its_own_limits() -> None:
    spin = "import time\nwhile time.process_time() < 2: pass\nprint(1)"
    assert judge_stdio(spin, ("", "1"), cpu_s=1).reason == "timeout"
    assert judge_stdio("x = bytearray(300 << 20)\nprint(1)", ("", "1"), memory_mib=200).detail.endswith("MemoryError")


@pytest.mark.parametrize(
    ("root", "tests", "names"),
    [
        ("sum", [], ["sum"]),
        ("f", [], []),
        ("", ["assert sum(1, 2) == 3"], ["sum"]),
        ("", ["assert abs(f(1)) == 1"], []),
    ],
)
def test_replaced(root: str, tests: list[str], names: list[str]) -> None:
    assert replaced_builtins(root, tests) == names


def test_values_cross_whole() -> None:
    shared = [1]
    cyclic: list[Any] = [shared, shared, (shared, {"a": shared})]
    cyclic.append(cyclic)
    table, _ = encode(cyclic, {}, lambda value: ["remote", 0])
    back, _ = decode(json.loads(json.dumps(table)), {}, lambda kind, value: None)
    assert back[0] is back[1] is back[2][0] is back[2][1]["a"]
    assert back[3] is back


@pytest.mark.parametrize(
    "extra",
    [
        {"tests": {"fn_name": "f", "inputs": [["abc"]], "outputs": [["cba"]]}},
        {"tests": json.dumps({"fn_name": "f", "inputs": [["abc"]], "outputs": ["cba"]})},
        {"fn_name": "f", "tests": {"inputs": ["abc"], "outputs": ["cba"]}},
        {"tests": [{"input": '"abc"', "output": '"cba"', "testtype": "functional"}]},
    ],
)
def test_arguments_of_a_function_are_no_stdin(extra: dict[str, Any]) -> None:
    with pytest.raises(NoTests, match="call a function"):
        read_tests(json.dumps(extra))
    read_tests(json.dumps({"fn_name": "", "tests": [{"input": "abc", "output": "cba", "testtype": "stdin"}]}))
    read_tests(json.dumps({"fn_name": "f", "tests": ["assert f('abc') == 'cba'"]}))
