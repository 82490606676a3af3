"""The models that seed 004 describes in backend/app/models, as SQLAlchemy maps them.

They name every column, with naive times and JSON documents, and know nothing of this backend.
"""

import datetime
import uuid

from sqlalchemy import Boolean, Column, DateTime, Float, ForeignKey, Integer, String, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.ext.mutable import MutableDict, MutableList
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


def now():
    """The time as the models write it: UTC without a time zone."""
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


def key():
    return Column(UUID(as_uuid=True), primary_key=True, default=uuid.uuid4)


class Agent(Base):
    __tablename__ = "agents"

    id = key()
    organization_id = Column(UUID(as_uuid=True))
    name = Column(String(255), nullable=False)
    description = Column(Text)
    llm_provider = Column(String(50), default="openai")
    llm_model = Column(String(100), default="gpt-4o-mini")
    system_prompt = Column(Text)
    temperature = Column(Float, default=0.7)
    max_tokens = Column(Integer)
    voice_provider = Column(String(50))
    voice_id = Column(String(100))
    voice_settings = Column(JSONB, default=dict)
    speech_processing = Column(JSONB, default=dict)
    security = Column(JSONB, default=dict)
    knowledge_base_ids = Column(MutableList.as_mutable(ARRAY(Text)), default=list)
    config_json = Column(JSONB, default=dict)
    is_published = Column(Boolean, default=False)
    version = Column(Integer, default=1)
    is_active = Column(Boolean, default=True)
    created_by = Column(UUID(as_uuid=True))
    created_at = Column(DateTime(timezone=True), default=now)
    updated_at = Column(DateTime(timezone=True), default=now, onupdate=now)


class AgentSession(Base):
    __tablename__ = "agent_sessions"

    id = key()
    session_id = Column(String(255), unique=True)
    agent_id = Column(UUID(as_uuid=True), ForeignKey("agents.id"))
    user_id = Column(UUID(as_uuid=True))
    website_domain = Column(String(255))
    ip_address = Column(String(45))
    channel = Column(String(50))
    message_count = Column(Integer, default=0)
    conversation_history = Column(MutableList.as_mutable(JSONB), default=list)
    context_data = Column(MutableDict.as_mutable(JSONB), default=dict)
    status = Column(String(50), default="active")
    started_at = Column(DateTime, default=now)
    last_activity_at = Column(DateTime, default=now)
    ended_at = Column(DateTime)
    messages = relationship("AgentMessage", order_by="AgentMessage.created_at", passive_deletes=True)


class AgentMessage(Base):
    __tablename__ = "agent_messages"

    id = key()
    session_id = Column(UUID(as_uuid=True), ForeignKey("agent_sessions.id"))
    role = Column(String(50))
    content = Column(Text)
    audio_url = Column(Text)
    audio_duration_ms = Column(Integer)
    tokens_used = Column(Integer)
    latency_ms = Column(Integer)
    model_used = Column(String(100))
    created_at = Column(DateTime(timezone=True), default=now)
