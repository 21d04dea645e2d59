"""Memory that a process keeps from one part of a run to the next."""

from __future__ import annotations

import os
import platform

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4
"""Options of `mallopt`, as malloc.h of the GNU C library numbers them."""
_AHEAD = 1 << 26


def keep_memory() -> None:
    """Has this process keep what it frees. Every part takes as much memory as the one before it; the system, to which large pieces go back
    at once otherwise, would clear them anew each time.

    For a program that is there for the run, not for one that only calls it: it concerns everything in the process. Does nothing where the
    C library is not GNU's. To be called before pyarrow is loaded, which looks for its pool then.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    from ctypes import CDLL

    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    mallopt = CDLL(None).mallopt
    for option, value in ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, -1), (_TOP_PAD, _AHEAD)):
        mallopt(option, value)
