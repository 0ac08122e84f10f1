"""An independent checker: reads a shop's database, archive and the copies a mail server took, and says what can't be.

It shares no code with `oms`: plain SQL, and the graph of each version as it is stored. The names are those of the rules it checks.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.faults.reading import Question, is_a_file, reading

SPECIAL = {"__split__", "__correct__", "__skip__"}
MOST_HOPS = 50

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy that a mail server took."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


def audit(folder: Path, *, copies: Sequence[Copy] | None = None, doubled: int = 0, quiet: bool = True) -> list[str]:
    """Everything that is wrong, as sentences.

    Args:
        folder: The shop's.
        copies: What the mail server took; None: mails aren't looked at.
        doubled: How many copies may have arrived once too often, because a reply was lost.
        quiet: Everything due was done: nothing is left to be delivered.
    """
    with reading(folder) as question:
        books = Books(question, folder)
        found = [
            *integrity(books),
            *paths(books),
            *triggers(books),
            *jobs(books, quiet=quiet),
            *numbers(books),
            *bills(books),
            *amounts(books),
            *standings(books),
            *papers(books),
            *files(books),
            *timers(books),
        ]
        if copies is not None:
            found += mails(books, copies, doubled=doubled, quiet=quiet)
        return found


class Books:
    """The database, table by table."""

    def __init__(self, question: Question, folder: Path) -> None:
        self._question, self.folder = question, folder

    def all(self, question: str) -> list[Row]:
        names, rows = self._question(question)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def file(self, key: str) -> bytes:
        """What the archive holds, in a folder or in the database; nothing if it holds nothing."""
        path = self.folder / "data" / "archive" / key
        if path.is_file():
            return path.read_bytes()
        rows = self.all(f"SELECT data FROM archive_file WHERE key = '{key}'")  # noqa: S608 - a key of our own
        return bytes(rows[0]["data"]) if rows else b""

    @cached_property
    def graphs(self) -> dict[int, Row]:
        """Version to its states, its arrows and its initial state."""
        found = {}
        for row in self.all("SELECT id, graph FROM process_version"):
            graph = json.loads(row["graph"])
            arrows = {(arrow["source"], arrow.get("event"), arrow["target"]) for arrow in graph["transitions"]}
            found[row["id"]] = {"initial": graph["initial"], "arrows": arrows, "states": {state["name"]: state for state in graph["states"]}}
        return found

    @cached_property
    def history(self) -> list[Row]:
        """One row per hop and item, in the order of the items' own count."""
        return self.all(
            'SELECT h.*, hi.item, hi.seq, o.version FROM history h JOIN history_item hi ON hi.history = h.id JOIN orders o ON o.id = h."order" '
            "ORDER BY hi.item, hi.seq"
        )


def integrity(books: Books) -> Iterator[str]:
    """I0. A server sees to it itself."""
    if not is_a_file(books.folder):
        return
    for pragma in ("integrity_check", "foreign_key_check"):
        yield from (f"I0 {pragma}: {row}" for row in books.all(f"PRAGMA {pragma}") if list(row.values()) != ["ok"])


def paths(books: Books) -> Iterator[str]:
    """I2, I3: the history of an item is a path of its process and ends where the item stands."""
    of_item: dict[int, list[Row]] = defaultdict(list)
    for row in books.history:
        of_item[row["item"]].append(row)
    for item in books.all('SELECT i.*, o.version FROM order_item i JOIN orders o ON o.id = i."order"'):
        rows, graph = of_item.pop(item["id"], []), books.graphs[item["version"]]
        if [row["seq"] for row in rows] != list(range(1, item["seq"] + 1)):
            yield f"I3 item {item['id']}: counted {item['seq']}, but the history has {[row['seq'] for row in rows]}"
        good = [row for row in rows if row["error"] is None]
        yield from (f"I3 item {item['id']}: {sentence}" for sentence in _path(item, good, graph))
        if item["state"] not in graph["states"]:
            yield f"I2 item {item['id']} stands in {item['state']!r}, which its process doesn't have"
    yield from (f"I3 history of item {item}, which isn't there" for item in of_item)


