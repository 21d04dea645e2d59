"""What a run frees it keeps: the system is not asked again for what the next part takes."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
from conggao.engine.batch.memory import keep

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    piece = bytearray(b"1") * (48 << 20)
    del piece
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if sys.argv[1:]:
    keep()
faults()
again = faults()
import pyarrow
print(again, pyarrow.default_memory_pool().backend_name)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library is asked to")
def test_memory_is_taken_from_the_system_once() -> None:
    pytest.importorskip("pyarrow", reason="the extra `batch` is not installed")
    given_back, kept = ran(), ran("keep")
    assert int(given_back[0]) > (40 << 20) // 4096, "else there is nothing to keep"
    assert int(kept[0]) < 100
    assert kept[1] == "system"


def ran(*arguments: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.split()
