"""The commonest faults found as a page is read, its figures are held against its restatement and its cases are run."""

from __future__ import annotations

from conggao.engine.authoring.lints.lint import Lint
from conggao.facts.diagnostics import Text


def _page(
    when: str = "上年度.研发费用 > 0 元",
    pay: str = "pay: 10% * 上年度.研发费用",
    lines: str = "lines: [research_expense]",
    said: str = "有研发费用的企业，补助研发费用的 10%。",
    title: str = "{zh: 研发补助, en: R&D support}",
    more: str = "",
) -> str:
    """The example that all of these share, with one thing written otherwise."""
    body = "\n".join(
        part
        for part in ("id: rd", f"title: {title}", "subject: enterprise", lines, "when:", f"  - {when}", pay)
        if part
    )
    return f"\n## （一）研发补助\n\n{said}\n\n```measure\n{body}\n```\n{more}"


def _case(amount: str | None) -> str:
    given = "given: {reports: [{year: 2024, rd_expense: 100 万元}]}"
    expect = "" if amount is None else f"expect: {{rd: {amount}}}\n"
    return f"\n```case\nname: 研发费用 100 万元\nas_of: 2025-03-01\n{given}\n{expect}```\n"


def _amend(text: str) -> str:
    return f"\n## （一）修改\n\n研发补助的比例改为 12%。\n\n```amend\n{text}\n```\n"


_GOOD = _page()
_AWARD = _page(when='认定("smart_factory")', said="智能工厂补助研发费用的 10%。")

