"""What seed 004's backend does with its models, against a migrated database. Prints TAP.

Its environment has DATABASE_URL, whose scheme names the driver.
"""

import os
import traceback
import uuid
from datetime import datetime, timedelta

import sqlalchemy
from models import Agent, AgentMessage, AgentSession, Base, now
from sqlalchemy import create_engine, event, func, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

ALICE = uuid.UUID("00000000-0000-4000-8000-00000000000a")
EVE = uuid.UUID("00000000-0000-4000-8000-00000000000e")
ACME = uuid.UUID("00000000-0000-4000-8000-0000000000ac")

CASES = []


def case(claim):
    """Adds a case: a function that is given the engine of the backend and asserts the claim."""

    def add(run):
        CASES.append((claim, run))
        return run

    return add


def connect(role):
    """An engine whose connections act as a role."""
    engine = create_engine(os.environ["DATABASE_URL"])

    @event.listens_for(engine, "connect")
    def become(connection, _record):
        with connection.cursor() as cursor:
            cursor.execute(f"set role {role}")
        connection.commit()

    return engine


def refused(run, *errors):
    """Asserts that a call is refused by the database, and returns the error."""
    try:
        run()
    except errors or (DBAPIError,) as error:
        return error
    raise AssertionError("it was not refused")


def new_agent(engine, **columns):
    with Session(engine) as session:
        agent = Agent(name="Bot", organization_id=ACME, created_by=ALICE, **columns)
        session.add(agent)
        session.commit()
        return agent.id


def new_session(engine, **columns):
    columns.setdefault("session_id", uuid.uuid4().hex)
    columns.setdefault("website_domain", "a.example.com")
    columns.setdefault("channel", "widget")
    agent_id = columns.pop("agent_id", None) or new_agent(engine)
    with Session(engine) as session:
        row = AgentSession(agent_id=agent_id, **columns)
        session.add(row)
        session.commit()
        return row.id


def said(*texts):
    return [{"role": "user", "content": content} for content in texts]


@case("an agent keeps its id and is read as it was written")
def _(engine):
    wanted = uuid.uuid4()
    written = {
        "voice_provider": "elevenlabs",
        "voice_settings": {"speed": 1.1},
        "security": {"allowed_domains": ["a.example.com"]},
        "knowledge_base_ids": ["kb-1", str(uuid.uuid4())],
        "config_json": {"graph": "support"},
        "system_prompt": "Be kind.",
    }
    assert new_agent(engine, id=wanted, **written) == wanted
    with Session(engine) as session:
        agent = session.get(Agent, wanted)
        assert {name: getattr(agent, name) for name in written} == written
        assert (agent.llm_provider, agent.llm_model) == ("openai", "gpt-4o-mini")
        assert (float(agent.temperature), agent.is_active, agent.version) == (0.7, True, 1)


@case("lists and settings of an agent are changed in place, and its version goes up")
def _(engine):
    agent_id = new_agent(engine)
    with Session(engine) as session:
        agent = session.get(Agent, agent_id)
        agent.knowledge_base_ids.append("kb-2")
        agent.llm_model, agent.temperature, agent.is_published = "gpt-4o", 0.3, True
        session.commit()
        session.refresh(agent)
        assert agent.knowledge_base_ids == ["kb-2"]
        assert (agent.llm_model, agent.version, agent.is_published) == ("gpt-4o", 2, True)


@case("a session has the types of its model, and its age is a difference of naive times")
def _(engine):
    session_id = new_session(engine, ip_address="203.0.113.9", website_domain="Shop.Example.com")
    with Session(engine) as session:
        row = session.get(AgentSession, session_id)
        assert (row.ip_address, row.website_domain) == ("203.0.113.9", "shop.example.com")
        assert (row.status, row.message_count, row.ended_at) == ("active", 0, None)
        assert row.conversation_history == [] and row.context_data == {}
        assert abs(now() - row.last_activity_at) < timedelta(minutes=2)
        idle = now() - timedelta(minutes=30)
        sessions = session.query(AgentSession).filter(AgentSession.last_activity_at > idle)
        assert sessions.filter_by(id=session_id).count() == 1


