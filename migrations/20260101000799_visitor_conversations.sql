-- Conversations of visitors: what a visitor reads of a session, and how sessions end.

create function public.list_visitor_messages(visitor jsonb, after bigint)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  visit private.visit := private.open_visit(list_visitor_messages.visitor);
begin
  return jsonb_build_object(
    'session_id', (visit.session).session_id,
    'is_answering', exists (
      select from private.running_turns turns
      where turns.session_id = (visit.session).id and turns.lease_expires_at > now()
    ),
    'messages', coalesce((
      select jsonb_agg(jsonb_build_object(
        'id', listed.id, 'seq', listed.seq, 'role', listed.role, 'content', listed.content,
        'is_complete', listed.status <> 'error', 'has_audio', listed.audio_path is not null,
        'created_at', listed.created_at
      ) order by listed.seq)
      from (
        select messages.*
        from public.chat_messages messages
        where messages.session_id = (visit.session).id
          and messages.seq > list_visitor_messages.after
          and messages.seq <@ (visit.session).current_branch
          and messages.role in ('user', 'assistant')
        order by messages.seq
        limit 500
      ) listed
    ), '[]')
  );
end
$$;
comment on function public.list_visitor_messages(jsonb, bigint) is
  'The messages of a visitor''s own session after a message, up to 500: {"session_id", '
  '"is_answering" (whether an answer is under way), "messages" [{"id", "seq", "role", "content", '
  '"is_complete", "has_audio", "created_at"}]}. Backend only. Errors: those of open_visit().';
grant execute on function public.list_visitor_messages(jsonb, bigint) to service_role;

create function public.end_visitor_session(visitor jsonb)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  visit private.visit := private.open_visit(end_visitor_session.visitor);
begin
  update public.chat_sessions set status = 'ended' where chat_sessions.id = (visit.session).id;
  update private.visitor_sessions set is_open = false
  where visitor_sessions.session_id = (visit.session).id;
  return true;
end
$$;
comment on function public.end_visitor_session(jsonb) is
  'Ends a visitor''s session; its token no longer opens anything. Backend only. Errors: those of '
  'open_visit().';
grant execute on function public.end_visitor_session(jsonb) to service_role;

create function public.delete_visitor_session(visitor jsonb)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  visit private.visit := private.open_visit(delete_visitor_session.visitor);
begin
  delete from public.chat_sessions where chat_sessions.id = (visit.session).id;
  return true;
end
$$;
comment on function public.delete_visitor_session(jsonb) is
  'Deletes a visitor''s conversation, its messages and what was known of the visitor; the ledger '
  'keeps what its answers cost. Backend only. Errors: those of open_visit().';
grant execute on function public.delete_visitor_session(jsonb) to service_role;

create function private.idle_visitors()
returns table (session_id uuid, organization_id uuid, since timestamptz)
language sql
stable
set search_path = ''
as $$
  select
    opened.session_id, sessions.org_id,
    least(
      opened.expires_at,
      sessions.last_activity_at + private.silence_limit(widgets, opened)
    )
  from private.visitor_sessions opened
  join public.chat_sessions sessions on sessions.id = opened.session_id
  join public.widgets on widgets.id = opened.widget_id
  where opened.is_open
    and (
      opened.expires_at < now()
      or sessions.status <> 'active'
      or sessions.last_activity_at < now() - private.silence_limit(widgets, opened)
    )
$$;
comment on function private.idle_visitors() is
  'Sessions of visitors that have expired and are still open, for the job delete-expired.';

create function private.end_idle_visitors(organization_id uuid, batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  locked uuid[] := array(
    select sessions.id
    from public.chat_sessions sessions
    where sessions.id in (
      select idle_visitors.session_id
      from private.idle_visitors()
      where idle_visitors.organization_id = end_idle_visitors.organization_id
      limit end_idle_visitors.batch
    )
    order by sessions.id
    for update skip locked
  );
  -- A message may have been written before the lock.
  idle uuid[] := array(
    select idle_visitors.session_id
    from private.idle_visitors()
    where idle_visitors.session_id = any (locked)
  );
begin
  delete from public.chat_sessions
  where chat_sessions.id = any (idle) and chat_sessions.message_count = 0;
  update public.chat_sessions set status = 'expired'
  where chat_sessions.id = any (idle) and chat_sessions.status = 'active';
  update private.visitor_sessions set is_open = false
  where visitor_sessions.session_id = any (idle);
  return cardinality(idle);
end
$$;
comment on function private.end_idle_visitors(uuid, integer) is
  'Ends sessions of an organization''s visitors that have expired, and deletes those without a '
  'message; at most so many, returns how many.';

create function private.end_visits(kind text, organization_id uuid, batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  deleted integer;
begin
  if end_visits.kind = 'visitor_sessions' then
    return private.end_idle_visitors(end_visits.organization_id, end_visits.batch);
  end if;
  delete from private.widget_tickets where token_hash in (
    select token_hash from private.widget_tickets
    where expires_at < now()
    limit end_visits.batch for update skip locked
  );
  get diagnostics deleted = row_count;
  return deleted;
end
$$;
comment on function private.end_visits(text, uuid, integer) is
  'The part of the job delete-expired for visitors: sessions of an organization, or tickets.';
