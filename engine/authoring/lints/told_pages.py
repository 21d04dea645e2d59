"""Faults of a page and of its rules that have no example: what each says, and its remedy, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

Said = tuple[tuple[str, str], tuple[str, str]]
"""What is wrong, and what to do."""

PAGES: Mapping[str, Said] = {
    "page/cap-scope": (
        (
            "上限的范围与对象不合，或取决于比范围更小的事实",
            "the scope of a cap does not fit its subject, or it depends on facts of less than its scope",
        ),
        (
            "把 `cap_per` 改成提示所列的范围，或让上限只用该范围的事实",
            "take a scope that the message names, or let the cap use only facts of its scope",
        ),
    ),
    "page/choice": (("这个键只能取几个词之一", "the key takes one of a few words"), ("从提示所列的词里选", "take one of the words listed")),
    "page/comment": (("注释没有结束，其后的全部内容都不算", "a comment has no end: nothing after it counts"), ("补上 `-->`", "add `-->`")),
    "page/date": (("不是日历上的日期", "this is no day of the calendar"), ("写作 `2024-06-01`", "write `2024-06-01`")),
    "page/encoding": (("页面不是 UTF-8 编码", "the page is not UTF-8"), ("在编辑器里另存为 UTF-8", "save it as UTF-8 in the editor")),
    "page/exists": (("要新建的文件已经存在", "the file to be made is there already"), ("换一个文件名", "give another name")),
    "page/in-force": (
        ("有效期写得不对，或截止日早于施行日", "in_force is not written as a period, or ends before it begins"),
        (
            "写作 `2024-06-01 .. 2027-12-31`，没有截止日时写 `2024-06-01 ..`",
            "write `2024-06-01 .. 2027-12-31`, or `2024-06-01 ..` where no end is known",
        ),
    ),
    "page/name": (("这个名称不能用", "the name cannot be used"),
        ("名称用小写英文、数字和下划线", "use lower-case letters, digits and underscores")),
    "page/negative-cap": (("上限是负数", "the cap is negative"), ("上限写零或正数", "write a cap of nothing or more")),
    "page/no-clause": (("规则不在任何标题之下", "the rule stands under no heading"),
        ("在其上写条款的标题，如 `## （一）…`", "put the heading of its clause above it, such as `## （一）…`")),
    "page/no-front-matter": (
        ("页首缺失", "the front matter is missing"),
        (
            "在页面最上方写两行 `---`，其间写政策的基本情况",
            "begin the page with two lines `---` and the particulars of the policy between them",
        ),
    ),
    "page/particular": (("新建页面的一个选项或回答不能用", "an option or answer for the new page cannot be used"),
        ("照提示改写该选项", "write the option as the message says")),
    "page/relation": (("措施之间的关系写得矛盾，或指向自己", "the relation of two measures contradicts itself, or a measure names itself"),
        ("`stacks_with` 和 `excludes` 对同一措施只写一个", "write one of `stacks_with` and `excludes` of a measure")),
    "page/shape": (("值的形状不对，例如该写列表的写了一个值", "a value has the wrong shape, such as one value where a list is needed"),
        ("照提示的写法改", "write it as the message shows")),
    "page/share": (("出资比例不是百分比，或合计不是 100%", "shares of funding are no percentages, or do not add up to 100%"),
        ("写作 `{city: 20%, county: 80%}`；1:1 写 `50%`", "write `{city: 20%, county: 80%}`; 1:1 is `50%` each")),
    "page/too-large": (("页面太大", "the page is too large"),
        ("一份通知一页；附件另写", "keep one notice to a page, and its annexes elsewhere")),
    "page/twice": (("同一名称声明了两次", "one name is declared twice"), ("改其中一个的名称", "rename one of them")),
    "page/unit": (("没有这个单位，或与类型不合", "there is no such unit, or it does not fit the type"),
        ("从提示所列的单位里选", "take one of the units listed")),
    "page/unknown-block": (
        ("不认识的块", "a block of unknown kind"),
        (
            "三个反引号之后写 `measure`、`case`、`derive`、`facts`、`parameter` 或 `amend`",
            "after the backticks write `measure`, `case`, `derive`, `facts`, `parameter` or `amend`",
        ),
    ),
    "page/unknown-measure": (("关系所指的措施不存在", "a relation names a measure that is not there"),
        ("同页写编号，他页写 `政策/编号`", "write the id, or `POLICY/ID` for one of another page")),
    "page/unknown-policy": (("没有这部政策", "there is no such policy"),
        ("写自带政策的编号，或页面的路径", "give the id of a shipped policy or the path of a page")),
    "page/unreadable": (("页面读不了", "the page cannot be read"), ("检查路径和权限", "look at the path and its permissions")),
    "page/unwritable": (("页面写不进去", "the page cannot be written"), ("检查文件夹和权限", "look at the folder and its permissions")),
    "page/yields-to": (("几部政策互相让位，分不出先后", "policies yield to each other in a circle"),
        ("去掉其中一处 `yields_to`", "take out one `yields_to`")),
    "amend/circle": (("政策互相修改", "policies amend each other"), ("去掉其中一处 `amend`", "take out one `amend`")),
    "amend/no-condition": (("措施没有这个条件", "the measure has no such condition"),
        ("从提示所列的条件里选", "take one of the conditions listed")),
    "amend/own-measure": (("`amend` 修改的是本页的措施", "an `amend` of a measure of its own page"),
        ("直接改写那个措施", "rewrite the measure itself")),
    "amend/shape": (("改动写得不对", "a change is not written as one"), ("写作 `措施.键=数值`", "write `MEASURE.KEY=VALUE`")),
    "amend/too-early": (("修改的生效日早于本政策的施行日", "the amendment begins before its own policy does"),
        ("`from` 写施行日或以后", "let `from` be the day the policy begins, or later")),
    "parameter/contradiction": (("两页给同一年的参数写了不同的数", "two pages give a parameter different values for a year"),
        ("查明出处，改其中一处", "look at the sources and mend one of them")),
    "parameter/source": (("参数的数值没有写出处", "a value of a parameter has no source"),
        ("每个数值写明 `value` 和 `source`", "write `value` and `source` of each")),
    "vocabulary/clash": (("新声明的名称已有别的含义", "a name that is declared already means something else"),
        ("换一个名称，或用已有的那个：`conggao policy names`", "take another name, or the one there is: `conggao policy names`")),
    "figure/data": (("页面旁的数字清单与官方文本不同", "the figures kept beside the page are not those of the text"),
        ("照官方文本改清单", "mend the list after the text")),
    "figure/dates": (
        (
            "有效期与官方文本的日期不同；文本里没有日期的，只作警告",
            "in_force is not as the text dates it; a warning where the text has no date",
        ),
        (
            "改 `in_force`；没有日期的自行核对，并在 `interpretation` 写明依据",
            "mend `in_force`; where there is no date compare it yourself and say so under `interpretation`",
        ),
    ),
    "figure/no-clause": (
        (
            "官方文本和页面有一边缺这一条；数字按（一）一级核对",
            "the text or the page lacks the clause; figures are compared at the level of （一）",
        ),
        (
            "补上标题 `## （二）…`，哪怕只写一句；附则也算",
            "add the heading `## （二）…`, if only with a sentence; closing provisions count",
        ),
    ),
    "figure/no-restatement": (
        ("规则之上没有复述；一段复述只归紧接其下的规则", "there is no restatement above the rule; one belongs to the rule right below it"),
        ("在每个规则之上各写一段复述", "write a restatement above every rule"),
    ),
    "figure/year": (("`since` 的年份不是复述或解读写的年份", "the year of a `since` is not one that the restatement or a reading names"),
        ("改规则，或在 `interpretation` 写明这一年", "mend the rule, or name the year under `interpretation`")),
    "tiers/header": (("档次表的表头不认识", "the header of the table of steps is not known"),
        ("写作 `| 超过 | 不超过 | 给予 |` 或 `| 不低于 | 低于 | 给予 |`", "write `| above | up to | pays |` or `| from | below | pays |`")),
    "tiers/no-table": (("规则之上没有档次表", "there is no table of steps above the rule"),
        ("把表放在规则之上", "put the table above the rule")),
    "tiers/row": (("档次表的一行不完整，或格里不是数", "a row of the table of steps is incomplete, or a cell is no number"),
        ("每行三格：从、到、给多少", "give every row three cells: from, to, what is paid")),
}  # fmt: skip

RULES: Mapping[str, Said] = {
    "rule/arguments": (("函数的参数不对", "the arguments of a function do not fit"),
        ("照提示写参数", "write the arguments as the message says")),
    "rule/collection": (("合计遍历的对象写得不对", "what an aggregate goes over is not written right"),
        ("一个合计只遍历一种对象，例如 `sum(项目.总投资)`", "an aggregate goes over one kind, such as `sum(projects.total_investment)`")),
    "rule/date": (("不是日历上的日期", "this is no day of the calendar"), ("写作 `2024-03-07`", "write `2024-03-07`")),
    "rule/empty": (("表达式是空的", "the expression is empty"), ("写一个条件或算式", "write a condition or an amount")),
    "rule/interval": (("区间的下限大于上限", "an interval ends below where it begins"), ("小的写在前面", "write the lower end first")),
    "rule/too-deep": (("括号嵌套太深", "brackets are nested too deep"),
        ("用 `derive` 给其中一部分起名", "name a part of it in a `derive`")),
    "rule/too-long": (("表达式太长", "the expression is too long"),
        ("拆成几行 `when`，或用 `derive` 起名", "write several lines of `when`, or name a part in a `derive`")),
    "rule/zero": (("除数是零", "the divisor is zero"), ("改除数", "mend the divisor")),
}  # fmt: skip
