"""Every row of the fault table over real sockets: what is filed, and what the ledger says afterwards."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from importer.jobs import Job
from importer.ledger import Ledger
from importer.progress import OnProgress, Phase, Progress, ignore
from importer.rows import Status
from tests.support import FAST, FakeClock, Outcome, carry_out, people_csv

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
CREDENTIALS = {
    "HITPAY_API_KEY": "key",
    "JUICYWAY_API_KEY": "key",
    "KREZYPAY_TOKEN": "token",
    "YATIVO_TOKEN": "token",
    "RAPYD_ACCESS_KEY": "access",
    "RAPYD_SECRET_KEY": "secret",
}


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    return head + await reader.readexactly(length)


def answering(text: str) -> Handler:
    """Answers every request with these bytes and hangs up."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(text.encode())
        await writer.drain()

    return handle


def http(status: str, body: str = "", *headers: str) -> Handler:
    """Answers every request so."""
    lines = [
        f"HTTP/1.1 {status}",
        "Content-Type: application/json",
        f"Content-Length: {len(body.encode())}",
        "Connection: close",
        *headers,
    ]
    return answering("\r\n".join(lines) + "\r\n\r\n" + body)


@asynccontextmanager
async def serving(handle: Handler) -> AsyncIterator[tuple[str, list[int]]]:
    """A provider made of one handler: its address, and a list that grows with each request."""
    requests: list[int] = []

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(1)
        try:
            await handle(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", requests


async def send_one(
    folder: Path,
    address: str,
    provider: str = "krezypay",
    *,
    rows: int = 1,
    patience: float = 40.0,
    concurrency: int | None = None,
    watch: OnProgress = ignore,
) -> Outcome:
    source = people_csv(folder / "customers.csv", provider, range(rows))
    job = Job(
        source=source,
        provider=provider,
        base_url=address,
        ledger=f"sqlite:///{folder / 'ledger.sqlite3'}",
        limits=FAST,
        concurrency=concurrency,
        timeout=patience,
        settle_after=0.0,
    )
    return await carry_out(job, CREDENTIALS, watch=watch)


def in_ledger(folder: Path, address: str, provider: str = "krezypay") -> list[str]:
    """The states of the ledger's customers."""
    with (
        Ledger.open(f"sqlite:///{folder / 'ledger.sqlite3'}") as ledger,
        ledger._engine.connect() as connection,
    ):
        return list(connection.exec_driver_sql("SELECT state FROM customer").scalars())


CREATED = '{"status":"success","customer_id":"c1","message":"ok"}'


@pytest.mark.parametrize(
    ("handler", "status", "code"),
    [
        (http("200 OK", CREATED), Status.CREATED, ""),
        (http("409 Conflict", '{"error":"exists"}'), Status.EXISTS, "already_exists"),
        (http("400 Bad Request", '{"error":"Invalid request"}'), Status.REJECTED, "rejected"),
        (http("400 Bad Request", "<html>"), Status.UNKNOWN, "unreadable_reply"),
        (http("200 OK", '{"status":"success"}'), Status.UNKNOWN, "no_id"),
        (http("200 OK", '{"status":"pending"}'), Status.UNKNOWN, "unclear_reply"),
        (http("200 OK", "7" + CREATED), Status.UNKNOWN, "unreadable_reply"),
        (http("200 OK", ""), Status.UNKNOWN, "unreadable_reply"),
        (http("204 No Content"), Status.UNKNOWN, "unreadable_reply"),
        (http("500 Internal Server Error", CREATED), Status.UNKNOWN, "server_error"),
        (http("503 Service Unavailable", "busy"), Status.UNKNOWN, "server_error"),
        (http("408 Request Timeout"), Status.UNKNOWN, "server_error"),
        (http("302 Found", "", "Location: /elsewhere"), Status.UNKNOWN, "redirected"),
        (http("307 Temporary Redirect", "", "Location: /elsewhere"), Status.UNKNOWN, "redirected"),
        (http("429 Too Many Requests", "", "Retry-After: 0"), Status.FAILED, "throttled"),
        (answering(""), Status.UNKNOWN, "connection_lost"),
        (answering("HTTP/1.1 200 OK\r\nContent-Len"), Status.UNKNOWN, "connection_lost"),
        (
            answering("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + CREATED),
            Status.UNKNOWN,
            "connection_lost",
        ),
        (answering("this is not HTTP\r\n\r\n"), Status.UNKNOWN, "connection_lost"),
        (
            answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip"),
            Status.UNKNOWN,
            "connection_lost",
        ),
    ],
)
async def test_answer_is_filed_as_what_is_known_of_its_effect(
    tmp_path: Path, handler: Handler, status: Status, code: str
) -> None:
    async with serving(handler) as (address, requests):
        outcome = await send_one(tmp_path, address)
    result = outcome.results[0]
    assert (result.status, result.code.split(";")[0]) == (status, code)
    assert in_ledger(tmp_path, address) == [str(status)]
    assert len(requests) == (3 if status is Status.FAILED else 1)


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "402 Payment Required"])
async def test_refused_account_stops_the_run(tmp_path: Path, status: str) -> None:
    async with serving(http(status, '{"error":"no"}')) as (address, requests):
        outcome = await send_one(tmp_path, address, rows=20)
    assert outcome.summary.exit_code == 3
    assert outcome.counts == {"failed": 1, "not_sent": 19}
    assert len(requests) == 1


