"""Reading a whole ledger and finding what was altered, removed, moved, added or cut off.

What is held against what: each entry against its own hash; its hash against the entry after it; the last one against the head; every one
against the witness file outside the database; each text against the hash it is kept under.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conggao.engine.ledger import reading
from conggao.engine.ledger.chain import GENESIS, Entry, digest_bytes
from conggao.engine.ledger.faults import fault
from conggao.engine.ledger.model import Bilingual, Finding, Head, Verdict
from conggao.engine.ledger.schema import GUARDS, entries, head, texts
from conggao.engine.ledger.store import Store
from conggao.facts.diagnostics import Text

MOST = 200
"""Places that are tried for an entry that is not where it belongs."""


def verify(store: Store, noted: str | None, progress: Callable[[int, int], None] | None = None) -> Verdict:
    """As `Ledger.verify`."""
    wanted = None if noted is None else _noted(noted)
    lines: Mapping[int, set[str]] = {}
    bad: list[int] = []
    there = store.witness is not None and store.witness.exists()
    if store.witness is not None and there:
        # Before the ledger: what is recorded while we read must not look cut off.
        lines, bad = store.witness.read()
    with store.reading(lenient=True) as connection:
        check = _Check(lines)
        many = connection.execute(sa.select(sa.func.count()).select_from(entries)).scalar_one()
        for entry in reading.all_entries(connection):
            check.entry(entry)
            if progress is not None:
                progress(check.count, many)
        check.head(connection)
        check.texts(connection)
        check.guards(connection)
    check.witness(store, there, bad)
    if wanted is not None:
        check.noted(*wanted)
    errors = [item for item in check.found if item.severity == "error"]
    last = check.last
    return Verdict(
        holds=not errors,
        entries=check.count,
        head=None if last is None else Head(entry=last.seq, hash=_shown(last.hash)),
        witnessed=len(lines) if there else None,
        findings=tuple(sorted(check.found, key=lambda item: (item.severity, item.entry or 0))),
    )


def _noted(text: str) -> tuple[int, str]:
    seq, colon, name = text.strip().partition(":")
    if not colon or not seq.isdigit() or len(name) < 8:  # noqa: PLR2004 - fewer would fit too many
        message = Text(f"`{text}` 应写作 `序号:哈希`", f"`{text}` should read `NUMBER:HASH`")
        raise fault("head", message, Text("哈希至少写前 8 位", "at least the first 8 characters of the hash"), "--head")
    return int(seq), name.lower()


@dataclass
class _Check:
    lines: Mapping[int, set[str]]
    found: list[Finding] = field(default_factory=list)
    count: int = 0
    last: Entry | None = None
    first: Entry | None = None
    _wrong: list[Entry] = field(default_factory=list)
    _missing: list[tuple[int, int]] = field(default_factory=list)
    _sound: int = 0
    """The last entry that is whole."""
    _named: set[int] = field(default_factory=set)
    _hashes: dict[int, str] = field(default_factory=dict)
    _texts: set[str] = field(default_factory=set)

    def entry(self, entry: Entry) -> None:
        self.count += 1
        before, self.last = self.last, entry
        self._hashes[entry.seq] = entry.hash
        if entry.seq < 1:
            self.add("inserted", entry.seq, Text("不该有这一项", "there can be no such entry"))
            return
        follows = 1 if before is None else max(before.seq, 0) + 1
        if follows < entry.seq:
            self._missing.append((follows, entry.seq - 1))
        if not _whole(entry):
            self._wrong.append(entry)
            self._refer(entry)
            return
        self._sound = entry.seq
        if entry.seq == follows and entry.prev != (GENESIS if before is None or before.seq < 1 else before.hash):
            self._broken(before)
        self._refer(entry)

    def _broken(self, before: Entry | None) -> None:
        """An entry that is whole does not follow the one before: that one was changed, its hash with it."""
        if before is None or before.seq < 1:
            self.add("removed", 1, Text("第 1 项之前有内容被删去", "what stood before entry 1 was removed"))
        elif before not in self._wrong:
            self.add("altered", before.seq, Text(
                "内容与哈希一同被改过：后一项所接的不是它",
                "it was altered together with its hash: the next entry follows another",
            ))  # fmt: skip

    def _refer(self, entry: Entry) -> None:
        if entry.kind != "decision":
            return
        try:
            said = entry.said
            self._texts.add(str(said["result"]))
            self._texts.update(str(item["sha256"]) for item in (*said["policies"], *said["shelf"]))
        except (ValueError, KeyError, TypeError):
            pass  # such an entry is not whole, and is named as altered

    def head(self, connection: Connection) -> None:
        rows = connection.execute(sa.select(head)).all()
        last = 0 if self.last is None else self.last.seq
        if len(rows) != 1:
            self.add("head", None, Text("库内的末项记录缺失", "the row that holds the last entry is missing"))
            self._settle(self._sound)
            return
        row = rows[0]
        known = row.seq if isinstance(row.seq, int) else 0
        self._settle(max(known, self._sound))
        if known > last:
            self._truncated(last, known)
        elif known < last:
            self.add("inserted", known + 1, Text(
                "库内的末项记录不认这一项及其后各项", "the row that holds the last entry knows neither it nor what follows"
            ))  # fmt: skip
        elif self.last is not None and row.hash != self.last.hash and last not in self._named:
            self.add(
                "altered", last, Text("与库内的末项记录不符", "it is not what the row that holds the last entry says")
            )
        elif self.last is None and row.hash != GENESIS:
            self.add("head", None, Text("库内的末项记录被改过", "the row that holds the last entry was altered"))

    def _truncated(self, last: int, known: int) -> None:
        told = Text(f"第 {last + 1} 至 {known} 项被截去", f"entries {last + 1} to {known} were cut off")
        if known == last + 1:
            told = Text(f"第 {known} 项被截去", f"entry {known} was cut off")
        self.add("truncated", last + 1, told)

    def _settle(self, last: int) -> None:
        """Names what is missing and what is not whole; an entry that is whole at another place was moved. Up to `last` there should be
        entries."""
        last = max([last, *self.lines])
        gaps = [(begin, min(end, last)) for begin, end in self._missing if begin <= last]
        seqs = [entry.seq for entry in self._wrong][:MOST]
        seqs += [seq for begin, end in gaps for seq in range(begin, min(end, begin + MOST) + 1)][:MOST]
        where = {name: seq for seq, names in self.lines.items() for name in names} if self._wrong else {}
        wrong = {entry.seq for entry in self._wrong}
        filled: set[int] = set()
        for entry in self._wrong:
            tried = [where[entry.hash]] if entry.hash in where else seqs
            place = next((seq for seq in tried if seq != entry.seq and _whole(entry, seq)), None)
            if place is None:
                self.add("altered", entry.seq, Text("内容与哈希不符", "what it says does not fit its hash"))
            else:
                filled.add(place)
                if place not in wrong and place not in self._hashes:
                    self.add("reordered", place, Text(f"被移到第 {entry.seq} 项", f"it was moved to place {entry.seq}"))
                self.add("reordered", entry.seq, Text(
                    f"此处是原来的第 {place} 项", f"what stands here is entry {place}, moved"
                ))  # fmt: skip
        for begin, end in _without(gaps, filled):
            told = Text(f"第 {begin} 至 {end} 项被删去", f"entries {begin} to {end} were removed")
            if begin == end:
                told = Text(f"第 {begin} 项被删去", f"entry {begin} was removed")
            self.add("removed", begin, told)

    def texts(self, connection: Connection) -> None:
        seen: set[str] = set()
        statement = sa.select(texts.c.sha256, texts.c.data).execution_options(yield_per=50)
        for name, data in connection.execute(statement):
            name = _shown(name)  # noqa: PLW2901
            seen.add(name)
            if not _is_text(name, data):
                self.add("text", None, Text(f"文本 {name[:12]}… 被改过", f"the text {name[:12]}… was altered"))
            elif name not in self._texts:
                self.add(
                    "text",
                    None,
                    Text(f"文本 {name[:12]}… 没有任何判定引用", f"no decision refers to the text {name[:12]}…"),
                )
        for name in sorted(self._texts - seen):
            self.add("text", None, Text(f"文本 {name[:12]}… 被删去", f"the text {name[:12]}… was removed"))

    def guards(self, connection: Connection) -> None:
        sqlite = connection.dialect.name == "sqlite"
        query = (
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            if sqlite
            else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        )
        there = set(connection.execute(sa.text(query)).scalars())
        for name in sorted(GUARDS - there):
            self.add(
                "guard",
                None,
                Text(
                    f"数据库里的防改触发器 `{name}` 不在或已停用", f"the guard `{name}` of the database is gone or off"
                ),
            )

    def witness(self, store: Store, there: bool, bad: list[int]) -> None:
        if store.witness is None:
            told = Text(
                "没有见证文件：整体重写和截去末尾无从发现",
                "there is no witness file: a ledger rewritten as a whole would not be noticed",
            )
            self.add("witness", None, told, note=True)
            return
        if not there:
            if self.count:
                told = Text(f"见证文件 {store.witness.path} 不在", f"the witness file {store.witness.path} is gone")
                self.add("witness", None, told)
            return
        differing = []
        beyond = []
        for seq, names in sorted(self.lines.items()):
            if len(names) > 1:
                told = Text(f"见证文件对第 {seq} 项有两种说法", f"the witness file says two things of entry {seq}")
                self.add("witness", seq, told)
            elif seq not in self._hashes:
                beyond.append(seq)
            elif self._hashes[seq] not in names and seq not in self._named:
                differing.append(seq)
        last = 0 if self.last is None else self.last.seq
        cut = [seq for seq in beyond if seq > last and last + 1 not in self._named]
        if cut:
            self._truncated(last, max(cut))
        for begin, end in _ranges(differing):
            told = Text("与见证文件不符", "it is not what the witness file says")
            if end > begin:
                told = Text(
                    f"第 {begin} 至 {end} 项与见证文件不符",
                    f"entries {begin} to {end} are not what the witness file says",
                )
            self.add("altered", begin, told)
        gaps = list(_ranges(seq for seq in self._hashes if seq not in self.lines))
        if gaps:
            shown = ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in gaps[:5]) + (" …" if len(gaps) > 5 else "")  # noqa: PLR2004
            self.add(
                "witness",
                None,
                Text(f"见证文件里没有第 {shown} 项", f"the witness file lacks entries {shown}"),
                note=True,
            )
        if bad:
            told = Text(f"见证文件第 {bad[0]} 行残缺", f"line {bad[0]} of the witness file is damaged")
            self.add("witness", None, told, note=True)

    def noted(self, seq: int, name: str) -> None:
        found = self._hashes.get(seq)
        if found is None:
            told = Text(f"另记的第 {seq} 项已不在", f"entry {seq}, noted elsewhere, is gone")
            self.add("truncated" if seq > (self.last.seq if self.last else 0) else "removed", seq, told)
        elif not _shown(found).startswith(name):
            self.add("altered", seq, Text("与另记的哈希不符", "it does not have the hash noted elsewhere"))

    def add(self, kind: Any, entry: int | None, told: Text, *, note: bool = False) -> None:
        if entry is not None:
            self._named.add(entry)
        self.found.append(
            Finding(severity="note" if note else "error", kind=kind, entry=entry, message=Bilingual.text(told))
        )


def _whole(entry: Entry, seq: int | None = None) -> bool:
    """Whether the entry says what its hash says, or would at place `seq`."""
    try:
        return entry.digest(seq) == entry.hash
    except (TypeError, ValueError):
        return False  # a type that no entry has


def _shown(hash_: object) -> str:
    """A hash, or what stands in its place, as text."""
    return str(hash_).encode("utf-8", "replace").decode()


def _is_text(name: str, data: Any) -> bool:
    try:
        return digest_bytes(reading.unpack(data)) == name
    except (TypeError, ValueError):
        return False


def _without(gaps: Iterable[tuple[int, int]], filled: Collection[int]) -> Iterable[tuple[int, int]]:
    """The gaps less the places that were found elsewhere."""
    for begin, end in gaps:
        for place in sorted(seq for seq in filled if begin <= seq <= end):
            if begin < place:
                yield begin, place - 1
            begin = place + 1  # noqa: PLW2901
        if begin <= end:
            yield begin, end


def _ranges(seqs: Iterable[int]) -> Iterable[tuple[int, int]]:
    begin = end = None
    for seq in seqs:
        if end is not None and seq == end + 1:
            end = seq
            continue
        if begin is not None and end is not None:
            yield begin, end
        begin = end = seq
    if begin is not None and end is not None:
        yield begin, end
