"""A real PostgreSQL server for as long as it is needed: its own folder, a socket in it, no network."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path


class NoServer(Exception):  # noqa: N818 - says why there is none
    """Why no server can be had here."""


class Server:
    """Started when made; `stop` ends it and takes its folder away. Raises NoServer where that cannot be."""

    def __init__(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        which = shutil.which("initdb")
        if not found and which is None:
            raise NoServer("no PostgreSQL is installed (no initdb in /usr/lib/postgresql/*/bin or on the path)")
        self.bin = found[-1].parent if found else Path(str(which)).parent
        self._as: list[str] = []
        owner: pwd.struct_passwd | None = None
        if os.geteuid() == 0:
            try:
                owner = pwd.getpwnam("postgres")
            except KeyError:
                raise NoServer("PostgreSQL does not run as root, and there is no user `postgres`") from None
            runuser = shutil.which("runuser", path="/usr/sbin:/sbin:/usr/bin:/bin")
            if runuser is None:
                raise NoServer("PostgreSQL does not run as root, and there is no `runuser`")
            self._as = [runuser, "-u", "postgres", "--"]
        self.folder = Path(tempfile.mkdtemp(prefix="cg-pg-", dir="/tmp"))
        if owner is not None:
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self.data = self.folder / "data"
        try:
            self.run(
                "initdb",
                "-D",
                str(self.data),
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-locale",
                "--no-sync",
            )
            self.start()
        except NoServer:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        self._made = 0
        # Tests that are killed stop nothing: one who only waits for that does it for them.
        ending = f"{' '.join(self._as)} {self.bin}/pg_ctl -D {self.data} -m immediate stop; rm -rf {self.folder}"
        waiting = f"while kill -0 {os.getpid()} 2>/dev/null; do sleep 1; done; {ending}"
        self._watch = subprocess.Popen(
            ["/bin/sh", "-c", waiting], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, cwd="/",
        )  # fmt: skip

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c max_connections=200"
        self.run("pg_ctl", "-D", str(self.data), "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def halt(self) -> None:
        """As if the power had failed."""
        self.run("pg_ctl", "-D", str(self.data), "-m", "immediate", "stop")

    def stop(self) -> None:
        self._watch.kill()
        self._watch.wait()
        try:
            self.halt()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def database(self) -> str:
        """The URL of a new, empty database."""
        self._made += 1
        name = f"ledger_{os.getpid()}_{self._made}"
        self.run("createdb", "-h", str(self.folder), "-U", "postgres", name)
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def run(self, program: str, *arguments: str) -> str:
        """What a program of the server's prints."""
        done = subprocess.run(
            [*self._as, str(self.bin / program), *arguments],
            cwd="/tmp", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False,
            env={"PATH": f"{self.bin}:/usr/bin:/bin", "LC_ALL": "C"},
        )  # fmt: skip
        if done.returncode:
            raise NoServer(f"{program} failed: {done.stdout.decode(errors='replace')[-500:]}")
        return done.stdout.decode(errors="replace")