@case("times are UTC, whatever the time zone of the connection")
def _(engine):
    session_id = uuid.uuid4()
    started = datetime(2026, 1, 2, 3, 4)
    agent_id = new_agent(engine)
    with Session(engine) as session:
        session.execute(text("set local time zone 'Asia/Tokyo'"))
        session.add(AgentSession(
            id=session_id, session_id=str(session_id), agent_id=agent_id, channel="voice",
            started_at=started, last_activity_at=started,
        ))
        session.commit()
        assert session.get(AgentSession, session_id).started_at == started


@case("session ids are those of the model: short ones too, and each only once")
def _(engine):
    name = uuid.uuid4().hex[:6]
    new_session(engine, session_id=name)
    refused(lambda: new_session(engine, session_id=name), IntegrityError)


@case("a call by telephone has no site, and a site may have a port")
def _(engine):
    new_session(engine, website_domain=None, channel="voice")
    new_session(engine, website_domain="localhost:3000")


@case("what is appended to a history becomes messages, counted once")
def _(engine):
    session_id = new_session(engine, conversation_history=said("one"))
    with Session(engine) as session:
        row = session.get(AgentSession, session_id)
        row.conversation_history.append({"role": "assistant", "content": "two"})
        row.message_count = (row.message_count or 0) + 1
        row.last_activity_at = now()
        session.commit()
        row.conversation_history = row.conversation_history + said("three")
        session.commit()
        assert row.message_count == 3
        contents = [message.content for message in row.messages]
        assert sorted(contents) == ["one", "three", "two"], contents


@case("of two that append to the same history, the second is refused and nothing is lost")
def _(engine):
    session_id = new_session(engine, conversation_history=said("one"))
    with Session(engine) as first, Session(engine) as second:
        rows = [session.get(AgentSession, session_id) for session in (first, second)]
        rows[0].conversation_history = said("one", "first")
        rows[1].conversation_history = said("one", "second")
        first.commit()
        refused(second.commit)
        second.rollback()
        row = second.get(AgentSession, session_id)
        row.conversation_history = row.conversation_history + said("second")
        second.commit()
        assert row.conversation_history == said("one", "first", "second")


@case("messages are written many at once, with sound and without")
def _(engine):
    session_id = new_session(engine)
    with Session(engine) as session:
        session.add_all([
            AgentMessage(session_id=session_id, role="user", content="hi"),
            AgentMessage(session_id=session_id, role="assistant", content=None),
            AgentMessage(
                session_id=session_id, role="assistant", content="hello", tokens_used=12,
                audio_url="https://cdn.example.com/a.mp3", audio_duration_ms=900, latency_ms=300,
                model_used="gpt-4o",
            ),
        ])
        session.commit()
        row = session.get(AgentSession, session_id)
        assert row.message_count == 3 and len(row.messages) == 3
        assert sum(message.tokens_used or 0 for message in row.messages) == 12


@case("two sites of one agent share no state")
def _(engine):
    agent_id = new_agent(engine)
    ids = [
        new_session(engine, agent_id=agent_id, website_domain=site, context_data={"site": site})
        for site in ("a.example.com", "b.example.com")
    ]
    with Session(engine) as session:
        session.get(AgentSession, ids[0]).context_data["cart"] = 1
        session.get(AgentSession, ids[0]).conversation_history.append(said("secret")[0])
        session.commit()
        other = session.query(AgentSession).filter_by(
            agent_id=agent_id, website_domain="b.example.com", status="active",
        ).one()
        assert other.context_data == {"site": "b.example.com"}
        assert other.conversation_history == []


@case("a session is ended in each of its words, and knows when")
def _(engine):
    for status in ("ended", "closed", "completed", "inactive", "expired"):
        session_id = new_session(engine)
        with Session(engine) as session:
            row = session.get(AgentSession, session_id)
            row.status, row.ended_at = status, now()
            session.commit()
            assert row.status == status and row.ended_at >= row.started_at


