"""The service: what may be asked for, and by whom."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from conggao.cli.serve.guard import Guard, lang_of
from conggao.cli.serve.house import House
from conggao.cli.serve.keys import KeyRing, Scope
from conggao.cli.serve.parameters import understood
from conggao.cli.serve.problems import problem, status_of
from conggao.cli.serve.settings import Settings
from conggao.engine import Engine
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text
from conggao.facts.diagnostics import as_json as fault_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conggao.engine.ledger import Ledger

LOG = logging.getLogger("conggao.serve")
R = TypeVar("R")
THREADS, LONG = 4, 2
"""Short and long requests that a worker computes at once; more wait. Long ones wait among themselves, and hold up no short one."""


class Refused(Exception):  # noqa: N818 - says what the request is
    """A request that is not answered, with the status that says why."""

    def __init__(self, status: int, detail: Text | None = None, **headers: str) -> None:
        super().__init__(status)
        self.status, self.detail, self.headers = status, detail, headers


def late() -> Refused:
    return Refused(503, Text("计算超过了时限", "the computation took longer than is allowed"), retry_after="5")


class Service:
    """What the routes share in one worker."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.house = House(settings.policies, None if settings.kept is None else Path(settings.kept))
        self.keys = None if settings.keys is None else KeyRing(Path(settings.keys))
        self.pool, self.long = ThreadPoolExecutor(THREADS, "decide"), ThreadPoolExecutor(LONG, "long")
        self.ending = threading.Event()
        self._ledger: Ledger | None = None
        self._opening = threading.Lock()

    async def compute(self, work: Callable[[], R], *, long: bool = False) -> R:
        """Does `work` beside the loop. Raises Refused where it takes too long: it is not begun any more, or goes on for nothing."""
        running = asyncio.get_running_loop().run_in_executor(self.long if long else self.pool, work)
        try:
            async with asyncio.timeout(self.settings.seconds):
                return await running
        except TimeoutError:
            raise late() from None

    def ledger(self) -> Ledger:
        """The ledger, opened when first asked for. Raises Refused where the service keeps none, InputFaults where it cannot be had."""
        if self.settings.ledger is None:
            raise Refused(404, Text("这个服务没有台账", "this service keeps no ledger"))
        from conggao.engine.ledger import Ledger

        with self._opening:
            if self._ledger is None:
                self._ledger = Ledger.open(self.settings.ledger, witness=self.settings.witness)
            return self._ledger

    def close(self) -> None:
        self.ending.set()
        self.house.close()
        for pool in (self.pool, self.long):
            pool.shutdown(wait=True, cancel_futures=True)
        if self._ledger is not None:
            self._ledger.close()


def allowed(scope: Scope) -> Callable[[Request], Awaitable[None]]:
    """A dependency: the request has a key that may do this, where keys are asked for."""

    # In the loop: a look at a file and a hash take less than another thread does to begin.
    async def check(request: Request) -> None:
        service: Service = request.app.state.service
        if service.keys is None:
            return
        given = request.headers.get("authorization", "")
        kind, _, token = given.partition(" ")
        key = service.keys.find(token.strip()) if kind.lower() == "bearer" else None
        if key is None:
            raise Refused(401, www_authenticate='Bearer realm="conggao"')
        request.state.key = key.id
        if scope not in key.scopes:
            raise Refused(403, Text(f"密钥没有 `{scope}` 的权限", f"the key lacks the scope `{scope}`"))

    return check


def needs(scope: Scope) -> list[Any]:
    return [Depends(allowed(scope)), Depends(understood)]


def as_json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value, ensure_ascii=False, separators=(",", ":")), status, media_type="application/json")


def make(settings: Settings | None = None) -> FastAPI:
    """The service with all that it answers. Raises InputFaults where rulebooks are faulty."""
    from conggao.cli.serve import described, ledger_routes, reading_routes, routes

    settings = settings or Settings.here()
    service = Service(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.house.watch(settings.reload)
        yield
        service.close()

    class Described(FastAPI):
        def openapi(self) -> dict[str, Any]:
            return described.openapi(self, service.house)

    app = Described(
        title="从高 conggao", version=described.version(), lifespan=lifespan, docs_url=None, redoc_url=None,
        description=described.ABOUT, redirect_slashes=False,
    )  # fmt: skip
    app.state.service = service
    for part in (routes, reading_routes, ledger_routes):
        app.include_router(part.router)
    _handlers(app, settings)
    app.add_middleware(Guard, settings=settings)
    return app


def _handlers(app: FastAPI, settings: Settings) -> None:
    def told(
        request: Request, status: int, detail: Text | None = None, faults: InputFaults | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:  # fmt: skip
        lang = lang_of(request.scope, settings)
        return problem(status, lang, request.state.request, detail, faults, **(headers or {}))

    async def faulty(request: Request, error: InputFaults) -> Response:
        status = status_of(error)
        if status != 503:  # noqa: PLR2004 - what the operator mends, not the client
            return told(request, status, faults=error)
        found = [fault_json(item) for item in error.diagnostics]
        LOG.error("unavailable", extra={"event": "unavailable", "request": request.state.request, "faults": found})
        placeless = InputFaults(replace(item, path=None) for item in error.diagnostics)
        return told(request, status, faults=placeless, headers={"retry_after": "5"})

    async def refused(request: Request, error: Refused) -> Response:
        return told(request, error.status, error.detail, headers=error.headers)

    async def other(request: Request, error: HTTPException) -> Response:
        headers = {name.replace("-", "_"): value for name, value in (error.headers or {}).items()}
        return told(request, error.status_code, headers=headers)

    async def invalid(request: Request, error: RequestValidationError) -> Response:
        faults = []
        for item in error.errors():
            path = ".".join(str(part) for part in item["loc"][1:])
            allowed_ = item.get("ctx", {}).get("expected")
            hint = None if allowed_ is None else Text(f"可用：{allowed_}", f"one of: {allowed_}")
            faults.append(
                Diagnostic(
                    "call/argument", Text(f"`{path}` 不能这样写", f"`{path}` cannot be so"), path=path, help=hint
                )
            )
        return told(request, 422, faults=InputFaults(faults))

    handlers: dict[type[Exception], Callable[[Request, Any], Awaitable[Response]]] = {
        InputFaults: faulty, Refused: refused, HTTPException: other, RequestValidationError: invalid,
    }  # fmt: skip
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def service_of(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


def language(request: Request, asked: Lang | None) -> Lang:
    return asked or service_of(request).settings.lang


def engine_of(request: Request, policies: list[str] | None) -> Engine:
    return service_of(request).house.choose(policies or ())
