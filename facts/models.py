"""A case: what was said about an enterprise. What leaving a fact out means is stated with the fact (`Fact.absent`)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, SupportsIndex

from pydantic import BaseModel, BeforeValidator, ConfigDict

from conggao.facts.diagnostics import Text
from conggao.facts.fact import Entries, Fact, amount, flag, money, no_keys
from conggao.facts.units import AREA, ENERGY, MASS, PURE, VOLUME

_YEAR = Fact(Text("年份", "year"), "integer", form="year", required=True)


class Stated(BaseModel):
    """A part of a case: immutable, and without any key that is not a fact."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Enterprise(Stated):
    """企业."""

    credit_code: Annotated[
        str | None, Fact(Text("统一社会信用代码", "unified social credit code"), "text", form="credit_code")
    ] = None
    name: Annotated[str | None, Fact(Text("名称", "name"), "text")] = None
    county: Annotated[str | None, Fact(Text("所在县区或园区", "county or park"), "word", list="counties")] = None
    industry: Annotated[str | None, Fact(Text("行业代码", "industry code"), "text", form="industry")] = None
    employees: Annotated[int | None, Fact(Text("从业人员", "employees"), "integer")] = None
    fills_industry_gap: Annotated[bool | None, flag("填补产业空白", "fills an industry gap")] = None
    newly_settled: Annotated[bool | None, flag("新落地", "newly settled")] = None
    steady_growth_contributor: Annotated[bool | None, flag("稳增长贡献突出", "contributor to steady growth")] = None
    key_chain_link: Annotated[bool | None, flag("产业链关键环节", "key link of a chain")] = None
    chain_leader: Annotated[bool | None, flag("链主企业", "chain leader")] = None
    leading_enterprise: Annotated[bool | None, flag("龙头企业", "leading enterprise")] = None
    chain_partners_upgraded: Annotated[
        int | None, Fact(Text("带动链式改造企业数", "chain partners upgraded"), "integer")
    ] = None

    @property
    def division(self) -> int | None:
        """行业大类: the first two digits of the industry code as a number."""
        return None if self.industry is None else int(self.industry[:2])


class Report(Stated):
    """年度报告, one a year."""

    year: Annotated[int, _YEAR]
    main_business_revenue: Annotated[Decimal | None, money("主营业务收入", "main business revenue")] = None
    rd_expense: Annotated[Decimal | None, money("研发费用", "R&D expense")] = None
    output_value: Annotated[Decimal | None, money("工业总产值", "industrial output value")] = None
    carbon_emissions: Annotated[Decimal | None, amount("碳排放量", "carbon emissions", MASS)] = None
    electricity_use: Annotated[Decimal | None, amount("用电量", "electricity use", ENERGY)] = None


class Project(Stated):
    """项目. Money and quantities left out were not spent."""

    id: Annotated[str, Fact(Text("项目编号", "project id"), "text", form="id", required=True)]
    purposes: Annotated[tuple[str, ...], Fact(Text("用途", "purposes"), "words", absent="empty", list="purposes")] = ()
    loan_interest: Annotated[Decimal | None, money("银行贷款利息", "bank-loan interest", "zero")] = None
    lease_interest: Annotated[Decimal | None, money("设备融资租赁利息", "equipment-lease interest", "zero")] = None
    guarantee_fee: Annotated[Decimal | None, money("融资担保费", "guarantee fee", "zero")] = None
    equipment_payment: Annotated[Decimal | None, money("设备购置实付", "equipment payment", "zero")] = None
    floor_area: Annotated[Decimal | None, amount("建筑面积", "floor area", AREA, "zero")] = None
    fixed_asset_investment: Annotated[
        Decimal | None, money("新增固定资产投资", "new fixed-asset investment", "zero")
    ] = None
    rd_investment: Annotated[Decimal | None, money("研发总投入", "R&D investment", "zero")] = None
    digital_investment: Annotated[Decimal | None, money("数字化投入", "digital investment", "zero")] = None
    chain_support_investment: Annotated[
        Decimal | None, money("配套能力投入", "investment in chain support", "zero")
    ] = None
    carbon_reduction: Annotated[Decimal | None, amount("减碳量", "carbon reduction", MASS, "zero")] = None
    annual_output: Annotated[Decimal | None, money("年内产值", "output of the year", "zero")] = None
    loan_principal: Annotated[Decimal | None, money("贷款本金", "loan principal", "zero")] = None
    total_investment: Annotated[Decimal | None, money("总投资", "total investment")] = None
    replaces_obsolete_equipment: Annotated[bool | None, flag("淘汰落后设备", "replaces obsolete equipment")] = None
    targets_verified: Annotated[bool | None, flag("投产达效并经复核认定", "targets verified")] = None
    encouraged_transfer: Annotated[bool | None, flag("鼓励类转移", "encouraged transfer")] = None
    new_headquarters_or_centre: Annotated[bool | None, flag("总部或中心新落户", "new headquarters or centre")] = None
    technology_innovation: Annotated[bool | None, flag("科技创新培育", "technology innovation")] = None
    emerging_industry: Annotated[bool | None, flag("新兴产业", "emerging industry")] = None
    new_track_or_industry: Annotated[bool | None, flag("新赛道新产业", "new track or industry")] = None
    industrialised_locally: Annotated[bool | None, flag("在银落地产业化", "industrialised locally")] = None
    evident_digital_effect: Annotated[bool | None, flag("数字化成效明显", "evident digital effect")] = None