@case("rows are locked: others wait, are refused or skip them")
def _(engine):
    agent_id = new_agent(engine)
    session_id = new_session(engine, agent_id=agent_id)
    with Session(engine) as first, Session(engine) as second:
        first.query(AgentSession).filter_by(id=session_id).with_for_update().one()
        locked = second.query(AgentSession).filter_by(id=session_id)
        error = refused(lambda: locked.with_for_update(nowait=True).one())
        assert "could not obtain lock" in str(error)
        second.rollback()
        assert locked.with_for_update(skip_locked=True).all() == []
        second.rollback()
        second.execute(text("set local lock_timeout = '50ms'"))
        refused(lambda: locked.update({"status": "ended"}))
        second.rollback()
        first.commit()
        assert locked.with_for_update().one().agent_id == agent_id
        second.rollback()
        session_of = second.query(AgentSession, Agent).join(Agent).filter(AgentSession.id == session_id)
        assert session_of.with_for_update(of=Agent).one()[1].id == agent_id


@case("many sessions are changed by one statement")
def _(engine):
    agent_id = new_agent(engine)
    for _ in range(3):
        new_session(engine, agent_id=agent_id)
    with Session(engine) as session:
        mine = session.query(AgentSession).filter_by(agent_id=agent_id)
        assert mine.update({"status": "ended", "ended_at": now()}) == 3
        session.commit()
        counted = session.query(func.count(AgentSession.id), AgentSession.status)
        assert counted.filter_by(agent_id=agent_id).group_by(AgentSession.status).all() == [(3, "ended")]
        assert mine.delete() == 3
        session.commit()


@case("a change of a session that another connection deleted is noticed")
def _(engine):
    session_id = new_session(engine)
    with Session(engine) as first, Session(engine) as second:
        row = first.get(AgentSession, session_id)
        second.delete(second.get(AgentSession, session_id))
        second.commit()
        row.status = "ended"
        refused(first.commit, StaleDataError)


@case("create_all() creates nothing")
def _(engine):
    created = []
    event.listen(Base.metadata, "before_create", lambda *_, tables, **__: created.extend(tables))
    Base.metadata.create_all(engine)
    assert created == [], created


@case("a person's own connection reads and continues that person's sessions, and no other's")
def _(engine):
    agent_id = new_agent(engine)
    mine, theirs = (
        new_session(engine, agent_id=agent_id, user_id=user_id, website_domain=None)
        for user_id in (ALICE, EVE)
    )
    with Session(connect("authenticated")) as session:
        session.execute(
            text("select set_config('request.jwt.claims', :claims, true)"),
            {"claims": '{"role": "authenticated", "sub": "%s"}' % ALICE},
        )
        assert session.get(AgentSession, theirs) is None
        row = session.get(AgentSession, mine)
        row.conversation_history.append(said("hi")[0])
        row.context_data["step"] = 2
        session.flush()
        session.refresh(row)
        assert (row.message_count, row.context_data) == (1, {"step": 2})


@case("without a token it reads and writes nothing")
def _(engine):
    person = connect("authenticated")
    new_agent(engine)
    with Session(person) as session:
        for model in (AgentSession, AgentMessage):
            assert session.query(model).count() == 0
        assert session.query(Agent).filter_by(organization_id=ACME).count() == 0
    refused(lambda: new_agent(person))


def main():
    backend = connect("service_role")
    print(f"# SQLAlchemy {sqlalchemy.__version__} with {backend.driver}")
    for number, (claim, run) in enumerate(CASES, start=1):
        try:
            run(backend)
            print(f"ok {number} - {claim}")
        except Exception as error:
            print(f"not ok {number} - {claim}")
            for frame in traceback.extract_tb(error.__traceback__):
                if frame.filename == __file__:
                    print(f"# line {frame.lineno}: {frame.line}")
            message = str(getattr(error, "orig", error)) or type(error).__name__
            print("\n".join(f"# {line}" for line in message.splitlines()))
    print(f"1..{len(CASES)}")


main()
