"""Workers that share a socket: started, ended in order, replaced when they fall or have grown, gone when their parent is."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from conggao.cli.serve import counts
from conggao.cli.serve.logs import set_up
from conggao.cli.serve.settings import VARIABLE, Settings
from conggao.facts.diagnostics import InputFaults, as_json

if TYPE_CHECKING:
    from conggao.cli.serve.house import House

LOG = logging.getLogger("conggao.serve")
GRACE = 30
"""Seconds that requests under way have to finish."""


def run(settings: Settings, host: str, port: int, workers: int) -> int:
    """Serves until told to end. The address is printed when it listens: port 0 takes any that is free."""
    set_up()
    shared = tempfile.mkdtemp(prefix="conggao-counts-")
    os.environ[counts.SHARED] = shared
    handed = settings.model_copy(update={"parent": os.getpid(), "kept": str(Path(shared) / "rulebooks")})
    os.environ[VARIABLE] = handed.model_dump_json()
    # The parser is named, so that what is no HTTP is answered the same whatever else is installed.
    config = uvicorn.Config(
        "conggao.cli.serve.running:worker_app", factory=True, host=host, port=port, workers=workers, log_config=None, http="h11",
        access_log=False, timeout_graceful_shutdown=GRACE, server_header=False, timeout_worker_healthcheck=60,
    )  # fmt: skip
    try:
        bound = _bound(host, port)
    except OSError as error:
        LOG.error("cannot listen", extra={"event": "bind-failed", "reason": error.strerror or type(error).__name__})
        return 2
    shown = f"[{host}]" if ":" in host else host
    print(f"http://{shown}:{bound.getsockname()[1]}", flush=True)
    workers_ = _Workers(config, [bound])
    try:
        workers_.run()
    finally:
        bound.close()
        shutil.rmtree(shared, ignore_errors=True)
    return int(any(process.exitcode == STARTUP_FAILURE for process in workers_.processes))


class _Workers(Multiprocess):
    """Workers whose end is noticed at once, also of one that falls while it is asked whether it is well."""

    def keep_subprocess_alive(self) -> None:
        # With the other end of its pipe kept open here too, a worker that is gone would be waited for as long as one that is busy.
        for process in self.processes:
            process.child_conn.close()
        super().keep_subprocess_alive()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, as asyncio switches Nagle's delay off for sockets alone that name it: without, a short answer takes 40 ms.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
    except BaseException:
        made.close()
        raise
    made.set_inheritable(True)
    return made


def worker_app() -> Any:
    """The service of a worker, made from the settings of its environment."""
    from conggao.cli.serve.app import make

    set_up()
    settings = Settings.here()
    try:
        made = make(settings)
    except InputFaults as error:
        faults = [as_json(item) for item in error.diagnostics]
        LOG.error("cannot start", extra={"event": "start-failed", "faults": faults})
        sys.exit(STARTUP_FAILURE)  # upon which the parent ends too
    house = made.state.service.house
    _settle(house)
    threading.Thread(target=_watched, args=(house, settings), name="watch", daemon=True).start()
    return made


def _settle(house: House) -> None:
    """Makes what the first request would wait for. What is there then stays: the search for what no one holds any more, which takes 50 ms
    through all of it, leaves it out from here on."""
    for evaluator in ("forward", "exact"):
        house.edition.engine.decide({"as_of": date.today()}, engine=evaluator).to_json()
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _watched(house: House, settings: Settings) -> None:
    """Ends a worker whose parent is gone; asks for a fresh one in place of one that has built so many rulesets."""
    asked = False
    number = house.edition.number
    while True:
        time.sleep(0.5)
        if house.edition.number != number:
            number = house.edition.number
            _settle(house)
        if settings.parent is not None and os.getppid() != settings.parent:
            LOG.error("the parent is gone", extra={"event": "orphan"})
            os.kill(os.getpid(), signal.SIGTERM)
            return
        if house.forwards >= settings.forwards and not asked and settings.parent is not None:
            asked = True
            LOG.info("making room for a fresh worker", extra={"event": "recycle", "worker": os.getpid()})
            os.kill(settings.parent, signal.SIGHUP)  # which brings the new ones into service before it ends the old
