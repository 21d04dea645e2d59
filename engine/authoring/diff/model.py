"""What a comparison of two rulebooks finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from conggao.facts.diagnostics import Text

Facet = Literal[
    "added",
    "removed",
    "renamed",
    "when",
    "amount",
    "cap",
    "for_whom",
    "lines",
    "relations",
    "funding",
    "dates",
    "places",
    "conflicts",
    "text",
]
"""In what a measure, or the policy as a whole, was changed."""

Verdict = Literal["differs", "same_proven", "same_tried", "not_shown", "words"]
"""`differs`: there is a case. `same_proven`: z3 has proven that none is decided differently. `same_tried`: no random case was.
`not_shown`: it was changed, and no case found shows it. `words`: it changes what is said, and no decision."""

FACETS: dict[Facet, Text] = {
    "added": Text("新增", "added"),
    "removed": Text("取消", "removed"),
    "renamed": Text("改名", "renamed"),
    "when": Text("条件", "conditions"),
    "amount": Text("数额", "how much"),
    "cap": Text("上限", "cap"),
    "for_whom": Text("对象", "for whom"),
    "lines": Text("支持内容", "lines"),
    "relations": Text("与他项的关系", "relations"),
    "funding": Text("资金分担", "funding"),
    "dates": Text("施行日期", "dates"),
    "places": Text("适用地区", "places"),
    "conflicts": Text("冲突条款", "conflict clause"),
    "text": Text("文字说明", "wording"),
}
VERDICTS: dict[Verdict, Text] = {
    "differs": Text("有案例决定不同", "a case is decided differently"),
    "same_proven": Text("写法不同，意思相同（已证明）", "written differently, the same meaning (proven)"),
    "same_tried": Text("写法不同，随机案例决定都相同", "written differently, all random cases decided alike"),
    "not_shown": Text("没有找到决定不同的案例", "no case found that is decided differently"),
    "words": Text("不影响决定", "no decision is touched"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """How one version decides the case: the status of the measure and its amount in yuan as text, "–" where there is none."""

    status: str
    standard: str
    amount: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change: of a measure (its own id), or of the policy as a whole (None). `before` and `after` say it in words.

    `case` is the smallest case found that the two decide differently, `seen` how each does. `tried` is how many random cases were
    decided alike, where that is all that can be said.
    """

    measure: str | None
    facet: Facet
    before: Text
    after: Text
    verdict: Verdict
    case: Mapping[str, Any] | None = None
    seen: tuple[Seen, Seen] | None = None
    tried: int = 0
    by: str | None = None
    """The measure that is decided differently, where it is another one of the page."""

    @property
    def matters(self) -> bool:
        """Whether a decision is, or may be, another one."""
        return self.verdict in ("differs", "not_shown")


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes from `first` to `second`, by the names under which they were given; none where they are written alike."""

    first: str
    second: str
    policy: Text
    changes: tuple[Change, ...]
    notes: tuple[Text, ...] = ()

    @property
    def same(self) -> bool:
        """Whether every decision is the same, as far as `certainty` goes."""
        return not any(change.matters for change in self.changes)

    @property
    def certainty(self) -> Literal["proven", "tried"]:
        return "tried" if any(change.verdict == "same_tried" for change in self.changes) else "proven"
