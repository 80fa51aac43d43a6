"""TLC's output as messages.

With `-tool`, TLC puts what it says between marks that carry a code and a severity:

    @!@!@STARTMSG 2110:1 @!@!@
    Invariant NoLostWakeup is violated.
    @!@!@ENDMSG 2110 @!@!@

Messages nest (an exception holds its cause, and the inner mark follows text on its own line), so
they are read with a stack. Between messages stand lines of the parser of TLA+ and of Java itself;
they are kept too, because they explain a failure.

This knows the marks, and how to pick numbers out of a few messages. What a run as a whole means is
the matter of `judge`.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

_MARK = re.compile(r"@!@!@(STARTMSG|ENDMSG) (\d+)(?::(\d+))? @!@!@")
_COUNTS = re.compile(
    r"([\d,]+) states? generated.*?([\d,]+) distinct states? found.*?([\d,]+) states? left on queue", re.DOTALL
)
_INITIAL = re.compile(
    r"Finished computing initial states: ([\d,]+) (?:distinct )?states? generated(?:, with ([\d,]+))?"
)

# Enough to explain any failure; a model that prints without end must not fill the memory.
_MAX_LOOSE_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Message:
    """One message of TLC."""

    code: int
    """What kind of message it is, such as 2110: an invariant is violated."""

    severity: int
    """0 nothing, 1 an error, 2 a defect of TLC, 3 a warning, 4 a state of a trace."""

    text: str
    """What it says, without the marks and without the messages inside it."""

    inside: tuple["Message", ...] = ()
    """The messages that stand inside this one, in order."""

    def walk(self) -> Iterator["Message"]:
        """Yield this message and all that are inside it."""
        yield self
        for message in self.inside:
            yield from message.walk()


@dataclass(slots=True)
class _Open:
    code: int
    severity: int
    lines: list[str] = field(default_factory=list)
    inside: list[Message] = field(default_factory=list)


class Output:
    """Everything a run of TLC has said so far. Fed line by line, while the run goes on."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self.messages: list[Message] = []
        """The messages that are complete, in order; those inside another are only found there."""
        self.loose: deque[str] = deque(maxlen=_MAX_LOOSE_LINES)
        """The last lines that stand outside any message."""
        self._open: list[_Open] = []

    @property
    def unfinished(self) -> int | None:
        """The code of a message that has begun and not ended, or None."""
        return self._open[-1].code if self._open else None

    def feed(self, line: str) -> list[Message]:
        """Take one line, with or without its end; return the messages that it completes."""
        completed: list[Message] = []
        position = 0
        for mark in _MARK.finditer(line):
            self._text(line[position : mark.start()])
            position = mark.end()
            code = int(mark[2])
            if mark[1] == "STARTMSG":
                self._open.append(_Open(code, int(mark[3] or 0)))
            elif any(message.code == code for message in self._open):
                completed += self._close(code)
        rest = line[position:].rstrip("\r\n")
        if rest or position == 0:
            self._text(rest)
        return completed

    def all_messages(self) -> Iterator[Message]:
        """Yield every message, also those inside others."""
        for message in self.messages:
            yield from message.walk()

    def first(self, *codes: int) -> Message | None:
        """Return the first message with one of these codes, or None."""
        return next((message for message in self.all_messages() if message.code in codes), None)

    def last(self, code: int) -> Message | None:
        """Return the last message with this code, or None."""
        found = None
        for message in self.all_messages():
            if message.code == code:
                found = message
        return found

    def keep_last(self, code: int, most: int) -> None:
        """Forget all messages with this code but the last ones, at most so many; those inside others stay."""
        found = [number for number, message in enumerate(self.messages) if message.code == code]
        for number in reversed(found[: max(len(found) - most, 0)]):
            del self.messages[number]

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].lines.append(text)
        elif text.strip():
            self.loose.append(text)

    def _close(self, code: int) -> list[Message]:
        # A message whose end is missing ends where the one around it ends.
        completed: list[Message] = []
        while True:
            opened = self._open.pop()
            text = "\n".join(opened.lines).strip("\n")
            message = Message(opened.code, opened.severity, text, tuple(opened.inside))
            if self._open:
                self._open[-1].inside.append(message)
            else:
                self.messages.append(message)
            completed.append(message)
            if opened.code == code:
                return completed


@dataclass(frozen=True, slots=True)
class Counts:
    """How many states a run has generated, how many of them differ, how many wait to be checked."""

    generated: int
    distinct: int
    left: int


def counts_in(message: Message) -> Counts | None:
    """Return the counts that a message states (2190 initial, 2200 progress, 2199 final), or None."""
    if found := _COUNTS.search(message.text):
        generated, distinct, left = (int(text.replace(",", "")) for text in found.groups())
        return Counts(generated, distinct, left)
    if found := _INITIAL.search(message.text):
        generated = int(found[1].replace(",", ""))
        distinct = int(found[2].replace(",", "")) if found[2] else generated
        return Counts(generated, distinct, distinct)
    return None
