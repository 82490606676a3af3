-- The current state of what 000680_mcp_sessions.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.mcp_sessions (
  session_id text default private.new_token('mcp_'::text) not null,
  user_id uuid default auth.uid() not null,
  mcp_state jsonb default '{}'::jsonb not null,
  oauth_provider text,
  oauth_status text,
  oauth_data jsonb,
  oauth_issued_at timestamp with time zone,
  oauth_expires_at timestamp with time zone,
  oauth_refreshable boolean,
  oauth_lease uuid,
  oauth_lease_until timestamp with time zone,
  oauth_failing_since timestamp with time zone,
  expires_at timestamp with time zone default (now() + '24:00:00'::interval) not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint mcp_sessions_pkey PRIMARY KEY (session_id),
  constraint mcp_sessions_oauth_provider_fkey FOREIGN KEY (oauth_provider) REFERENCES public.oauth_providers(id) ON DELETE CASCADE,
  constraint mcp_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint mcp_session_expires_after_it_is_made CHECK ((expires_at > created_at)),
  constraint mcp_session_id_has_no_control_characters CHECK (private.is_plain(session_id)),
  constraint mcp_session_lives_at_most_90_days_unchanged CHECK ((expires_at <= (updated_at + '90 days'::interval))),
  constraint mcp_state_is_an_object CHECK ((jsonb_typeof(mcp_state) = 'object'::text)),
  constraint mcp_state_is_at_most_256_kib_and_64_levels CHECK (private.is_document(mcp_state)),
  constraint oauth_columns_belong_together CHECK (
CASE
    WHEN (oauth_provider IS NULL) THEN (num_nonnulls(oauth_status, oauth_data, oauth_issued_at, oauth_expires_at, oauth_refreshable, oauth_lease, oauth_lease_until, oauth_failing_since) = 0)
    ELSE ((oauth_status IS NOT NULL) AND (oauth_refreshable IS NOT NULL) AND ((oauth_data IS NOT NULL) = (oauth_status = 'connected'::text)))
END),
  constraint oauth_data_is_ciphertext CHECK (((oauth_data IS NULL) OR ((private.is_ciphertext((oauth_data ->> 'ciphertext'::text)) IS TRUE) AND ((oauth_data - 'ciphertext'::text) = '{}'::jsonb)))),
  constraint oauth_lease_ends CHECK (((oauth_lease IS NULL) OR (oauth_lease_until IS NOT NULL))),
  constraint oauth_status_is_known CHECK ((oauth_status = ANY (ARRAY['connected'::text, 'needs_reauth'::text]))),
  constraint session_id_is_1_to_255_characters CHECK (((char_length(session_id) >= 1) AND (char_length(session_id) <= 255)))
);
alter table public.mcp_sessions enable row level security;
create policy "People begin MCP sessions" on public.mcp_sessions
  as permissive for insert to authenticated
  with check ((user_id = ( SELECT auth.uid() AS uid)));
create policy "People change their own MCP sessions" on public.mcp_sessions
  as permissive for update to authenticated
  using ((user_id = ( SELECT auth.uid() AS uid)))
  with check ((user_id = ( SELECT auth.uid() AS uid)));
create policy "People end their own MCP sessions" on public.mcp_sessions
  as permissive for delete to authenticated
  using ((user_id = ( SELECT auth.uid() AS uid)));
create policy "People read their own MCP sessions" on public.mcp_sessions
  as permissive for select to authenticated
  using ((user_id = ( SELECT auth.uid() AS uid)));
