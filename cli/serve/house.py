"""The rulebooks that a worker decides under: loaded whole, swapped whole when their files change, never half."""

from __future__ import annotations

import logging
import pickle
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conggao.cli.serve import counts
from conggao.engine import Engine
from conggao.engine.authoring.check import check
from conggao.engine.rulebook.library import shipped
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text, as_json, did_you_mean
from conggao.facts.writing import write_whole

LOG = logging.getLogger("conggao.serve")
KEPT = 8
"""Choices of policies that are kept ready."""

Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """A set of rulebooks, and the choices made of it. `number` counts the swaps from 1."""

    engine: Engine
    number: int
    chosen: OrderedDict[tuple[str, ...], Engine]
    lock: threading.Lock


class House:
    """Holds the present edition. A request takes it once and finishes on it, whatever is swapped meanwhile."""

    def __init__(self, policies: Sequence[str] | None, kept: Path | None = None) -> None:
        """`kept`: where workers keep the set in use for one another. One that begins takes that, so that it answers as the others do
        and a page that has become faulty keeps it from nothing; then it looks at the files as they do."""
        self.policies = policies
        self.kept = kept
        self.files = [self._file(name) for name in (policies if policies is not None else shipped())]
        if kept is not None and kept.is_file():
            self.stamp, engine = pickle.loads(kept.read_bytes())  # in a folder of the service alone
        else:
            self.stamp, engine = self._stamp(), Engine(policies)
            self._keep(engine)
        self.edition = self._made(engine, 1)
        self.faults: tuple[Diagnostic, ...] = ()
        """Why the files as they stand now are not in use; empty where they are."""
        self.forwards = 0
        """How often a ruleset of durable-rules may have been built; its memory is never given back."""
        self._stop = threading.Event()

    @staticmethod
    def _file(name: str) -> Path:
        known = shipped()
        return known[name] if name in known else Path(name)

    @staticmethod
    def _made(engine: Engine, number: int) -> Edition:
        counts.edition.set(number)
        return Edition(engine, number, OrderedDict(), threading.Lock())

    def choose(self, policies: Sequence[str], edition: Edition | None = None) -> Engine:
        """The engine of some of the loaded policies, by id. Raises InputFaults for an id that is not loaded: paths are never opened."""
        edition = edition or self.edition
        wanted = tuple(dict.fromkeys(policies))
        if not wanted:
            return edition.engine
        pages = {policy.id: policy.page for policy in edition.engine.rulebooks.policies}
        unknown = [name for name in wanted if name not in pages]
        if unknown:
            raise InputFaults([
                Diagnostic("page/unknown-policy", Text(f"没有载入政策 `{name}`", f"the policy `{name}` is not loaded"),
                           path="policy", help=did_you_mean(name, pages))
                for name in unknown
            ])  # fmt: skip
        with edition.lock:
            found = edition.chosen.get(wanted)
            if found is None:
                found = edition.chosen[wanted] = Engine.of([pages[name] for name in wanted])
                self.forwards += 1
                if len(edition.chosen) > KEPT:
                    edition.chosen.popitem(last=False)
            else:
                edition.chosen.move_to_end(wanted)
        return found

    # -- reloading ---------------------------------------------------------------------------------------------------------

    def watch(self, every: float) -> None:
        """Looks at the files every so many seconds, in a thread of its own."""
        threading.Thread(target=self._watch, args=(every,), name="reload", daemon=True).start()

    def close(self) -> None:
        self._stop.set()

    def _watch(self, every: float) -> None:
        while not self._stop.wait(every):
            try:
                self.look()
            except Exception:
                LOG.exception("reload", extra={"event": "reload-failed"})

    def look(self) -> bool:
        """Swaps the set in where its files have changed and are sound. Whether they had changed."""
        now = self._stamp()
        if now == self.stamp:
            return False
        self.stamp = now
        found = check(self.policies)
        errors = tuple(item for item in found.diagnostics if item.severity == "error")
        engine: Engine | None = None
        if not errors:
            try:
                engine = Engine(self.policies)
            except InputFaults as faults:
                errors = tuple(faults.diagnostics)
        if engine is None or self._stamp() != now:
            # What was read between two saves is no set: it is looked at again.
            self.faults = errors
            if engine is not None:
                self.stamp = ()
            LOG.error(
                "rulebooks refused",
                extra={"event": "reload-refused", "faults": [as_json(item) for item in errors[:20]]},
            )
            counts.reloads.labels("refused").inc()
            return True
        self.faults = ()
        self.forwards += 1
        self.edition = self._made(engine, self.edition.number + 1)
        self._keep(engine)
        counts.reloads.labels("swapped").inc()
        LOG.info("rulebooks swapped", extra={"event": "reload", "edition": self.edition.number})
        return True

    def _keep(self, engine: Engine) -> None:
        if self.kept is not None:
            write_whole(pickle.dumps((self.stamp, engine)), self.kept)

    def _stamp(self) -> Stamp:
        return tuple(_state(path) for path in self.files)


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        known = path.stat()
    except OSError:
        return None
    return known.st_mtime_ns, known.st_size, known.st_ino