def _path(item: Row, rows: list[Row], graph: Row) -> Iterator[str]:
    if not rows:
        yield "no history"
        return
    yield from _birth(item, rows[0], graph)
    for before, row in pairwise(rows):
        if row["source"] != before["target"]:
            yield f"left {row['source']!r} while in {before['target']!r}"
        if row["event"] not in SPECIAL and (row["source"], row["event"], row["target"]) not in graph["arrows"]:
            yield f"took {row['source']!r} --{row['event']}→ {row['target']!r}, which is no arrow"
        if row["at"] < before["at"]:
            yield f"went from {before['at']} back to {row['at']}"
    if rows[-1]["target"] != item["state"]:
        yield f"stands in {item['state']!r}, but its history ends in {rows[-1]['target']!r}"
    moved = sum(row["source"] != row["target"] for row in rows[1:])
    if item["split_from"] is None and moved != item["moves"]:
        yield f"counted {item['moves']} moves, its history has {moved}"


def _birth(item: Row, first: Row, graph: Row) -> Iterator[str]:
    born = (first["event"], first["source"], first["target"])
    if born[:2] == ("__import__", None) and born[2] in graph["states"]:
        return
    if item["split_from"] is None and born != ("__place__", None, graph["initial"]):
        yield f"begins with {born}"
    if item["split_from"] is not None and (first["event"] != "__split__" or first["source"] != first["target"]):
        yield f"was split, but begins with {born}"


def triggers(books: Books) -> Iterator[str]:
    """I4: keys are unique, every hop has its trigger, no trigger goes round in circles."""
    known = {(row["id"], row["order"]) for row in books.all('SELECT id, "order" FROM "trigger"')}
    hops: Counter[tuple[int, int]] = Counter()
    for row in books.history:
        hops[row["trigger"], row["item"]] += 1
        if (row["trigger"], row["order"]) not in known:
            yield f"I4 history {row['id']} names trigger {row['trigger']}, which its order doesn't have"
    yield from (f"I4 trigger {trigger} moved item {item} {count} times" for (trigger, item), count in hops.items() if count > MOST_HOPS + 1)
    for row in books.all('SELECT "order", key, count(*) AS times FROM "trigger" GROUP BY 1, 2 HAVING count(*) > 1'):
        yield f"I4 key {row['key']!r} of order {row['order']} stands {row['times']} times"
    yield from (f"I4 trigger {row['id']} has no answer" for row in books.all('SELECT id FROM "trigger" WHERE answer IS NULL'))


def jobs(books: Books, *, quiet: bool) -> Iterator[str]:
    """I5, I12: whatever is ordered names a trigger that happened; a hop into a state with `run` has exactly one job."""
    ordered: Counter[tuple[str, str]] = Counter()
    triggered = {row["id"] for row in books.all('SELECT id FROM "trigger"')}
    for job in books.all("SELECT * FROM job"):
        ordered[job["hop"], job["state"]] += 1
        if job["hop"] is not None and int(job["hop"].partition(":")[0]) not in triggered:
            yield f"I5 job {job['name']} names hop {job['hop']}, which did not happen"
        if quiet and job["status"] in {"todo", "running", "landing"}:
            yield f"I12 job {job['name']} is still {job['status']}: {job['error']}"
    for hop, state, version in {(f"{row['trigger']}:{row['hop']}", row["target"], row["version"]) for row in books.history if _entered(row)}:
        wanted = 1 if books.graphs[version]["states"][state].get("run") else 0
        if ordered[hop, state] != wanted:
            yield f"I5 hop {hop} into {state!r} ordered {ordered[hop, state]} jobs, not {wanted}"


def _entered(row: Row) -> bool:
    return row["error"] is None and row["source"] != row["target"]


