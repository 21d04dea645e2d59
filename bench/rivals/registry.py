"""What `bench/peers.py` measures, ours first."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A row of the table. `module` is one of this package, `form` what its `make` is given, `distribution` what has to be installed."""

    name: str
    module: str
    form: str = ""
    distribution: str | None = None


ENTRIES = (
    Entry("conggao exact", "conggao_rules", "exact", "conggao"),
    Entry("conggao forward", "conggao_rules", "forward", "conggao"),
    Entry("conggao exact, full Decision", "conggao_rules", "exact decision", "conggao"),
    Entry("conggao forward, full Decision", "conggao_rules", "forward decision", "conggao"),
    Entry("by hand, Decimal (the reference)", "reference"),
    Entry("by hand, floats", "plain_floats"),
    Entry("ZEN, static loader", "zen_peer", "static", "zen-engine"),
    Entry("ZEN, create_decision", "zen_peer", "create_decision", "zen-engine"),
    Entry("CEL in Rust, one context", "cel_rust", "", "common-expression-language"),
    Entry("business-rules", "business_rules_peer", "", "business-rules"),
    Entry("CLIPS, renewed every 500", "clips_peer", "", "clipspy"),
    Entry("rule-engine", "rule_engine_peer", "", "rule-engine"),
    Entry("durable-rules, all in one fact", "durable_rules", "one fact", "durable-rules"),
    Entry("durable-rules, derived and joined", "durable_rules", "joined", "durable-rules"),
    Entry("experta", "experta_peer", "", "experta"),
    Entry("OpenFisca-Core, float64 patched in", "openfisca_peer", "float64", "openfisca-core"),
    Entry("OpenFisca-Core, float32 as it comes", "openfisca_peer", "float32", "openfisca-core"),
    Entry("cel-python, compiled", "cel_python", "compiled", "cel-python"),
    Entry("cel-python, interpreted", "cel_python", "interpreted", "cel-python"),
)
