"""What a run frees it keeps: the system is not asked again for what the next part takes."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
from conggao.engine.batch.memory import keep_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    piece = bytearray(b"1") * (48 << 20)
    del piece
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if sys.argv[1:]:
    keep_memory()
faults()
again = faults()
import pyarrow
print(again, pyarrow.default_memory_pool().backend_name)
"""


def test_memory_is_taken_from_the_system_once() -> None:
    """Where the C library is GNU's; any other is left as it is."""
    pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
    given_back, kept = ran(), ran("keep")
    if platform.libc_ver()[0] != "glibc":
        assert kept[1] == given_back[1]
        return
    assert int(given_back[0]) > (40 << 20) // 4096, "else there is nothing to keep"
    assert int(kept[0]) < 100
    assert kept[1] == "system"


def ran(*arguments: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.split()
