"""Every error of the house, one tree.

OmsError
├── InvalidInput            what was given is wrong: problems, each with its place
│   ├── InvalidOrder        an order document
│   ├── InvalidProcess      process files
│   ├── InvalidLetter       a mail whose headers would break
│   ├── InvalidSettings     config/, environment
│   └── InvalidTemplate     templates/
├── Unreadable              a request whose body is no JSON of ours, or doesn't end
├── TooLarge                a request with more bytes than are read
├── NotAdmitted             nobody knows who asks
├── NotAllowed              known, but without the right
├── TooManyTries            logins that failed: it is waited for a while
├── Refused                 understood, but it can't be done now
│   ├── NotPossible         no named item has the event in its state
│   ├── Conflict            a repeated reference with other content
│   │   ├── Changed         the order is not as the caller saw it
│   │   ├── Elsewhere       items stand elsewhere than the caller expects
│   │   └── KeyReused       a repeated key with another request
│   ├── Busy                a job of the item is open
│   ├── InProgress          the same request is being answered now
│   ├── NotReady            a paper whose file isn't made yet
│   └── CommandFailed       everything that was tried failed
├── NotFound                no such order, item, invoice, process …
├── Permanent               a command or job that no repetition will mend: it is not retried
├── Temporary               a job that may succeed later
│   ├── InTheMaking         another thread makes the paper: this job comes later, without losing a try
│   ├── Paced               a mail server was offered all that it takes this minute: it comes later, without losing a try
│   └── LaneDown            the mail server can't be reached or refuses the login: no message is at fault
├── EndlessChain            one trigger made an item hop more often than is allowed
├── FileDamaged             a stored file is no longer what was stored
├── NotJudged               an e-invoice could not be held to its rules: those that know them are missing or died
├── RenderFailed            the PDF child died, ran out of its limits or refused the document
│   └── MailNotMade         what it refused is the text of a mail
├── ProviderUnavailable     the identity provider didn't answer
└── StoreUnavailable        the database didn't answer, also after retries

Doors translate them once: HTTP status (`oms.api.problems`), exit code (`oms.cli`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


class OmsError(Exception):
    """The root. `str(error)` is one sentence that helps."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of an input: where it is and what is wrong, in one sentence that says how to mend it."""

    where: str  #: a JSON pointer (`/items/0/quantity`), `file:line:column` or a setting's name
    sentence: str

    def __str__(self) -> str:
        return f"{self.where}: {self.sentence}" if self.where else self.sentence


class InvalidInput(OmsError):
    """What was given is wrong; nothing was changed. All problems are listed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InvalidOrder(InvalidInput):
    """An order document is wrong."""


class InvalidProcess(InvalidInput):
    """A process file is wrong."""


class InvalidLetter(InvalidInput):
    """A letter can't be written as it was given."""


class InvalidSettings(InvalidInput):
    """A file in config/ or a variable OMS_… is wrong."""


class InvalidTemplate(InvalidInput):
    """A template is missing or wrong."""


class Unreadable(OmsError):
    """A request can't be read at all; nothing of it was looked at."""


class TooLarge(OmsError):
    """A request has more bytes than are read here."""


class NotAdmitted(OmsError):
    """Nobody knows who asks."""


class NotAllowed(OmsError):
    """Who asks may not do this."""


class TooManyTries(OmsError):
    """Too many logins have failed; the right password doesn't help for a while."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(int(wait.total_seconds()), 1)
        super().__init__(f"Too many logins have failed. Try again in {-(-self.seconds // 60)} min.")


class Refused(OmsError):
    """The request was understood, but it can't be done as things stand; nothing was changed."""


class NotPossible(Refused):
    """No named item has the event in its state."""

    def __init__(self, event: str, *, states: Sequence[str], possible: Sequence[str]) -> None:
        self.event, self.states, self.possible = event, tuple(states), tuple(possible)
        where = " and ".join(f'"{state}"' for state in self.states)
        ways = ", ".join(self.possible) or "nothing"
        super().__init__(f"Can't {event} when in {where}. Possible: {ways}.")


class Conflict(Refused):
    """A reference is repeated with other content, or the caller thinks of things as they were."""


class Changed(Conflict):
    """Something happened since the caller looked."""


class Elsewhere(Conflict):
    """Items stand elsewhere than the caller expects."""

    def __init__(self, expected: str, *, states: Sequence[str], possible: Sequence[str]) -> None:
        self.states, self.possible = tuple(states), tuple(possible)
        ways = ", ".join(self.possible) or "nothing"
        super().__init__(f'Expected "{expected[:80]}", but items are in: {", ".join(self.states)}. Look again. Possible: {ways}.')


class KeyReused(Conflict):
    """A key that was used comes with another request."""


class Busy(Refused):
    """A job of this stay is open: what it brings decides first."""


class InProgress(Refused):
    """A repeated key whose first request is still being answered."""


class NotReady(Refused):
    """The file of a paper isn't made yet."""

    def __init__(self, sentence: str, *, is_coming: bool) -> None:
        self.is_coming = is_coming  #: a worker makes it; else somebody has to mend something
        super().__init__(sentence)


class CommandFailed(Refused):
    """Everything that was tried failed; the items stand where they stood."""


class NotFound(OmsError):
    """There is no such thing."""


class Permanent(OmsError):
    """A command or job refuses for a reason that no repetition mends. The sentence says what would."""


class Temporary(OmsError):
    """A job couldn't be done now; it is tried again, not before `wait` is over if somebody outside asks for that (`Retry-After`)."""

    wait = timedelta()

    def __init__(self, sentence: str = "", *, wait: timedelta | None = None) -> None:
        super().__init__(sentence)
        if wait is not None:
            self.wait = wait


class InTheMaking(Temporary):
    """A paper that another thread is making, and that takes its time. Whoever waited would keep a slot from other work."""


class Paced(Temporary):
    """A mail server was offered all that it takes in a minute. No message is at fault."""

    def __init__(self, most: int, until: datetime) -> None:
        super().__init__(f"{most} mails a minute are offered to this server: this one comes after {until:%H:%M:%S} UTC.")
        self.until = until


class LaneDown(Temporary):
    """The mail server can't be reached or refuses the login: the whole lane waits, no message loses an attempt."""


class EndlessChain(OmsError):
    """One trigger made an item hop more often than is allowed."""

    def __init__(self, states: Sequence[str], *, limit: int) -> None:
        self.states, self.limit = tuple(states), limit
        super().__init__(f"An item made more than {limit} hops in one trigger: {' → '.join(self.states)}. Give the circle a condition or a timer.")


class FileDamaged(OmsError):
    """A stored file is no longer what was stored. Restore it from a backup; it is never made again silently."""


class NotJudged(OmsError):
    """An e-invoice couldn't be held to its rules. It counts as one that breaks them."""


class RenderFailed(OmsError):
    """A document couldn't be made: the child process died, ran out of time or memory, or the template failed."""


class MailNotMade(RenderFailed):
    """The text of a mail couldn't be made; a paper that it carries could."""


class ProviderUnavailable(OmsError):
    """The identity provider didn't answer, or not as it should. Nobody was logged in."""


class StoreUnavailable(OmsError):
    """The database didn't answer, also after retries. Nothing was changed."""