class Recognition(Stated):
    """认定: a title held. Without its year, whether it counts is unknown."""

    title: Annotated[str, Fact(Text("称号", "title"), "word", list="titles", required=True)]
    level: Annotated[str | None, Fact(Text("级别", "level"), "word", list="levels")] = None
    year: Annotated[int | None, Fact(Text("认定年份", "year of recognition"), "integer", form="year")] = None


class Service(Stated):
    """生产性服务, bought from a provider."""

    id: Annotated[str, Fact(Text("服务编号", "service id"), "text", form="id", required=True)]
    provider: Annotated[str, Fact(Text("服务提供方", "provider"), "text", required=True)]
    kind: Annotated[str, Fact(Text("服务类别", "kind of service"), "word", list="kinds", required=True)]
    fee: Annotated[Decimal | None, money("服务费（含税）", "fee including tax", "zero")] = None


class ParkReport(Stated):
    """A park's yearly figures."""

    year: Annotated[int, _YEAR]
    industrial_reclaimed_water: Annotated[
        Decimal | None, amount("工业再生水利用量", "industrial reclaimed water", VOLUME)
    ] = None


class Park(Stated):
    """园区."""

    id: Annotated[str, Fact(Text("园区编号", "park id"), "text", form="id", required=True)]
    name: Annotated[str | None, Fact(Text("园区名称", "name of the park"), "text")] = None
    reports: Annotated[tuple[ParkReport, ...], Entries(Text("年份", "year"), ("year",))] = ()


Line = Annotated[str, Fact(Text("支持内容", "line"), "text", form="id", required=True)]


class Receipt(Stated):
    """已获支持: money received. `year` is the year that the support was for."""

    measure: Annotated[str, Fact(Text("措施", "measure"), "text", required=True)]
    subject: Annotated[str | None, Fact(Text("支持对象", "subject"), "text", form="subject")] = None
    provider: Annotated[str | None, Fact(Text("服务提供方", "provider"), "text")] = None
    amount: Annotated[Decimal | None, money("金额", "amount")] = None
    year: Annotated[int | None, Fact(Text("支持年度", "year"), "integer", form="year")] = None
    lines: Annotated[tuple[Line, ...], Entries(Text("支持内容", "line"))] = ()


class Assessment(Stated):
    """What an authority has decided where the law leaves an interval; 0 is a refusal."""

    measure: Annotated[str, Fact(Text("措施", "measure"), "text", required=True)]
    subject: Annotated[str | None, Fact(Text("支持对象", "subject"), "text", form="subject")] = None
    amount: Annotated[Decimal | None, money("核定金额", "amount decided")] = None


Parameters = dict[
    Annotated[str, Fact(Text("参数名", "parameter"), "text", form="id", required=True)],
    dict[
        Annotated[int, _YEAR],
        Annotated[Decimal, Fact(Text("数值", "value"), "quantity", PURE, required=True, signed=True)],
    ],
]


class Case(Stated):
    """What is known of one enterprise on a day: the input of a decision."""

    as_of: Annotated[date | None, Fact(Text("决定日期", "day of the decision"), "date")] = None
    enterprise: Enterprise | None = None
    reports: Annotated[tuple[Report, ...], Entries(Text("年份", "year"), ("year",))] = ()
    projects: Annotated[tuple[Project, ...], Entries(Text("项目编号", "project id"), ("id",))] = ()
    recognitions: Annotated[tuple[Recognition, ...], Entries(Text("认定", "recognition"))] = ()
    services: Annotated[tuple[Service, ...], Entries(Text("服务编号", "service id"), ("id",))] = ()
    park: Park | None = None
    received: Annotated[tuple[Receipt, ...], Entries(Text("已获支持", "receipt"))] = ()
    assessed: Annotated[tuple[Assessment, ...], Entries(Text("核定", "assessment"), ("subject", "measure"))] = ()
    parameters: Annotated[Parameters, BeforeValidator(no_keys)] = {}

    VOCABULARY: ClassVar[Any] = None
    """That of the facts it knows; None for the core."""

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        if self.VOCABULARY is None:
            return super().__reduce_ex__(protocol)
        from conggao.facts.vocabulary import restore

        return restore, (self.VOCABULARY, self.document())

    def document(self) -> dict[str, Any]:
        """The case as a case file holds it, in JSON types; loading it gives an equal case."""
        return self.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
