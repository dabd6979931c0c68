"""The composition root: settings in, ASGI application out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

from sqlalchemy.exc import DataError, OperationalError, SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from zhishiyun_protocol.errors import ZhishiyunError
from zhishiyun_protocol.signing import key_id, to_text
from zhishiyun_server import wire
from zhishiyun_server.bus import Bus, NobodyElse
from zhishiyun_server.clock import continued, keep_anchor, kept_anchor
from zhishiyun_server.evidence.bucket import Bucket
from zhishiyun_server.evidence.follower import Expected
from zhishiyun_server.evidence.followers import Followers
from zhishiyun_server.evidence.shelf import Shelf
from zhishiyun_server.evidence.store_shelf import StoreShelf
from zhishiyun_server.expiring import expire
from zhishiyun_server.headers import PlainHeaders
from zhishiyun_server.intake import DOOR, ChunkDoor
from zhishiyun_server.keep.blobs import Blobs
from zhishiyun_server.keep.database import AWAY, Database
from zhishiyun_server.keep.database_place import open_database
from zhishiyun_server.keep.exams import exam_recorded
from zhishiyun_server.keep.home import Home
from zhishiyun_server.keep.keys import Keys, read_keys
from zhishiyun_server.keep.recordings import recording_by
from zhishiyun_server.keep.store_place import read_place
from zhishiyun_server.live import Switchboard
from zhishiyun_server.logbook import Logbook
from zhishiyun_server.phone_watch import watch_phones
from zhishiyun_server.premises import Premises, premises_of, rates_of
from zhishiyun_server.problems import Refusal, refusal, refused
from zhishiyun_server.reception import READING, reading_buffer
from zhishiyun_server.releases import Releases
from zhishiyun_server.rounds import Rounds
from zhishiyun_server.routes.beats import live
from zhishiyun_server.routes.catalogue import OPERATIONS
from zhishiyun_server.routes.chunks import PutChunk
from zhishiyun_server.routes.description import pages
from zhishiyun_server.settings import Limits, Settings
from zhishiyun_server.viewing import Viewing

LOG = logging.getLogger(__name__)
ANCHOR_EVERY_S = 30.0
CHUNK_PATH = re.compile(r"/v1/evidence/([^/]+)/([0-9]{1,18})")


class ExamServer(Starlette):
    """Chunks go straight to their application: no route has to be looked for."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        fits = CHUNK_PATH.fullmatch(scope["path"]) if scope.get("method") == "PUT" else None
        if fits is None:
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        scope["path_params"] = {"recording_id": fits[1], "first_byte": int(fits[2])}
        await self._put_chunk(scope, receive, send)

    @cached_property
    def _put_chunk(self) -> ASGIApp:
        return ServerErrorMiddleware(
            ExceptionMiddleware(PutChunk(), self.exception_handlers), _failed
        )


DISK_THREADS = 32


def build(settings: Settings) -> Starlette:
    """The application over a server's folder; the caller's server runs its lifespan.

    Raises:
        Fixable: HOME_MISSING.
    """
    premises = furnish(settings)
    handlers = {
        Refusal: _refuse,
        HTTPException: _http_problem,
        ZhishiyunError: _misread,
        OverflowError: _too_large_a_number,
        DataError: _unfit_value,
        **dict.fromkeys(AWAY, _database_failed),
        Exception: _failed,
    }
    app = ExamServer(
        routes=[
            *(
                Route(operation.path, operation.endpoint, methods=[operation.method])
                for operation in OPERATIONS
            ),
            WebSocketRoute("/v1/live", live),
            *pages(OPERATIONS),
        ],
        exception_handlers=handlers,  # type: ignore[arg-type]
        lifespan=_lifespan,
    )
    app.add_middleware(PlainHeaders)
    app.state.premises = premises
    return app


def furnish(settings: Settings) -> Premises:
    """Everything behind the routes; also what commands work with.

    Raises:
        Fixable: HOME_MISSING.
    """
    home = Home(settings.home)
    home.require()
    keys = read_keys(home)
    database = open_database(home)
    clock = continued(database.read(kept_anchor), settings.speed)
    database.write_now(lambda c: keep_anchor(c, clock.anchor()))
    shelf = _shelf(home, database, settings.limits)
    followers = Followers(
        database, shelf, lambda name: _expected(database, keys, name), clock.now_us
    )
    bus = _bus(home, keys)
    switchboard = Switchboard(bus)
    return Premises(
        settings=settings,
        home=home,
        keys=keys,
        clock=clock,
        database=database,
        blobs=Blobs(home.blobs),
        shelf=shelf,
        followers=followers,
        switchboard=switchboard,
        logbook=Logbook(database, switchboard.learn),
        rounds=Rounds(clock.now_us),
        rates=rates_of(settings.limits),
        viewing=Viewing(bus),
        bus=bus,
    )