async def test_refused_connection_is_certainly_not_applied(tmp_path: Path) -> None:
    async with serving(http("200 OK")) as (address, _):
        pass
    outcome = await send_one(tmp_path, address)
    assert (outcome.results[0].status, outcome.results[0].code) == (Status.FAILED, "not_connected")
    assert outcome.summary.exit_code == 1
    assert in_ledger(tmp_path, address) == ["failed"]


async def test_certificate_that_cannot_be_verified_is_certainly_not_applied(tmp_path: Path) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")

    async with serving(plain) as (address, _):
        outcome = await send_one(tmp_path, address.replace("http:", "https:"))
    assert (outcome.results[0].status, outcome.results[0].code) == (Status.FAILED, "not_connected")


async def test_answer_that_does_not_come_in_time_is_unknown(tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(silent) as (address, requests):
        outcome = await send_one(tmp_path, address, patience=0.2)
    assert (outcome.results[0].status, outcome.results[0].code.split(";")[0]) == (Status.UNKNOWN, "timed_out")
    assert len(requests) == 1


async def test_endless_answer_is_unknown(tmp_path: Path) -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b" " * 65536)
            await writer.drain()

    async with serving(endless) as (address, _):
        outcome = await send_one(tmp_path, address)
    assert (outcome.results[0].status, outcome.results[0].code.split(";")[0]) == (
        Status.UNKNOWN,
        "unreadable_reply",
    )


async def test_redirect_is_never_followed(tmp_path: Path) -> None:
    async with serving(http("200 OK", CREATED)) as (elsewhere, followed):
        handler = http("308 Permanent Redirect", "", f"Location: {elsewhere}/customer/create_customer")
        async with serving(handler) as (address, _):
            outcome = await send_one(tmp_path, address)
    assert outcome.statuses == ["unknown"]
    assert not followed


