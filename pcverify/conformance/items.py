"""The deque of a queue while it is recorded: it notes what enters and leaves."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_append, _popleft, _pop, _delete, _clear = deque.append, deque.popleft, deque.pop, deque.__delitem__, deque.clear


class Items(deque[Any]):
    """The items of a queue, and for each its number; what enters and leaves is noted in `steps`.

    A step is the number of an item that entered at the tail, minus the number of one that left, or the name of anything
    else.
    """

    def __init__(self, items: Iterable[Any]) -> None:
        super().__init__(items)
        self.latest = len(self)
        self.numbers = deque(range(1, self.latest + 1))
        self.steps: list[int | str] = []

    def new_number(self) -> int:
        """Return the number of an item that goes from hand to hand, and was never here."""
        self.latest += 1
        return self.latest

    def __reduce__(self) -> Any:
        return deque, (list(self),)

    def append(self, item: Any) -> None:
        _append(self, item)
        self.latest = number = self.latest + 1
        self.numbers.append(number)
        self.steps.append(number)

    def __delitem__(self, index: Any) -> None:
        _delete(self, index)
        self.steps.append(-self.numbers[index])
        del self.numbers[index]

    def popleft(self) -> Any:
        item = _popleft(self)
        self.steps.append(-self.numbers.popleft())
        return item

    def pop(self) -> Any:  # type: ignore[override]
        item = _pop(self)
        self.steps.append(-self.numbers.pop())
        return item

    def extend(self, items: Iterable[Any]) -> None:
        for item in items:
            self.append(item)

    def __iadd__(self, items: Iterable[Any]) -> Any:
        self.extend(items)
        return self

    def clear(self) -> None:
        _clear(self)
        self.steps += [-number for number in self.numbers]
        self.numbers.clear()


def _foreign(name: str) -> Callable[..., Any]:
    """Return a method that does what a deque does, and notes that it was none of what a queue does."""
    does = getattr(deque, name)

    def method(self: Items, *arguments: Any) -> Any:
        self.steps.append(name)
        result = does(self, *arguments)
        while len(self.numbers) < len(self):
            self.latest += 1
            self.numbers.append(self.latest)
        while len(self.numbers) > len(self):
            self.numbers.pop()
        return result

    return method


for _name in ("appendleft", "extendleft", "insert", "remove", "reverse", "rotate", "__setitem__", "__imul__"):
    setattr(Items, _name, _foreign(_name))