NAME = Lint(
    "rule/unknown-name",
    "error",
    Text("不认识的名称", "a name that is not known"),
    Text(
        "没有这个名称的事实或概念。名称用词表里的中文标签或英文名。",
        "No fact and no derived fact is called so. Names are the Chinese labels or the English names of the vocabulary.",
    ),
    Text("照提示改成最近的名称，或者用 `facts` 声明它", "take the nearest name, or declare it in a `facts` block"),
    bad=_page(when="上年度.研发经费 > 0 元"),
    good=_GOOD,
)
WORD = Lint(
    "rule/unknown-word",
    "error",
    Text("词表里没有的词", "a word that is in no list"),
    Text(
        "称号、用途、类别都是封闭的词表，写错的词不能当作“没有”。",
        "Titles, purposes and kinds are closed lists: a word mistyped must not read as not held.",
    ),
    Text("用词表里的词，或者用 `facts` 声明新词", "take a word of the list, or declare a new one in a `facts` block"),
    bad=_page(when='认定("smart_factry")', said="智能工厂补助研发费用的 10%。"),
    good=_AWARD,
)
UNIT = Lint(
    "rule/unit",
    "error",
    Text("单位不合", "units that do not agree"),
    Text(
        "比较或相加的两个数量单位不同，或者金额没有写单位。",
        "Two quantities that are compared or added have different units, or money stands without its unit.",
    ),
    Text("写出单位，例如 `100 万元`", "write the unit, such as `100 万元`"),
    bad=_page(when="上年度.研发费用 > 100 吨", said="研发费用超过 100 吨的企业，补助研发费用的 10%。"),
    good=_page(when="上年度.研发费用 > 100 万元", said="研发费用超过 100 万元的企业，补助研发费用的 10%。"),
)
TYPE = Lint(
    "rule/type",
    "error",
    Text("种类不合", "a value of the wrong kind"),
    Text(
        "此处要的是条件、数量或词，写的却是另一种。",
        "A condition, a quantity or a word is needed here, and something else stands there.",
    ),
    Text("条件要有比较符，数额要是金额", "a condition needs a comparison, an amount has to be money"),
    bad=_page(when="上年度.研发费用"),
    good=_GOOD,
)
SYNTAX = Lint(
    "rule/syntax",
    "error",
    Text("读不懂的表达式", "an expression that cannot be read"),
    Text(
        "表达式在指出的地方断了，或者多了不该有的符号。",
        "The expression breaks off at the place shown, or something stands there that does not belong.",
    ),
    Text("核对括号和比较符", "look at the brackets and comparisons"),
    bad=_page(when="上年度.研发费用 > (0 元"),
    good=_GOOD,
)
FUNCTION = Lint(
    "rule/unknown-function",
    "error",
    Text("不认识的函数", "a function that is not known"),
    Text("规则里只能用固定的几个函数，任何别的都不会执行。", "Rules know a few functions; nothing else is ever run."),
    Text(
        "可用的有 `min max sum count any recognised up_to between`",
        "there are `min max sum count any recognised up_to between`",
    ),
    bad=_page(when='认可("smart_factory")', said="智能工厂补助研发费用的 10%。"),
    good=_AWARD,
)
KEY = Lint(
    "page/unknown-key",
    "error",
    Text("不认识的键", "a key that is not known"),
    Text(
        "块里的键不在格式之内；写错的键不会被悄悄忽略。",
        "The key is not one of the format; a key mistyped is never passed over.",
    ),
    Text("照提示改成最近的键", "take the nearest key"),
    bad=_page(more="").replace("subject: enterprise", "subject: enterprise\ncapp: 5 万元"),
    good=_GOOD,
)
MISSING = Lint(
    "page/missing-key",
    "error",
    Text("缺少的键", "a key that is missing"),
    Text(
        "措施要写明支持的是什么（`lines`），案例要写日期，诸如此类。",
        "A measure has to say what it supports (`lines`), a case its date, and so on.",
    ),
    Text("补上所缺的键", "write the key that is missing"),
    bad=_page(lines=""),
    good=_GOOD,
)
LINE = Lint(
    "page/unknown-line",
    "error",
    Text("没有声明过的支持内容", "a line that is not declared"),
    Text(
        "`lines` 里的名称要在某一页的页首声明过，两项措施才能看出支持的是同一内容。",
        "A name under `lines` has to be declared in the front matter of a page: only so can two measures be seen to pay for one thing.",
    ),
    Text(
        "用已声明的名称，或者在页首 `lines:` 下声明",
        "take a declared name, or declare it under `lines:` in the front matter",
    ),
    bad=_page(lines="lines: [research_cost]"),
    good=_GOOD,
)
KIND = Lint(
    "page/kind",
    "error",
    Text("给什么写得不清楚", "what is given is not clear"),
    Text(
        "`pay`、`up_to`、`tiers`、`service`、`programme` 写且只写一个。",
        "Exactly one of `pay`, `up_to`, `tiers`, `service`, `programme` is written.",
    ),
    Text("留下一个", "leave one of them"),
    bad=_page(pay=""),
    good=_GOOD,
)
BILINGUAL = Lint(
    "page/bilingual",
    "error",
    Text("缺一种语言", "one of the languages is missing"),
    Text("用户看到的文字要有中文和英文。", "What a user reads stands in Chinese and English."),
    Text("写作 `{zh: 中文, en: English}`", "write `{zh: 中文, en: English}`"),
    bad=_page(title="{zh: 研发补助}"),
    good=_GOOD,
)
INVENTED = Lint(
    "figure/invented",
    "error",
    Text("复述里没有的数字", "a figure that the restatement has not"),
    Text(
        "规则用了一个上面的复述里没有的数字：不是规则写错，就是复述漏了。",
        "The rule uses a figure that the restatement above it lacks: one of the two is wrong.",
    ),
    Text(
        "核对原文，改规则或改复述；属于解读的写进 `interpretation`",
        "look at the text; mend the rule or the restatement, or put a reading into `interpretation`",
    ),
    bad=_page(pay="pay: 12% * 上年度.研发费用", said="有研发费用的企业，补助一部分研发费用。"),
    good=_GOOD,
)
LOST = Lint(
    "figure/lost",
    "error",
    Text("规则没有用到的数字", "a figure that the rule does not use"),
    Text(
        "复述里的数字没有出现在规则里：多半漏了一个条件或上限。",
        "A figure of the restatement is in no rule: most often a condition or a cap was forgotten.",
    ),
    Text("写进规则，或写进 `not_modelled`", "write it into the rule, or into `not_modelled`"),
    bad=_page(said="有研发费用的企业，补助研发费用的 10%，最高 50 万元。"),
    good=_page(said="有研发费用的企业，补助研发费用的 10%，最高 50 万元。").replace(
        "subject: enterprise", "subject: enterprise\ncap: 50 万元"
    ),
)
FAILED = Lint(
    "case/failed",
    "error",
    Text("不符的案例", "a case that did not come out"),
    Text(
        "案例写的结果与判定不同：规则和案例必有一个错了。",
        "The case expects another result than the rules give: one of the two is wrong.",
    ),
    Text("`policy test` 把应为与实为并排列出", "`policy test` sets what was expected beside what was found"),
    bad=_page(more=_case("20 万元")),
    good=_page(more=_case("10 万元")),
)
EXPECT = Lint(
    "case/expect",
    "error",
    Text("没有写结果的案例", "a case that expects nothing"),
    Text("案例是测试，要写 `expect`。", "A case is a test and has to say what it expects."),
    Text("写 `expect: {措施: 金额}`", "write `expect: {MEASURE: AMOUNT}`"),
    bad=_page(more=_case(None)),
    good=_page(more=_case("10 万元")),
)
AMENDED = Lint(
    "amend/unknown-measure",
    "error",
    Text("修改的措施不存在", "an amendment of no measure"),
    Text("`amend` 所指的措施哪一页都没有。", "No page has the measure that `amend` names."),
    Text("写作 `政策/措施`", "write it as `POLICY/MEASURE`"),
    bad=_amend("measure: yinchuan-2024-2/88\nfrom: 2025-06-01\nset: {pay: 12% * 上年度.研发费用}"),
    good=_amend("measure: yinchuan-2024-2/8a\nfrom: 2025-06-01\nset: {pay: 12% * 上年度.研发费用}"),
)
FIXED = Lint(
    "amend/fixed-key",
    "error",
    Text("不能修改的键", "a key that cannot be amended"),
    Text(
        "编号、支持内容和对象说明一项措施是什么；改了它们就是另一项措施。",
        "Id, lines and subject say what a measure is; with others it is another measure.",
    ),
    Text("另写一项措施，把原来的 `repeal`", "write a measure of its own, and `repeal` the old one"),
    bad=_amend("measure: yinchuan-2024-2/8a\nfrom: 2025-06-01\nset: {pay: 12% * 上年度.研发费用, subject: project}"),
    good=_amend("measure: yinchuan-2024-2/8a\nfrom: 2025-06-01\nset: {pay: 12% * 上年度.研发费用}"),
)
READING = (
    NAME, WORD, UNIT, TYPE, SYNTAX, FUNCTION, KEY, MISSING, LINE, KIND, BILINGUAL, INVENTED, LOST, FAILED, EXPECT, AMENDED, FIXED,
)  # fmt: skip