def numbers(books: Books) -> Iterator[str]:
    """I6: no gap, no repeat, days in order, the hash chain unbroken."""
    last = {row["key"]: row["last"] for row in books.all("SELECT * FROM number_series")}
    series: dict[str, list[Row]] = defaultdict(list)
    for row in books.all("SELECT * FROM invoice ORDER BY series, seq"):
        series[row["series"]].append(row)
    for key in last.keys() | series.keys():
        drawn = [row["seq"] for row in series[key]]
        if drawn != list(range(1, last.get(key, 0) + 1)):
            yield f"I6 series {key}: last is {last.get(key)}, but the invoices have {drawn}"
        days = [row["issued_on"] for row in series[key]]
        if days != sorted(days):
            yield f"I6 series {key}: days go back: {days}"
        yield from (
            f"I6 {row['number']} doesn't end with its number {row['seq']}" for row in series[key] if int(row["number"].split("-")[-1]) != row["seq"]
        )
        previous = None
        for row in series[key]:
            if row["previous_sha256"] != previous or row["sha256"] != hashlib.sha256(f"{previous or ''}\n{row['snapshot']}".encode()).hexdigest():
                yield f"I6 {row['number']}: the chain of hashes is broken"
            previous = row["sha256"]


def bills(books: Books) -> Iterator[str]:
    """I7: nothing is billed twice but what was cancelled for that, each cause bills once, and no credit takes more than was billed."""
    for row in books.all(
        'SELECT l."order", l.line, l.quantity, sum(b.quantity) AS billed FROM order_line l '
        'JOIN invoice_line b ON b."order" = l."order" AND b.line = l.line JOIN invoice i ON i.id = b.invoice '
        "WHERE i.kind = 'invoice' AND cast(i.id AS text) NOT IN (SELECT parent FROM invoice WHERE reopens) "
        "GROUP BY 1, 2, 3 HAVING sum(b.quantity) > l.quantity"
    ):
        yield f"I7 order {row['order']} line {row['line']}: {row['billed']} of {row['quantity']} are billed"
    for row in books.all('SELECT "order", kind, parent, cause, count(*) AS times FROM invoice GROUP BY 1, 2, 3, 4 HAVING count(*) > 1'):
        yield f"I7 order {row['order']}: cause {row['cause']} has {row['times']} papers of kind {row['kind']}"
    hops = {f"{row['trigger']}:{row['hop']}" for row in books.history if row["error"] is None}
    hops |= {f"{row['id']}:0" for row in books.all("SELECT id FROM \"trigger\" WHERE event IN ('__credit__', '__bill__')")}
    documents = books.all("SELECT * FROM invoice")
    yield from (f"I7 {row['number']} has no hop that caused it" for row in documents if row["cause"].partition(".")[0] not in hops)
    yield from (sentence for row in documents if row["kind"] == "invoice" for sentence in _credits(row, documents))


def _credits(invoice: Row, documents: Sequence[Row]) -> Iterator[str]:
    notes = [row for row in documents if row["parent"] == str(invoice["id"])]
    for column in ("net_minor", "tax_minor", "gross_minor"):
        credited, billed = sum(row[column] for row in notes), invoice[column]
        if abs(credited) > abs(billed):
            yield f"I7 {invoice['number']}: {column} {credited} is credited of {billed}"
    amounts = json.loads(invoice["snapshot"]).get("carried", [])
    taken = [json.loads(row["snapshot"])["carried"] for row in notes]
    for index, amount in enumerate(amounts):
        units, minor = (sum(note[index][key] for note in taken) for key in ("units", "minor"))
        if units > amount["units"] or abs(minor) > abs(amount["minor"]):
            yield f"I7 {invoice['number']}: {units} units and {minor} of line {amount['line']} are credited"


def amounts(books: Books) -> Iterator[str]:
    """I16: of each amount of a line no more stands on invoices than the order has, and all of it once all units do; then they sum to the order."""
    documents = books.all("SELECT * FROM invoice")
    anew = {row["parent"] for row in documents if row["reopens"]}
    bills = [row for row in documents if row["kind"] == "invoice" and str(row["id"]) not in anew]
    said = {row["id"]: json.loads(row["snapshot"]) for row in bills}
    lines: dict[int, list[Row]] = defaultdict(list)
    for line in books.all("SELECT * FROM order_line"):
        lines[line["order"]].append(line)
    for order in {row["order"] for row in bills}:
        of_order = [row for row in bills if row["order"] == order]
        snapshots = [said[row["id"]] for row in of_order]
        billed = [_line(line, [_carried(snapshot, line["line"]) for snapshot in snapshots]) for line in lines[order]]
        yield from (f"I16 order {order}: {wrong}" for _, wrong in billed if wrong)
        asked = sum(row["gross_minor"] + row["rounding_minor"] for row in of_order)
        if all(whole is not None for whole, _ in billed) and snapshots[0]["prices"] == "gross":
            costs = sum(whole or 0 for whole, _ in billed)
            if asked != costs:
                yield f"I16 order {order}: its invoices ask for {asked}, it costs {costs}"


