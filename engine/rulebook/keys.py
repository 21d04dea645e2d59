"""The keys of every block of a page: what may be written, in what shape, and what it means. Reading, the guide and the schemas use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conggao.facts.diagnostics import Text
from conggao.facts.holders import HOLDERS

Shape = Mapping[str, Any]
"""A shape in the words of JSON Schema."""

SCALAR: Shape = {"type": ["string", "number", "boolean"]}
"""One value; numbers and dates are kept as they are written."""
TEXT: Shape = {"type": "string"}
LABEL: Shape = {
    "type": "object", "required": ["zh", "en"], "additionalProperties": False, "properties": {"zh": SCALAR, "en": SCALAR},
}  # fmt: skip
READINGS: Shape = {"oneOf": [LABEL, {"type": "array", "items": LABEL}]}
NAMES: Shape = {"type": "array", "items": SCALAR}
LABELS: Shape = {"type": "object", "additionalProperties": LABEL}
DAY: Shape = {"type": "string", "pattern": r"^\s*\d{4}-\d{2}-\d{2}\s*$"}
PERIOD: Shape = {"type": "string", "pattern": r"^\s*\S+\s*\.\.\s*\S*\s*$"}
CONDITIONS: Shape = {"oneOf": [TEXT, {"type": "array", "items": TEXT}]}
AMOUNT: Shape = {
    "oneOf": [
        SCALAR,
        {
            "type": "array",
            "items": {
                "oneOf": [
                    {
                        "type": "object", "required": ["when", "value"], "additionalProperties": False,
                        "properties": {"when": TEXT, "value": SCALAR},
                    },
                    {
                        "type": "object", "required": ["otherwise"], "additionalProperties": False,
                        "properties": {"otherwise": SCALAR},
                    },
                ]
            },
        },
    ]
}  # fmt: skip
CEILING: Shape = {
    "type": "object", "required": ["amount"], "additionalProperties": False,
    "properties": {"amount": SCALAR, "over": {"oneOf": [{"const": "all"}, NAMES]}},
}  # fmt: skip
SHARES: Shape = {"type": "object", "additionalProperties": {"type": "string", "pattern": r"^\s*\d+(\.\d+)?%\s*$"}}
ANYTHING: Shape = {}


def one_of(*words: str) -> Shape:
    """One of these words."""
    return {"enum": list(words)}


SUBJECT_KINDS = ("enterprise", "project", "service", "park")
TYPES = ("quantity", "integer", "flag", "date", "text", "word", "years")
SUBJECTS = ("enterprise", "report", "project", "service", "park", "park_report")
LEVELS = ("national", "region", "city")
FLAG: Shape = {"enum": ["true", "false", True, False]}
LINES: Shape = {
    "type": "object",
    "additionalProperties": {
        "type": "object", "required": ["zh", "en"], "additionalProperties": False,
        "properties": {"zh": SCALAR, "en": SCALAR, "period": one_of("year", "ever")},
    },
}  # fmt: skip
CONFLICTS: Shape = {
    "type": "object", "additionalProperties": False,
    "properties": {
        "principle": one_of("highest"), "against": {"type": "array", "items": one_of(*LEVELS)},
        "received": one_of("top_up", "exclude"), "yields_to": {"oneOf": [SCALAR, NAMES]},
    },
}  # fmt: skip
VALUES: Shape = {
    "type": "object",
    "additionalProperties": {
        "type": "object", "required": ["value", "source"], "additionalProperties": False,
        "properties": {"value": SCALAR, "source": TEXT},
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a block. `needed`: a block without it is refused."""

    name: str
    about: Text
    shape: Shape = field(default_factory=lambda: SCALAR)
    needed: bool = False


def _key(name: str, zh: str, en: str, shape: Shape = SCALAR, *, needed: bool = False) -> Key:
    return Key(name, Text(zh, en), shape, needed)


_READING = _key(
    "interpretation",
    "办法没有写明而采用的理解，每个决定都会列出",
    "a reading we chose, which every decision shows",
    READINGS,
)

