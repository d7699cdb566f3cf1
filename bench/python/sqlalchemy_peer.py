"""SQLAlchemy's side of the benchmark: reads one question a line, runs the burst, answers with one line.

Written as SQLAlchemy's documentation has it: mapped classes, `AsyncSession`, a pool with pre-ping; on uvloop.
"""

import asyncio
import json
import os
import random
import sys
import time
import uuid
from datetime import datetime, timedelta, timezone
from typing import Optional

import uvloop
from sqlalchemy import ARRAY, BigInteger, DateTime, Double, Float, ForeignKey, Identity, Integer, LargeBinary
from sqlalchemy import SmallInteger, Text, insert, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

DOCUMENTS, AUTHORS, ACCOUNTS = 10_000, 1_000, 1_000
REPORT = text(
    "SELECT status, count(*) AS documents, avg(score) AS score, "
    "sum(length(body || summary || n::text)) AS characters "
    "FROM document, generate_series(1, 3) AS n GROUP BY status"
)


class Base(DeclarativeBase):
    type_annotation_map = {int: BigInteger, str: Text, datetime: DateTime(timezone=True), uuid.UUID: UUID()}


class Document(Base):
    __tablename__ = "document"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[uuid.UUID]
    owner_id: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[Optional[datetime]]
    created_by: Mapped[str]
    updated_by: Mapped[Optional[str]]
    is_active: Mapped[bool]
    version: Mapped[int] = mapped_column(Integer)
    title: Mapped[str]
    slug: Mapped[str]
    summary: Mapped[str]
    body: Mapped[str]
    status: Mapped[str]
    kind: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger)
    score: Mapped[float] = mapped_column(Double)
    rating: Mapped[Optional[float]] = mapped_column(Float)
    views: Mapped[int]
    size_bytes: Mapped[int] = mapped_column(Integer)
    language: Mapped[str]
    country: Mapped[Optional[str]]
    email: Mapped[str]
    url: Mapped[Optional[str]]
    tags: Mapped[list] = mapped_column(ARRAY(Text))
    meta: Mapped[dict] = mapped_column("metadata", JSONB)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class Event(Base):
    __tablename__ = "event"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    public_id: Mapped[uuid.UUID]
    owner_id: Mapped[int]
    title: Mapped[str]
    amount: Mapped[float] = mapped_column(Double)
    is_active: Mapped[bool]
    happened_at: Mapped[datetime]


class Author(Base):
    __tablename__ = "author"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    articles: Mapped[list["Article"]] = relationship()


class Article(Base):
    __tablename__ = "article"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("author.id"))
    title: Mapped[str]
    created_at: Mapped[datetime]
    comments: Mapped[list["Comment"]] = relationship()


class Comment(Base):
    __tablename__ = "comment"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    article_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("article.id"))
    body: Mapped[str]


class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    balance: Mapped[int]


def event(n: int) -> dict:
    return {
        "public_id": uuid.UUID(int=n),
        "owner_id": n % 1000,
        "title": f"Event number {n} of the benchmark",
        "amount": n / 3.0,
        "is_active": n % 2 == 0,
        "happened_at": datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=n % 1_000_000),
    }


class Peer:
    def __init__(self, url: str, connections: int) -> None:
        self.engine = create_async_engine(url, pool_size=connections, max_overflow=0, pool_pre_ping=True)
        self.session = async_sessionmaker(self.engine, expire_on_commit=False)
        self.events: list[dict] = []

    async def document(self) -> None:
        id = random.randint(1, DOCUMENTS)
        async with self.session() as session:
            found = await session.get(Document, id)
            assert found.id == id

    async def documents(self, limit: int) -> None:
        async with self.session() as session:
            found = (await session.scalars(select(Document).limit(limit))).all()
            assert len(found) == limit

    async def list(self, limit: int) -> None:
        query = select(Document).where(Document.status == "published", Document.is_active == True)  # noqa: E712
        async with self.session() as session:
            found = (await session.scalars(query.order_by(Document.created_at.desc()).limit(limit))).all()
            assert len(found) == limit

    async def patch(self) -> None:
        id = random.randint(1, DOCUMENTS)
        values = {
            "title": f"Title number {random.getrandbits(64)}",
            "updated_at": datetime.now(timezone.utc),
            "updated_by": "user-7",
        }
        async with self.session() as session:
            query = update(Document).where(Document.id == id).values(values).returning(Document)
            changed = (await session.scalars(query)).one()
            await session.commit()
            assert changed.id == id

    async def create(self) -> None:
        async with self.session() as session:
            query = insert(Event).values(event(random.randint(1, 1_000_000))).returning(Event)
            created = (await session.scalars(query)).one()
            await session.commit()
            assert created.id > 0

    async def insert(self) -> None:
        async with self.session() as session:
            await session.execute(insert(Event).values(event(random.randint(1, 1_000_000))))
            await session.commit()

    async def insert_many(self) -> None:
        async with self.session() as session:
            await session.execute(insert(Event), self.events)
            await session.commit()

    async def relations(self, count: int) -> None:
        first = random.randint(1, AUTHORS)
        keys = [uuid.UUID(int=(first + place) % AUTHORS + 1) for place in range(count)]
        async with self.session() as session:
            query = select(Author).where(Author.id.in_(keys))
            query = query.options(selectinload(Author.articles).selectinload(Article.comments))
            authors = (await session.scalars(query)).all()
            assert sum(len(article.comments) for author in authors for article in author.articles) == 100 * count

    async def transaction(self) -> None:
        async with self.session() as session, session.begin():
            account = await session.get(Account, random.randint(1, ACCOUNTS), with_for_update=True)
            account.balance += 1

    async def checkout(self) -> None:
        async with self.engine.connect():
            pass

    async def report(self) -> None:
        async with self.session() as session:
            assert len((await session.execute(REPORT)).all()) == 4


async def repeat(operation, end: float) -> list[float]:
    times, before = [], time.perf_counter()
    while True:
        await operation()
        now = time.perf_counter()
        times.append(now - before)
        before = now
        if now >= end:
            return times


async def burst(operation, tasks: int, seconds: float) -> list[float]:
    end = time.perf_counter() + seconds
    times = await asyncio.gather(*(repeat(operation, end) for _ in range(tasks)))
    return sorted(time for of_task in times for time in of_task)


async def answer(peer: Peer, question: dict) -> dict:
    work, count, tasks, seconds = (question[name] for name in ("work", "count", "tasks", "seconds"))
    if work == "insert_many":
        peer.events = [event(n) for n in range(count)]
    began, reports = time.perf_counter(), []
    if work in ("documents", "list", "relations"):
        operation = getattr(peer, work)
        times = await burst(lambda: operation(count), tasks, seconds)
    elif work == "beside":
        reporting = asyncio.create_task(burst(peer.report, count, seconds))
        times = await burst(peer.document, tasks, seconds)
        reports = await reporting
    else:
        times = await burst(getattr(peer, work), tasks, seconds)
    elapsed = time.perf_counter() - began
    at = lambda share: times[int((len(times) - 1) * share)] * 1e6
    return {
        "operations": len(times),
        "seconds": elapsed,
        "p50_us": at(0.5),
        "p99_us": at(0.99),
        "p999_us": at(0.999),
        "reports": len(reports),
    }


async def main() -> None:
    url = os.environ["BENCH_URL"].replace("postgres://", "postgresql+asyncpg://", 1)
    url = url.replace("postgresql://", "postgresql+asyncpg://", 1)
    peer = Peer(url, int(sys.argv[1]))
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await answer(peer, json.loads(line))), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