def standings(books: Books) -> Iterator[str]:
    """Rule 9: what is written down of how an invoice stands is what the papers and the money of its order say; the oldest is filled first."""
    lost = {row["id"] for row in books.all("SELECT * FROM job") if _is_given_up(row)}
    signs = {"payment": 1, "refund": -1, "authorization": 0}
    left: dict[tuple[int, str], int] = defaultdict(int)
    for row in books.all("SELECT * FROM payment"):
        if row["job"] is None or row["job"] not in lost:
            left[row["order"], row["currency"]] += signs[row["kind"]] * row["amount_minor"]
    documents, kept = books.all("SELECT * FROM invoice ORDER BY id"), {row["invoice"]: row for row in books.all("SELECT * FROM invoice_standing")}
    for row in documents:
        state, open_minor, paid = "credited", 0, 0
        if row["kind"] == "invoice":
            payable, of_order = row["gross_minor"] + row["rounding_minor"], (row["order"], row["currency"])
            asked = payable - sum(each["gross_minor"] + each["rounding_minor"] for each in documents if each["parent"] == str(row["id"]))
            paid = max(min(left[of_order], asked), 0)
            left[of_order] -= paid
            open_minor = max(asked, 0) - paid
            state = "credited" if payable > 0 >= asked else "owing" if open_minor else "paid"
        said = kept.pop(row["id"], {})
        if (said.get("state"), said.get("open_minor"), said.get("paid_minor")) != (state, open_minor, paid):
            yield f"Rule 9 {row['number']}: is {state}, {open_minor} open and {paid} paid, but kept as {said}"
    yield from (f"Rule 9 standing of paper {paper}, which isn't there" for paper in kept)


def _is_given_up(job: Row) -> bool:
    only_its_end = job["status"] != "done" and job["result"] is not None and job["then"] is None and job["on_error"] is not None
    return job["status"] == "dead" or (job["status"] == "dropped" and job["attempts"] == 0) or only_its_end


def _carried(snapshot: Row, line: int) -> list[Row]:
    return [share for share in snapshot.get("carried", []) if share["line"] == line]


def _line(line: Row, parts: Sequence[Sequence[Row]]) -> tuple[int | None, str]:
    """What a line costs once it is billed, and what is wrong with it."""
    shares = json.loads(line["shares"])["shares"]
    units = sum(part[0]["units"] for part in parts if part)
    sums = [sum(part[index]["minor"] for part in parts if part) for index in range(len(shares))]
    whole = [minor for *_, minor in shares]
    is_billed = units == abs(line["quantity"])
    if any(not min(0, most) <= minor <= max(0, most) for minor, most in zip(sums, whole, strict=True)) or (is_billed and sums != whole):
        return None, f"{units} units of line {line['line']} stand with {sums} on invoices, of {whole}"
    return (sum(-minor if kind == "discount" else minor for kind, *_, minor in shares) if is_billed else None), ""


def papers(books: Books) -> Iterator[str]:
    """I5: every other paper was wanted by a hop, once for the same items, and says what it said."""
    hops = {f"{row['trigger']}:{row['hop']}" for row in books.history if row["error"] is None}
    for row in books.all("SELECT * FROM paper"):
        if row["cause"].partition(".")[0] not in hops:
            yield f"I5 paper {row['id']} has no hop that wanted it"
        if row["sha256"] != hashlib.sha256(row["snapshot"].encode()).hexdigest():
            yield f"I5 paper {row['id']} doesn't say what it said"
    for row in books.all('SELECT template, cause, count(*) AS times FROM paper GROUP BY "order", template, sha256, cause HAVING count(*) > 1'):
        yield f"I5 {row['template']} of {row['cause']} is there {row['times']} times"


