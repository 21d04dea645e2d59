"""What stands before every request: an id, limits of size and time, counts, a line of log, and no failure without an answer."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conggao.cli.serve import counts
from conggao.cli.serve.problems import problem
from conggao.cli.serve.settings import Settings
from conggao.facts.diagnostics import Lang

LOG = logging.getLogger("conggao.serve")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class TooLarge(Exception):  # noqa: N818 - says what the body is
    """The body has more bytes than are taken."""


class TooSlow(Exception):  # noqa: N818 - says what the body is
    """The body did not arrive in time."""


class Guard:
    """ASGI middleware around the whole service."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        headers = {name.lower(): value for name, value in scope["headers"]}
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request = given if _ID.fullmatch(given) else secrets.token_hex(8)
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request"] = request
        status, started = 500, False

        async def answer(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                message["headers"] = [*message["headers"], (b"x-request-id", request.encode())]
            await send(message)

        try:
            refused = self._refused(headers, scope)
            if refused is not None:
                await problem(refused, lang_of(scope, self.settings), request)(scope, receive, answer)
            else:
                await self.app(scope, self._bounded(receive), answer)
        except TooLarge:
            await self._told(413, started, scope, receive, answer, request)
        except TooSlow:
            await self._told(408, started, scope, receive, answer, request)
        except Exception:
            LOG.exception("failed", extra={"event": "failed", "request": request})
            await self._told(500, started, scope, receive, answer, request)
        finally:
            self._counted(scope, state, status, time.perf_counter() - begun, request)

    async def _told(self, status: int, started: bool, scope: Scope, receive: Receive, send: Send, request: str) -> None:
        if not started:
            await problem(status, lang_of(scope, self.settings), request, connection="close")(scope, receive, send)

    def _refused(self, headers: dict[bytes, bytes], scope: Scope) -> int | None:
        length = headers.get(b"content-length", b"0")
        if not length.isdigit():
            return 400
        if int(length[:20]) > self.settings.body:
            return 413
        if scope["method"] in ("POST", "PUT", "PATCH"):
            media = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
            if media != b"application/json":
                return 415
        return None

    def _bounded(self, receive: Receive) -> Receive:
        """What is received, up to so many bytes and seconds."""
        seen = 0
        ends = asyncio.get_running_loop().time() + self.settings.seconds
        whole = False

        async def bounded() -> Message:
            nonlocal seen, whole
            if whole:
                return await receive()  # waits for the client to leave
            try:
                async with asyncio.timeout_at(ends):
                    message = await receive()
            except TimeoutError:
                raise TooSlow from None
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                whole = not message.get("more_body", False)
                if seen > self.settings.body:
                    raise TooLarge
            return message

        return bounded

    def _counted(self, scope: Scope, state: dict[str, Any], status: int, took: float, request: str) -> None:
        route = getattr(scope.get("route"), "path", "-")  # never what was asked for, which could be anything
        method = scope["method"] if scope["method"] in ("GET", "POST", "HEAD") else "-"
        counts.requests.labels(route, method, str(status)).inc()
        counts.seconds.labels(route).observe(took)
        if route not in ("/health", "/ready"):
            LOG.info(
                "answered",
                extra={
                    "event": "request", "request": request, "method": method, "route": route, "status": status,
                    "milliseconds": round(took * 1000, 1), "key": state.get("key", "-"),
                },
            )  # fmt: skip


def lang_of(scope: Scope, settings: Settings) -> Lang:
    """The language asked for by `lang=`, else that of the service."""
    found = re.search(rb"(?:^|&)lang=(zh|en)(?:&|$)", scope.get("query_string", b""))
    return settings.lang if found is None else "en" if found.group(1) == b"en" else "zh"