def _bus(home: Home, keys: Keys) -> Bus:
    if not home.bus_address.is_file():
        return NobodyElse()
    from zhishiyun_server.nats_bus import NatsBus

    address = home.bus_address.read_text("utf-8")
    return NatsBus(address, key_id(keys.issuer.public_bytes()))


def _shelf(home: Home, database: Database, limits: Limits) -> Shelf:
    place = read_place(home.store)
    if place is None:
        return Shelf(home.evidence, database, limits.reserve_bytes)
    return StoreShelf(home.evidence, database, limits.reserve_bytes, Bucket(place))


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[dict[str, object]]:
    premises: Premises = app.state.premises
    # Most of these threads wait for the disk.
    pool = ThreadPoolExecutor(DISK_THREADS, thread_name_prefix="asyncio_disk")
    asyncio.get_running_loop().set_default_executor(pool)
    if premises.settings.is_first:
        await asyncio.to_thread(premises.shelf.reconcile, premises.clock.now_us())
        await asyncio.to_thread(premises.settings.welcome)
    keeping = [
        asyncio.create_task(_keep_clock(premises)),
        asyncio.create_task(premises.logbook.run()),
        asyncio.create_task(Releases(premises).run()),
        asyncio.create_task(expire(premises)),
        asyncio.create_task(premises.bus.run()),
        asyncio.create_task(watch_phones(premises)),
    ]
    try:
        # A store's chunks that come here are few, and each has something odd about it.
        by_store = isinstance(premises.shelf, StoreShelf)
        door = {} if by_store else {DOOR: ChunkDoor(premises)}
        yield {READING: reading_buffer(), **door}
    finally:
        for task in keeping:
            task.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)
        await premises.switchboard.close()
        await premises.logbook.close()
        await premises.followers.close()
        await _keep_anchor(premises)
        premises.close()


async def _keep_clock(premises: Premises) -> None:
    """A server that is killed goes on from a recent anchor, however the wall clock is set."""
    while True:
        await asyncio.sleep(ANCHOR_EVERY_S)
        await _keep_anchor(premises)


async def _keep_anchor(premises: Premises) -> None:
    try:
        await premises.database.write(lambda c: keep_anchor(c, premises.clock.anchor()))
    except SQLAlchemyError as error:  # the one before serves as well
        LOG.warning("the clock's anchor could not be kept: %s", error)


def _expected(database: Database, keys: Keys, recording_id: str) -> Expected:
    recording, exam = database.read(
        lambda c: (recording_by(c, recording_id), exam_recorded(c, recording_id))
    )
    return Expected(
        recording_id=recording_id,
        source=recording.source,
        exam_id=exam.id,
        plan_sha256=exam.plan_sha256,
        device_key=recording.device_key,
        server_key=to_text(keys.receipts.public_bytes()),
        evidence_key=recording.evidence_key,
    )


async def _refuse(_request: Request, error: Refusal) -> Response:
    return wire.answer_refusal(error)


async def _http_problem(_request: Request, error: HTTPException) -> Response:
    code = {404: "NOT_FOUND", 405: "METHOD_WRONG", 413: "TOO_LARGE"}.get(
        error.status_code, "BAD_REQUEST"
    )
    return wire.answer_refusal(refusal(code))


async def _misread(_request: Request, error: ZhishiyunError) -> Response:
    return wire.answer_refusal(refused(error, 400))


async def _too_large_a_number(_request: Request, _error: OverflowError) -> Response:
    return wire.answer_refusal(refusal("BAD_REQUEST", detail="a number is too large"))


async def _unfit_value(_request: Request, _error: DataError) -> Response:
    return wire.answer_refusal(refusal("BAD_REQUEST", detail="a value does not fit its field"))


async def _database_failed(request: Request, error: SQLAlchemyError) -> Response:
    is_full = isinstance(error, OperationalError) and premises_of(request).database.is_full(error)
    code = "DISK_FULL" if is_full else "INTERNAL"
    return wire.answer_refusal(refusal(code, retry_after_s=30 if code == "DISK_FULL" else 2))


async def _failed(_request: Request, _error: Exception) -> Response:
    return wire.answer_refusal(refusal("INTERNAL", retry_after_s=2))