def files(books: Books) -> Iterator[str]:
    """I8: every file that is named lies in the archive as it was stored, and nothing half written lies there."""
    archive = books.folder / "data" / "archive"
    named = books.all("SELECT key, sha256, CASE kind WHEN 'pdf' THEN '%PDF-' ELSE '<?xml' END AS opens FROM invoice_file")
    named += books.all("SELECT key, sha256, '%PDF-' AS opens FROM paper_file")
    named += books.all("SELECT eml_key AS key, eml_sha256 AS sha256, 'Message-ID:' AS opens FROM mail_message WHERE eml_key IS NOT NULL")
    for row in named:
        data = books.file(row["key"])
        if hashlib.sha256(data).hexdigest() != row["sha256"] or not data.startswith(row["opens"].encode()):
            yield f"I8 {row['key']} is not what was stored"
    yield from (f"I8 left over: {path.name}" for path in archive.rglob(".new-*"))


def timers(books: Books) -> Iterator[str]:
    """I13: pending timers belong to the stay, one per event."""
    for row in books.all("SELECT t.*, i.moves AS now FROM timer t JOIN order_item i ON i.id = t.item"):
        if row["moves"] != row["now"]:
            yield f"I13 timer {row['id']} of item {row['item']} outlived its stay"
    for row in books.all("SELECT item, event, count(*) AS times FROM timer GROUP BY 1, 2 HAVING count(*) > 1"):
        yield f"I13 item {row['item']} has {row['times']} timers for {row['event']}"


def mails(books: Books, copies: Sequence[Copy], *, doubled: int, quiet: bool) -> Iterator[str]:
    """I9, I10, I11: each promised mail arrived once at each of its recipients and nowhere else, with the same bytes."""
    rows = {row["message_id"]: row for row in books.all("SELECT * FROM mail_message")}
    wanted: dict[int, dict[str, Row]] = defaultdict(dict)
    for recipient in books.all("SELECT * FROM mail_recipient"):
        wanted[recipient["message"]][recipient["address"]] = recipient
    arrived: Counter[tuple[str, str]] = Counter()
    for copy in copies:
        parsed = message_from_bytes(copy.content, policy=policy.default)
        row = rows.get(str(parsed["Message-ID"]))
        if row is None:
            yield f"I10 {parsed['Message-ID']} arrived, which nobody promised"
            continue
        yield from (f"I11 {row['message_id']}: {sentence}" for sentence in _headers(parsed, copy, wanted[row["id"]]))
        if hashlib.sha256(copy.content).hexdigest() != row["eml_sha256"]:
            yield f"I10 {row['message_id']} arrived with other bytes than were stored"
        arrived.update((row["message_id"], address) for address in copy.recipients)
    if sum(count - 1 for count in arrived.values()) > doubled:
        yield f"I10 more than {doubled} doubled: {[(key, count) for key, count in arrived.items() if count > 1]}"
    for row in rows.values():
        for address, recipient in wanted[row["id"]].items():
            yield from _recipient(recipient, row["message_id"], arrived[row["message_id"], address], quiet=quiet)


def _recipient(recipient: Row, message: str, times: int, *, quiet: bool) -> Iterator[str]:
    if recipient["status"] == "sent" and recipient["code"] != "file" and not times:
        yield f"I9 {message} is marked as sent to {recipient['address']}, but never arrived"
    if recipient["status"] == "pending" and quiet:
        yield f"I9 {message} still waits for {recipient['address']}"


def _headers(parsed: Any, copy: Copy, wanted: dict[str, Row]) -> Iterator[str]:
    for name in ("From", "To", "Subject", "Date", "Message-ID"):
        if len(parsed.get_all(name) or []) != 1:
            yield f"has not exactly one {name}"
    if parsed["Bcc"] is not None:
        yield "has a Bcc header"
    if not set(copy.recipients) <= wanted.keys():
        yield f"went to {copy.recipients}, who are not all its recipients"
    if b"\n" in copy.content.replace(b"\r\n", b"") or b"\r" in copy.content.replace(b"\r\n", b""):
        yield "has bare line ends"
    for address, recipient in wanted.items():
        if recipient["role"] == "bcc" and address.encode() in copy.content:
            yield f"names the hidden {address}"