grant delete, insert (session_id, user_id, mcp_state, expires_at), select (session_id, user_id, mcp_state, oauth_provider, oauth_status, oauth_expires_at, oauth_refreshable, expires_at, created_at, updated_at), update (session_id, user_id, mcp_state, expires_at) on public.mcp_sessions to authenticated;
grant delete, insert, select, update on public.mcp_sessions to service_role;
CREATE INDEX mcp_sessions_expires_at_idx ON public.mcp_sessions USING btree (expires_at);
CREATE INDEX mcp_sessions_oauth_provider_idx ON public.mcp_sessions USING btree (oauth_provider);
CREATE INDEX mcp_sessions_user_id_idx ON public.mcp_sessions USING btree (user_id);
CREATE UNIQUE INDEX one_mcp_session_per_person_and_provider ON public.mcp_sessions USING btree (user_id, oauth_provider) WHERE (oauth_provider IS NOT NULL);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF session_id, user_id, mcp_state, expires_at, created_at, updated_at ON public.mcp_sessions FOR EACH ROW WHEN ((num_nulls(new.session_id, new.user_id, NULLIF(new.mcp_state, 'null'::jsonb), new.expires_at, new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER check_session_id BEFORE INSERT ON public.mcp_sessions FOR EACH ROW WHEN (((CURRENT_USER = ANY (ARRAY['anon'::name, 'authenticated'::name])) AND (char_length(new.session_id) < 16))) EXECUTE FUNCTION private.check_session_id();
CREATE TRIGGER refuse_change BEFORE UPDATE OF session_id, user_id ON public.mcp_sessions FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((old.session_id IS DISTINCT FROM new.session_id) OR (old.user_id IS DISTINCT FROM new.user_id)))) EXECUTE FUNCTION private.refuse_change('session_id', 'user_id');
CREATE TRIGGER update_mcp_sessions_updated_at BEFORE UPDATE ON public.mcp_sessions FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.merge_json(target jsonb, changes jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  if jsonb_typeof(merge_json.changes) <> 'object' then
    return merge_json.changes;
  end if;
  if jsonb_typeof(merge_json.target) is distinct from 'object' then
    target := '{}';
  end if;
  return (
    select coalesce(jsonb_object_agg(parts.key, parts.value), '{}')
    from (
      select kept.key, kept.value
      from jsonb_each(merge_json.target) kept
      where not merge_json.changes ? kept.key
      union all
      select changed.key, private.merge_json(merge_json.target -> changed.key, changed.value)
      from jsonb_each(merge_json.changes) changed
      where changed.value <> 'null'
    ) parts
  );
end
$body$;
grant execute on function private.merge_json(jsonb,jsonb) to authenticated;

create function private.refuse_mcp_session(session_id text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if exists (
    select
    from public.mcp_sessions sessions
    where sessions.session_id = refuse_mcp_session.session_id
  )
  then
    perform private.refuse('mcp_session_expired', 'This MCP session has expired.');
  end if;
  perform private.refuse('mcp_session_not_found', 'MCP session not found.');
end
$body$;
grant execute on function private.refuse_mcp_session(text) to authenticated;

create function private.remove_mcp_sessions(session_ids text[])
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  removed public.mcp_sessions;
  removals integer := 0;
begin
  for removed in
    delete from public.mcp_sessions sessions
    where sessions.session_id = any (remove_mcp_sessions.session_ids)
    returning sessions.*
  loop
    removals := removals + 1;
    perform private.notify(
      removed.user_id, 'oauth_connection_expired', 'Connection to ' || providers.name || ' ended',
      'It was not used for a long time, and its tokens were removed. Connect again to use it.',
      jsonb_build_object('provider', providers.id)
    )
    from public.oauth_providers providers
    where providers.id = removed.oauth_provider;
  end loop;
  return removals;
end
$body$;
grant execute on function private.remove_mcp_sessions(text[]) to service_role;

create function private.require_mcp_lifetime(lifetime interval)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if require_mcp_lifetime.lifetime is null
    or require_mcp_lifetime.lifetime not between interval '1 minute' and interval '90 days'
  then
    perform private.refuse(
      'invalid_lifetime', 'The lifetime of an MCP session must be between one minute and 90 days.',
      'Pass a lifetime such as "24 hours".'
    );
  end if;
end
$body$;
grant execute on function private.require_mcp_lifetime(interval) to authenticated;

create function private.require_mcp_state(state jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  if jsonb_typeof(require_mcp_state.state) is distinct from 'object' then
    perform private.refuse('invalid_state', 'The state of an MCP session must be a JSON object.');
  end if;
  if not private.is_at_most_64_levels_deep(require_mcp_state.state) then
    perform private.refuse('state_too_deep', 'The state is nested deeper than 64 levels.');
  end if;
  if not private.is_document(require_mcp_state.state) then
    perform private.refuse('state_too_large', 'The state is larger than 256 KiB.');
  end if;
  return require_mcp_state.state;
end
$body$;
grant execute on function private.require_mcp_state(jsonb) to authenticated;

create function public.create_mcp_session(state jsonb DEFAULT '{}'::jsonb, lifetime interval DEFAULT '24:00:00'::interval)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  created jsonb;
begin
  perform private.require_mcp_lifetime(create_mcp_session.lifetime);
  insert into public.mcp_sessions as sessions (mcp_state, expires_at)
  values (private.require_mcp_state(create_mcp_session.state), now() + create_mcp_session.lifetime)
  returning jsonb_build_object(
    'session_id', sessions.session_id, 'mcp_state', sessions.mcp_state, 'expires_at',
    sessions.expires_at
  ) into created;
  return created;
end
$body$;
grant execute on function public.create_mcp_session(jsonb,interval) to authenticated;

create function public.expire_mcp_sessions(batch integer DEFAULT 1000)
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  select private.remove_mcp_sessions(array(
    select sessions.session_id
    from public.mcp_sessions sessions
    where sessions.expires_at < now()
    order by sessions.expires_at
    limit expire_mcp_sessions.batch
    for update skip locked
  ))
$body$;
grant execute on function public.expire_mcp_sessions(integer) to service_role;

create function public.merge_mcp_state(session_id text, changes jsonb)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  merged jsonb;
begin
  perform private.require_mcp_state(merge_mcp_state.changes);
  -- One statement: a caller that waited for the row merges into its new state.
  update public.mcp_sessions sessions
  set mcp_state = private.require_mcp_state(
    private.merge_json(sessions.mcp_state, merge_mcp_state.changes)
  )
  where sessions.session_id = merge_mcp_state.session_id and sessions.expires_at > now()
  returning sessions.mcp_state into merged;
  if merged is null then
    perform private.refuse_mcp_session(merge_mcp_state.session_id);
  end if;
  return merged;
end
$body$;
grant execute on function public.merge_mcp_state(text,jsonb) to authenticated;

create function public.resume_mcp_session(session_id text, lifetime interval DEFAULT '24:00:00'::interval)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  resumed jsonb;
begin
  perform private.require_mcp_lifetime(resume_mcp_session.lifetime);
  update public.mcp_sessions sessions
  set expires_at = greatest(sessions.expires_at, now() + resume_mcp_session.lifetime)
  where sessions.session_id = resume_mcp_session.session_id and sessions.expires_at > now()
  returning jsonb_build_object(
    'session_id', sessions.session_id, 'mcp_state', sessions.mcp_state, 'expires_at',
    sessions.expires_at
  ) into resumed;
  if resumed is null then
    perform private.refuse_mcp_session(resume_mcp_session.session_id);
  end if;
  return resumed;
end
$body$;
grant execute on function public.resume_mcp_session(text,interval) to authenticated;