FRONT = (
    _key("policy", "政策编号", "the policy's id", needed=True),
    _key("title", "名称", "its title", LABEL, needed=True),
    _key("number", "文号", "the number of the document", needed=True),
    _key("issuer", "发文机关", "who issued it", needed=True),
    _key("level", "层级", "its level of government", one_of(*LEVELS), needed=True),
    _key("place", "适用地区；不写则不限", "where it applies; everywhere if left out", NAMES),
    _key(
        "in_force",
        "有效期，没有见到截止日时只写起始",
        "its validity; without an end where none was seen",
        PERIOD,
        needed=True,
    ),
    _key("interpreter", "解释单位", "who interprets it"),
    _key("conflicts", "与其他政策重复时如何处理", "what applies where it meets other policies", CONFLICTS),
    _key("checked", "核对到哪一天", "the day up to which it was checked", DAY),
    _key("lines", "支持内容：同一内容不重复支持", "lines: what is supported, and not twice", LINES),
    _key("trust", "来源可信度", "the grade of its source", one_of("A", "B", "C", "")),
    _READING,
)
MEASURE = (
    _key("id", "措施编号", "the measure's id", needed=True),
    _key("title", "名称", "its title", LABEL, needed=True),
    _key("subject", "支持谁", "whom it supports", one_of(*SUBJECT_KINDS)),
    _key("lines", "支持内容，在页首声明", "its lines, declared in the front matter", NAMES),
    _key("when", "条件，须全部成立", "conditions, all of which must hold", CONDITIONS),
    _key("pay", "支持数额：一个算式，或按条件分列", "what it pays: an expression, or a list by condition", AMOUNT),
    _key(
        "up_to",
        "最高数额，由主管部门核定；没有数字写 open",
        "at most, as an authority decides; open where no figure is given",
        AMOUNT,
    ),
    _key(
        "tiers",
        "分档的数量，档次写在条款下的表格里",
        "the quantity of the steps, which stand in a table under the clause",
    ),
    _key("service", "服务内容，不发资金", "help in kind", LABEL),
    _key("programme", "统筹项目，无须申请", "a programme: nothing to claim", LABEL),
    _key("cap", "上限：一个算式，或按条件分列", "the cap: an expression, or a list by condition", AMOUNT),
    _key("cap_per", "上限按谁合计", "over what the cap is added up", one_of(*SUBJECT_KINDS, "provider")),
    _key("cap_period", "上限按年还是历年合计", "whether the cap is of a year or for ever", one_of("year", "ever")),
    _key("once", "只给一次，按谁计", "paid once, and once per what", one_of(*SUBJECT_KINDS)),
    _key("recipient", "发给谁", "who is paid", one_of("enterprise", "provider", "park")),
    _key("funding", "各方承担比例，合计 100%", "the shares of the payers, 100% together", SHARES),
    _key("stacks_with", "可以叠加的措施", "measures it stacks with", NAMES),
    _key("excludes", "不能兼得的措施", "measures it excludes beyond its lines", NAMES),
    _key("ceiling", "几项支持合计的上限", "a ceiling over several supports", CEILING),
    _READING,
    _key("not_modelled", "条款里没有建模的内容", "what of the clause is not modelled", NAMES),
    _key("authorities", "主管部门", "the authorities in charge", NAMES),
)
DERIVE = (
    _key("name", "概念的名称", "the name of the derived fact", needed=True),
    _key("label", "标签", "its label", LABEL, needed=True),
    _key("subject", "属于谁", "whose fact it is", one_of(*SUBJECT_KINDS)),
    _key("is", "算式", "the expression", needed=True),
    _key("source", "出处", "where it comes from", needed=True),
    _READING,
)
FACTS = (
    _key(
        "facts",
        "本政策需要而词汇里没有的事实",
        "facts that this policy needs and the vocabulary lacks",
        {"type": "array"},
    ),
    _key("titles", "称号", "titles", LABELS),
    _key("purposes", "项目用途", "purposes of projects", LABELS),
)
FACT = (
    _key("name", "名称", "its name", needed=True),
    _key("label", "标签", "its label", LABEL, needed=True),
    _key("type", "类型", "its type", one_of(*TYPES), needed=True),
    _key("unit", "数量的单位", "the unit of a quantity"),
    _key("subject", "属于谁", "whose fact it is", one_of(*SUBJECTS)),
    _key("absent", "没有写时是什么意思", "what leaving it out means", one_of("zero", "false", "unknown")),
    _key("words", "词表", "the words of a closed list", LABELS),
    _key("held_by", "数据由谁掌握", "who holds the datum", one_of(*HOLDERS)),
)
PARAMETER = (
    _key("name", "名称", "its name", needed=True),
    _key("label", "标签", "its label", LABEL, needed=True),
    _key("period", "按年", "by year", one_of("year")),
    _key("values", "各年数值，写明出处", "its values by year, each with its source", VALUES),
    _READING,
)
CASE = (
    _key("name", "案例名称", "the name of the case", needed=True),
    _key("as_of", "决定日期", "the day of the decision", DAY, needed=True),
    _key("with", "与哪些政策一起决定", "which policies are decided with it", {"oneOf": [{"const": "all"}, NAMES]}),
    _key("given", "事实，写法与案例文件相同", "the facts, as in a case file", {"type": ["object", "null"]}),
    _key("expect", "应得的结果", "what should come of it", {"type": "object"}, needed=True),
)
AMEND = (
    _key("measure", "修改哪项措施，写作 政策/措施", "which measure is changed, as policy/measure", needed=True),
    _key("from", "自何日起", "from which day on", DAY, needed=True),
    _key("set", "要改的键和新值", "the keys to change with their new values", {"type": "object"}),
    _key("repeal", "是否废止", "whether it ends", FLAG),
    _READING,
)
FIXED = ("id", "lines", "subject")
"""Keys of a measure that say what it is; a page that changes them states a measure of its own."""
BLOCKS: Mapping[str, tuple[Key, ...]] = {
    "measure": MEASURE, "derive": DERIVE, "facts": FACTS, "parameter": PARAMETER, "case": CASE, "amend": AMEND,
}  # fmt: skip
"""The keys of each kind of fenced block."""


def names(keys: Sequence[Key]) -> tuple[str, ...]:
    """The names of keys, in the order in which they are told."""
    return tuple(key.name for key in keys)