@pytest.mark.parametrize("provider", ["krezypay", "yativo", "hitpay", "rapyd"])
async def test_lost_create_is_not_sent_again_without_a_look_up(tmp_path: Path, provider: str) -> None:
    creates: list[bytes] = []

    async def lose(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        if request.startswith(b"POST"):
            creates.append(request)

    async with serving(lose) as (address, _):
        for _ in range(3):
            outcome = await send_one(tmp_path, address, provider)
            assert outcome.statuses == ["unknown"]
    assert len(creates) == 1


async def test_lost_create_at_juicyway_is_repeated_under_the_same_key(tmp_path: Path) -> None:
    keys: list[bytes] = []

    async def lose_twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        keys.append(
            next(line for line in request.split(b"\r\n") if line.lower().startswith(b"idempotency-key"))
        )
        if len(keys) == 3:
            body = b'{"data":{"id":"abc","status":"active"}}'
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    async with serving(lose_twice) as (address, _):
        outcome = await send_one(tmp_path, address, "juicyway")
    assert outcome.statuses == ["created"]
    assert len(keys) == 3
    assert len(set(keys)) == 1


async def test_row_is_on_disk_before_its_request_leaves_and_its_outcome_before_it_is_told(
    tmp_path: Path,
) -> None:
    arrived: list[list[str]] = []
    told: list[list[str]] = []

    async def look(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        arrived.append(states_on_disk(tmp_path))
        body = CREATED.replace("c1", f"c{len(arrived)}").encode()
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    def watch(progress: Progress) -> None:
        if progress.phase is Phase.SENDING and progress.result is not None:
            told.append(states_on_disk(tmp_path))

    async with serving(look) as (address, _):
        await send_one(tmp_path, address, rows=5, concurrency=1, watch=watch)
    assert arrived == [["created"] * number + ["sending"] for number in range(5)]
    assert told == [["created"] * number for number in range(1, 6)]


def states_on_disk(folder: Path) -> list[str]:
    """What somebody else reads in the ledger now."""
    database = sqlite3.connect(folder / "ledger.sqlite3")
    found = database.execute("SELECT state FROM customer ORDER BY state").fetchall()
    database.close()
    return [str(state) for (state,) in found]


def sent_at_in_ledger(folder: Path) -> float:
    """The time on disk of the only customer's last request."""
    database = sqlite3.connect(folder / "ledger.sqlite3")
    found = database.execute("SELECT sent_at FROM customer").fetchone()
    database.close()
    return float(found[0])


async def test_429_pauses_the_account_for_as_long_as_asked(tmp_path: Path) -> None:
    answered: list[int] = []
    on_disk: list[float] = []

    async def once_too_fast(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        answered.append(1)
        on_disk.append(sent_at_in_ledger(tmp_path))
        handler = (
            http("429 Too Many Requests", "", "Retry-After: 7")
            if len(answered) == 1
            else http("200 OK", CREATED)
        )
        fresh = asyncio.StreamReader()
        fresh.feed_data(b"POST / HTTP/1.1\r\n\r\n")
        await handler(fresh, writer)

    clock = FakeClock()
    async with serving(once_too_fast) as (address, _):
        source = people_csv(tmp_path / "customers.csv", "krezypay", range(1))
        job = Job(
            source=source,
            provider="krezypay",
            base_url=address,
            ledger=f"sqlite:///{tmp_path / 'ledger.sqlite3'}",
            limits=FAST,
        )
        began = clock.now()
        outcome = await carry_out(job, CREDENTIALS, clock=clock.clock)
    assert outcome.statuses == ["created"]
    assert clock.now() - began >= 7
    # whoever settles it after a crash must know when the last request left, not the first
    assert on_disk[1] - on_disk[0] >= 7


async def test_rapyds_firewall_is_waited_for_a_minute_then_five(tmp_path: Path) -> None:
    answered: list[int] = []

    async def firewall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        answered.append(1)
        body = b'{"status":{"status":"SUCCESS"},"data":{"id":"cus_1"}}'
        if len(answered) < 3:
            writer.write(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 6\r\n\r\n<html>")
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    clock = FakeClock()
    async with serving(firewall) as (address, _):
        source = people_csv(tmp_path / "customers.csv", "rapyd", range(1))
        job = Job(
            source=source,
            provider="rapyd",
            base_url=address,
            ledger=f"sqlite:///{tmp_path / 'l.sqlite3'}",
            limits=FAST,
        )
        began = clock.now()
        outcome = await carry_out(job, CREDENTIALS, clock=clock.clock)
    assert outcome.statuses == ["created"]
    assert 360 <= clock.now() - began < 400


async def test_outage_pauses_with_growing_waits_then_stops(tmp_path: Path) -> None:
    async with serving(http("200 OK")) as (address, _):
        pass
    clock = FakeClock()
    source = people_csv(tmp_path / "customers.csv", "hitpay", range(60))
    job = Job(
        source=source,
        provider="hitpay",
        base_url=address,
        ledger=f"sqlite:///{tmp_path / 'l.sqlite3'}",
        limits=FAST,
    )
    outcome = await carry_out(job, CREDENTIALS, clock=clock.clock)
    pauses = [progress.wait for progress in outcome.progress if progress.wait]
    assert pauses == [2.0, 4.0, 8.0, 16.0, 32.0]
    assert outcome.summary.exit_code == 3
    assert set(outcome.counts) == {"failed", "not_sent"}


async def test_lost_answer_stays_unknown_whatever_the_next_attempts_say(tmp_path: Path) -> None:
    """At JuicyWay a lost create is repeated; that the repeats were refused says nothing of the first one."""
    seen: list[int] = []

    async def lose_then_refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        seen.append(1)
        if len(seen) > 1:
            writer.write(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")

    async with serving(lose_then_refuse) as (address, _):
        outcome = await send_one(tmp_path, address, "juicyway")
    assert outcome.statuses == ["unknown"]
    assert in_ledger(tmp_path, address) == ["unknown"]


@pytest.mark.parametrize("provider", ["hitpay", "rapyd", "yativo", "juicyway", "krezypay"])
async def test_conflict_is_a_customer_that_exists(tmp_path: Path, provider: str) -> None:
    async with serving(http("409 Conflict", '{"message":"Conflict"}')) as (address, requests):
        outcome = await send_one(tmp_path, address, provider)
    assert outcome.statuses == ["exists"]
    assert len(requests) == 1
