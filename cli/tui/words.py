"""What the terminal application says, in both languages."""

from __future__ import annotations

from conggao.facts.diagnostics import Text

FACTS = Text("事实", "Facts")
OUTCOMES = Text("结果", "Outcomes")
WHY = Text("说明", "Why")
PLOT = Text("图", "Plot")
CHANGES = Text("对照", "Changes")
SINCE_START = Text("与最初相比", "against the start")
SINCE_EDIT = Text("与上一步相比", "against the last step")
UNSAVED = Text("未保存", "not saved")
UNNAMED = Text("（未具名企业）", "(unnamed enterprise)")
TOTAL = Text("合计", "total")
EDITING = Text("回车 确定 · Esc 取消 · 留空即为不明", "Enter keeps · Esc leaves · empty: unknown")
SAVE_AS = Text("保存到", "Save to")
SAVED = Text("已保存到 {}", "saved to {}")
FIND = Text("查找事实", "Find a fact")
NEW = Text("新增", "Add")
NOTHING_TO_UNDO = Text("没有可撤销的修改", "nothing to undo")
NOTHING_TO_REDO = Text("没有可重做的修改", "nothing to redo")
NOT_FOUND = Text("没有含“{}”的事实", "no fact has “{}” in it")
CANCELLED = Text("未作修改", "nothing was changed")
UNCHANGED = Text("没有变化。", "Nothing differs.")
LEAVE = Text(
    "有未保存的修改。再按一次 ctrl+q 放弃修改并退出，ctrl+s 保存", "not saved: ctrl+q again leaves it, ctrl+s saves"
)
EXISTS = Text("{} 已存在，再按一次回车覆盖", "{} exists: Enter again writes over it")
TOO_SMALL = Text(
    "窗口是 {} 列 {} 行，至少需要 80 列 24 行。\n请放大窗口；修改都还在。",
    "This window is {} × {}; at least 80 × 24 is needed.\nMake it larger: nothing is lost.",
)
KEYS = (
    ("app.help", "?", Text("帮助", "help")),
    ("app.edit", "Enter", Text("修改", "edit")),
    ("app.undo", "^z", Text("撤销", "undo")),
    ("app.redo", "^y", Text("重做", "redo")),
    ("app.compare", "c", Text("对照", "diff")),
    ("app.plot", "p", Text("图", "plot")),
    ("app.save", "^s", Text("保存", "save")),
    ("app.language", "l", Text("English", "中文")),
    ("app.leave", "^q", Text("退出", "quit")),
    ("app.find", "/", Text("查找", "find")),
    ("app.changes", "d", Text("变化", "changes")),
    ("app.zoom", "z", Text("放大", "zoom")),
)
HELP = (
    (Text("移动", "Moving"), (
        ("Tab  Shift+Tab", Text("在事实、结果、说明之间换", "facts, outcomes, what is below")),
        ("↑ ↓  PgUp PgDn  Home End", Text("逐行、逐页、首尾", "by line, by page, to the ends")),
        ("← →", Text("收起、展开一组", "fold and unfold a group")),
        ("[  ]", Text("收起全部、展开全部", "fold and unfold everything")),
        ("/", Text("按名称查找事实", "find a fact by name")),
        ("m", Text("只看已写的事实 / 看全部事实", "only stated facts, or all")),
        ("g", Text("跳到所选结果缺少的或差一点的事实", "to the fact that the chosen outcome lacks")),
        ("z", Text("放大所在的窗格", "the pane one is in over the whole window")),
    )),
    (Text("修改", "Editing"), (
        ("Enter", Text("改所选的事实；边写边看结果", "edit; the outcomes follow as you type")),
        ("Space", Text("是 → 否 → 不明", "yes → no → unknown")),
        ("Del", Text("改为不明", "make it unknown")),
        ("+  −", Text("数量按第二位数字加减一", "up or down by one in its second digit")),
        ("n", Text("新增项目、服务、已获支持或核定金额", "add a project, service, receipt, amount decided")),
        ("Ctrl+Z  Ctrl+Y", Text("撤销、重做", "undo, redo")),
    )),
    (Text("查看", "Looking"), (
        ("p", Text("所选事实与资金的关系图", "plot the money against the chosen fact")),
        ("c", Text("变化与最初相比 / 与上一步相比", "changes against the start, or against the last step")),
        ("d", Text("列出所有变化", "list every change")),
        ("l", Text("切换语言", "the other language")),
    )),
    (Text("文件", "File"), (
        ("Ctrl+S", Text("保存到另一个案例文件", "save to another case file")),
        ("Ctrl+Q", Text("退出", "quit")),
    )),
)  # fmt: skip
HELP_TITLE = Text("按键", "Keys")
HELP_CLOSE = Text("Esc 关闭", "Esc closes")
HELP_UNITS = Text(
    "数量可带单位：1200 万元、3.15 亿元、26000 吨、5%。不写单位的按元、平方米、立方米、吨、千瓦时计。",
    "Quantities may carry units: 1200 万元, 12 million CNY, 26000 t, 5%. Without one: CNY, m², m³, t, kWh.",
)
