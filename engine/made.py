"""Models whose values the engine made: no validation, and what only an explanation needs is made when it is read."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

Later = tuple[Any, ...]
"""A function and its arguments: what it makes is made when it is read."""

_new: Callable[..., Any] = object.__new__
_put = object.__setattr__
_set_values = BaseModel.__dict__["__dict__"].__set__
_set_fields, _set_extra, _set_private = (
    BaseModel.__dict__[name].__set__
    for name in ("__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)
_PLAIN = frozenset({str, bool, int, Decimal, date})
_KEPT = frozenset({"__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__"})
"""What pydantic keeps of an instance beside its fields."""


class Made(BaseModel):
    """A model whose values were made by the engine and need no validation; some are made when first read.

    An instance made by `of` has its values and makes those of `LATER` together when one of them is read. One made by `when_read` has
    none yet. Two threads that read at once may both make a value; it is the same value.
    """

    __slots__ = ("_later", "_whole")

    model_config = ConfigDict(frozen=True, extra="forbid")

    LATER: ClassVar[frozenset[str]] = frozenset()
    """Fields that are made after the others, all at once."""
    OPTIONAL: ClassVar[frozenset[str]] = frozenset()
    """Fields left out of the JSON form where they say nothing."""

    ALL: ClassVar[set[str]] = set()
    """All fields, as one set for all instances: none of them is ever changed."""

    ORDER: ClassVar[tuple[str, ...]] = ()
    """All fields in the order of the JSON form."""

    @classmethod
    def of(cls, values: dict[str, Any], later: Later | None = None) -> Self:
        """An instance that holds `values` as they are: all fields but those that `later` makes, which returns them as a dict."""
        made: Self = _new(cls)
        _set_values(made, values)
        _set_fields(made, cls.ALL)
        _set_extra(made, None)
        _set_private(made, None)
        _set_whole(made, None)
        _set_later(made, later)
        return made

    @classmethod
    def when_read(cls, *whole: Any) -> Self:
        """An instance whose fields `whole`, a function and its arguments, makes: it returns what `of` takes."""
        made: Self = _new(cls)
        _set_whole(made, whole)
        return made

    @classmethod
    def partly(cls, values: dict[str, Any], *whole: Any) -> Self:
        """An instance that has some of its `values` already; it makes the others as by `when_read`."""
        made: Self = _new(cls)
        _set_values(made, values)
        _set_whole(made, whole)
        return made

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        cls.ORDER = tuple(cls.model_fields)
        cls.ALL = set(cls.ORDER)

    def __getattr__(self, name: str) -> Any:
        cls = type(self)
        if name in cls.ALL or name in _KEPT:
            self._begin()
            if name in cls.LATER:
                self._fill()
            return object.__getattribute__(self, name)
        return super().__getattr__(name)  # type: ignore[misc]

    def _keep(self) -> None:
        _set_fields(self, self.ALL)
        _set_extra(self, None)
        _set_private(self, None)

    def _begin(self) -> None:
        """Makes all fields but those of `LATER`, where nothing is made yet."""
        whole = _waiting(self, _WHOLE)
        if whole is not None:
            make, *arguments = whole
            values, later = make(*arguments)
            # In this order: whoever finds `_whole` empty must find all the rest.
            _put(self, "_later", later)
            self._keep()
            self.__dict__.update(values)
            _put(self, "_whole", None)

    def _fill(self) -> None:
        """Makes every field."""
        if _waiting(self, _WHOLE) is not None:
            self._begin()
        later = _waiting(self, _LATER)
        if later is not None:
            make, *arguments = later
            self.__dict__.update(make(*arguments))
            _put(self, "_later", None)

    @model_serializer(mode="wrap")
    def _serialize(self, handler: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        self._fill()
        form = handler(self)
        return {
            name: form[name]
            for name in self.ORDER
            if name in form and (name not in self.OPTIONAL or form[name] not in (None, [], ()))
        }

    def plain(self) -> dict[str, Any]:
        """All of it as dicts and lists of plain values, as the JSON form has it: many times faster than a serializer that calls back.
        What stands in several places is one dict."""
        return self._plain({})

    def _plain(self, seen: dict[int, dict[str, Any]]) -> dict[str, Any]:
        known = seen.get(id(self))
        if known is not None:
            return known
        try:
            waiting = _get_whole(self) is not None or _get_later(self) is not None
        except AttributeError:
            waiting = False  # as `_waiting`
        if waiting:
            self._fill()
        held, optional, plain = self.__dict__, self.OPTIONAL, _PLAIN
        form: dict[str, Any] = {}
        for name in self.ORDER:
            value = held[name]
            kind = type(value)
            if kind not in plain:
                if value is None or value == ():
                    if name in optional:
                        continue
                elif kind is tuple:
                    value = [item if type(item) in plain else item._plain(seen) for item in value]
                elif kind is dict:
                    value = {key: item if type(item) in plain else item._plain(seen) for key, item in value.items()}
                elif isinstance(value, Made):
                    value = value._plain(seen)
            form[name] = value
        seen[id(self)] = form
        return form

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self.model_dump() == other.model_dump()

    __hash__ = None  # type: ignore[assignment]

    # What pydantic reads off the fields without asking for them by name.

    def __getstate__(self) -> dict[Any, Any]:
        self._fill()
        return super().__getstate__()

    def __copy__(self) -> Self:
        self._fill()
        return super().__copy__()

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        self._fill()
        return super().__deepcopy__(memo)

    def __iter__(self) -> Generator[tuple[str, Any], None, None]:
        self._fill()
        yield from super().__iter__()

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        self._fill()
        return super().__repr_args__()


_WHOLE, _LATER = Made.__dict__["_whole"], Made.__dict__["_later"]
_set_whole, _set_later = _WHOLE.__set__, _LATER.__set__
_get_whole, _get_later = _WHOLE.__get__, _LATER.__get__


def _waiting(made: Made, slot: Any) -> Later | None:
    """What `slot` still has to make; a model that was validated has never had anything there."""
    try:
        found: Later | None = slot.__get__(made)
    except AttributeError:
        return None
    return found
