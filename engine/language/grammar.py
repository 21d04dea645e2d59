"""The grammar of rule expressions, for lark's LALR parser.

Keywords and signs exist in English and Chinese. A number takes its unit with it, so that `75 元/平方米` is one quantity and
`100 元 / 建筑面积` a division.
"""

from __future__ import annotations

from functools import cache

from lark import Lark

from conggao.facts.units import NUMBER_PATTERN, UNIT_PATTERN

_NAME_CHARACTER = r"A-Za-z0-9_\u3400-\u9fff"

GRAMMAR = r"""
?start: disjunction
?disjunction: conjunction (OR conjunction)*
?conjunction: inversion (AND inversion)*
?inversion: NOT inversion                        -> negation
          | comparison
?comparison: sum (COMPARATOR sum)*
           | sum IN sum                          -> member
           | sum CONTAINS sum                    -> contains
?sum: product (ADD product)*
?product: unary (MULTIPLY unary)*
?unary: ADD unary                                -> signed
      | atom
?atom: LPAR disjunction RPAR                     -> group
     | call
     | DATE                                      -> date
     | NUMBER UNIT?                              -> quantity
     | STRING                                    -> text
     | name
     | "[" [disjunction (COMMA disjunction)*] "]" -> list
     | "【" [disjunction (COMMA disjunction)*] "】" -> list
name: NAME (DOT NAME)*
call: NAME LPAR [disjunction (COMMA disjunction)*] RPAR

OR.3: /(or|或)(?![%(c)s])|\|\|/
AND.3: /(and|且)(?![%(c)s])|&&/
NOT.3: /(not|非)(?![%(c)s])/
IN.3: /(in|属于)(?![%(c)s])/
CONTAINS.3: /(contains|包含)(?![%(c)s])/
COMPARATOR: /<=|>=|==|!=|<>|[<>=≤≥≠＜＞＝]/
ADD: /[-+−＋－]/
MULTIPLY: /[*\/×÷]/
LPAR: /[(（]/
RPAR: /[)）]/
COMMA: /[,，、]/
DOT: /[.．·]/
DATE.4: /\d{4}-\d{2}-\d{2}/
NUMBER.2: /%(number)s/
UNIT.2: /%(unit)s/
STRING: /"[^"\n]*"|'[^'\n]*'|“[^”\n]*”|‘[^’\n]*’|「[^」\n]*」/
NAME: /[A-Za-z_\u3400-\u9fff][%(c)s]*/
WS: /[\s\u3000]+/
%%ignore WS
"""


@cache
def parser() -> Lark:
    """The parser, built once a process."""
    text = GRAMMAR % {"c": _NAME_CHARACTER, "number": _escaped(NUMBER_PATTERN), "unit": _escaped(UNIT_PATTERN)}
    return Lark(text, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _escaped(pattern: str) -> str:
    return pattern.replace("/", r"\/")
