"""The same application in a browser on this machine: textual-serve with a page of our own, which loads nothing from elsewhere."""

from __future__ import annotations

import os
import secrets
import shlex
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiohttp import web
from textual_serve.server import Server

from conggao.cli.output import console
from conggao.facts.diagnostics import Diagnostic, InputFaults, Lang, Text

HOST = "127.0.0.1"
_OPEN = Text("打开 {} （Ctrl+C 结束）", "open {} (Ctrl+C ends it)")
_ONLY_OURS = (
    "default-src 'self'; connect-src 'self' ws://{}; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; frame-ancestors 'none'"
)
"""What the page may load and speak to, and that no other page may frame it."""
_PAGE: dict[str, Text] = {
    "ended": Text("会话已结束。", "The session has ended."),
    "again": Text("重新开始", "Start again"),
    "starting": Text("正在启动……", "Starting …"),
}


class LocalServer(Server):
    """Serves the application to this machine only.

    Whoever may connect can write case files, so the address carries a token that only the terminal shows; the page hands it on to
    its socket as a cookie. A request that the page of another site sends is refused by its origin.
    """

    def __init__(self, command: str, port: int, lang: Lang, token: str) -> None:
        here = Path(__file__).parent
        super().__init__(command, host=HOST, port=port, title="conggao", templates_path=here / "page")
        self.lang: Lang = lang
        self.token = token

    @property
    def _cookie(self) -> str:
        # Cookies are shared by all ports of a host.
        return f"conggao-{self.port}"

    @property
    def address(self) -> str:
        return f"{self.public_url}/?token={self.token}"

    async def on_startup(self, app: web.Application) -> None:
        """Says the address, and nothing else."""
        console().print(_OPEN.of(self.lang).format(self.address), markup=False, soft_wrap=True)

    def initialize_logging(self) -> None:
        """Quiet: what goes wrong is said in the page or in the terminal."""

    def _allowed(self, request: web.Request, token: str | None) -> bool:
        own = {f"{host}:{self.port}" for host in (HOST, "localhost")}
        origin = request.headers.get("Origin")
        return (
            request.host in own
            and (origin is None or origin.removeprefix("http://") in own)
            and secrets.compare_digest((token or "").encode(), self.token.encode())
        )

    async def handle_index(self, request: web.Request) -> Any:
        """The page."""
        if not self._allowed(request, request.query.get("token")):
            raise web.HTTPForbidden
        import aiohttp_jinja2

        size = request.query.get("fontsize", "16")
        context = {
            "font_size": int(size) if size.isdecimal() and len(size) < 4 else 16,  # noqa: PLR2004 - up to 999
            "socket": f"ws://{request.host}/ws",
            "static": "/static/",
            "lang": "zh-CN" if self.lang == "zh" else "en",
            "said": {name: text.of(self.lang) for name, text in _PAGE.items()},
        }
        response = aiohttp_jinja2.render_template("app_index.html", request, context)
        response.headers["Content-Security-Policy"] = _ONLY_OURS.format(request.host)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.set_cookie(self._cookie, self.token, httponly=True, samesite="Strict")
        return response

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """One application a connection; its process ends with it."""
        if not self._allowed(request, request.cookies.get(self._cookie)):
            raise web.HTTPForbidden
        return await super().handle_websocket(request)


def serve(case: Path, as_of: str | None, policies: Sequence[str], lang: Lang, port: int) -> None:
    """Serves until it is interrupted. Raises InputFaults where the port is taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            message = Text(f"端口 {port} 不能用（{error.strerror}）", f"port {port} cannot be used ({error.strerror})")
            hint = Text("用 --port 换一个", "choose another with --port")
            raise InputFaults([Diagnostic("tui/port", message, help=hint)]) from None
    LocalServer(command_line(case, as_of, policies, lang), port, lang, secrets.token_urlsafe(16)).serve()


def command_line(case: Path, as_of: str | None, policies: Sequence[str], lang: Lang) -> str:
    """What the shell runs for each connection: this program on the same case."""
    parts = [sys.executable, "-m", "conggao.cli.app", "tui", str(case.absolute()), "--lang", lang]
    parts += [] if as_of is None else ["--as-of", as_of]
    for policy in policies:
        parts += ["--policy", policy]
    # The shell gives way to the application, which sees by its parent whether the server is still there.
    return subprocess.list2cmdline(parts) if os.name == "nt" else f"exec {shlex.join(parts)}"
