-- The current state of what 000700_sessions.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.chat_sessions (
  id uuid default gen_random_uuid() not null,
  session_id text default private.new_token('sess_'::text) not null,
  user_id uuid default auth.uid(),
  org_id uuid not null,
  agent_id uuid,
  model_id uuid,
  title text,
  metadata jsonb default '{}'::jsonb not null,
  website_domain text,
  ip_address inet,
  channel text default 'api'::text not null,
  message_count integer default 0 not null,
  context_data jsonb default '{}'::jsonb not null,
  current_branch int8multirange default '{(,)}'::int8multirange not null,
  prompt_limit integer,
  status text default 'active'::text not null,
  started_at timestamp with time zone default now() not null,
  last_activity_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint chat_sessions_pkey PRIMARY KEY (id),
  constraint chat_sessions_session_id_key UNIQUE (session_id),
  constraint chat_sessions_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE SET NULL,
  constraint chat_sessions_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.models(id) ON DELETE SET NULL,
  constraint chat_sessions_org_id_fkey FOREIGN KEY (org_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint chat_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint message_count_is_not_negative CHECK ((message_count >= 0))
);
alter table public.chat_sessions enable row level security;
create policy "Members begin sessions" on public.chat_sessions
  as permissive for insert to authenticated
  with check (((user_id = ( SELECT auth.uid() AS uid)) AND (org_id = ANY (ARRAY( SELECT private.my_organizations('member'::text) AS my_organizations))) AND ((agent_id IS NULL) OR private.sees_agent(agent_id, 'member'::text)) AND ((model_id IS NULL) OR (EXISTS ( SELECT
   FROM public.models
  WHERE (models.id = chat_sessions.model_id))))));
create policy "People change their own sessions" on public.chat_sessions
  as permissive for update to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) AND (org_id = ANY (ARRAY( SELECT private.my_organizations('member'::text) AS my_organizations)))))
  with check (((user_id = ( SELECT auth.uid() AS uid)) AND (org_id = ANY (ARRAY( SELECT private.my_organizations('member'::text) AS my_organizations)))));
create policy "People delete their own sessions" on public.chat_sessions
  as permissive for delete to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) AND (org_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations)))));
create policy "People read their own sessions, members those of visitors" on public.chat_sessions
  as permissive for select to authenticated
  using (((org_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))) AND ((user_id IS NULL) OR (user_id = ( SELECT private.my_id() AS my_id)))));
grant delete, insert (id, session_id, user_id, org_id, agent_id, model_id, title, metadata, website_domain, ip_address, channel, context_data), select, update (id, session_id, user_id, org_id, agent_id, model_id, title, metadata, website_domain, ip_address, channel, context_data, status, ended_at) on public.chat_sessions to authenticated;
grant delete, insert, select, update on public.chat_sessions to service_role;
CREATE INDEX chat_sessions_agent_id_idx ON public.chat_sessions USING btree (agent_id, org_id, last_activity_at);
CREATE INDEX chat_sessions_last_activity_at_idx ON public.chat_sessions USING btree (last_activity_at) WHERE (status = 'active'::text);
CREATE INDEX chat_sessions_model_id_idx ON public.chat_sessions USING btree (model_id);
CREATE INDEX chat_sessions_org_id_idx ON public.chat_sessions USING btree (org_id, last_activity_at DESC);
CREATE INDEX chat_sessions_user_id_idx ON public.chat_sessions USING btree (user_id, last_activity_at DESC);
CREATE INDEX chat_sessions_visitors_idx ON public.chat_sessions USING btree (org_id, last_activity_at DESC) WHERE (user_id IS NULL);
CREATE TRIGGER apply_default_counters BEFORE UPDATE OF message_count, last_activity_at ON public.chat_sessions FOR EACH ROW WHEN ((num_nulls(new.message_count, new.last_activity_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, session_id, metadata, channel, context_data, current_branch, status, started_at, created_at, updated_at ON public.chat_sessions FOR EACH ROW WHEN ((num_nulls(new.id, new.session_id, NULLIF(new.metadata, 'null'::jsonb), new.channel, new.message_count, NULLIF(new.context_data, 'null'::jsonb), new.current_branch, new.status, new.started_at, new.last_activity_at, new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER check_session_id BEFORE INSERT ON public.chat_sessions FOR EACH ROW WHEN (((CURRENT_USER = ANY (ARRAY['anon'::name, 'authenticated'::name])) AND (char_length(new.session_id) < 16))) EXECUTE FUNCTION private.check_session_id();
CREATE TRIGGER complete_session BEFORE INSERT ON public.chat_sessions FOR EACH ROW WHEN ((new.org_id IS NULL)) EXECUTE FUNCTION private.complete_session();
CREATE TRIGGER end_session BEFORE UPDATE OF status ON public.chat_sessions FOR EACH ROW WHEN ((((new.status = 'active'::text) <> (old.status = 'active'::text)) AND (NOT (new.ended_at IS DISTINCT FROM old.ended_at)))) EXECUTE FUNCTION private.end_session();
CREATE TRIGGER refuse_change BEFORE UPDATE OF id, session_id, user_id, org_id, agent_id, model_id, website_domain, ip_address, channel ON public.chat_sessions FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND (((((((((old.id IS DISTINCT FROM new.id) OR (old.session_id IS DISTINCT FROM new.session_id)) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.org_id IS DISTINCT FROM new.org_id)) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.model_id IS DISTINCT FROM new.model_id)) OR (old.website_domain IS DISTINCT FROM new.website_domain)) OR (old.ip_address IS DISTINCT FROM new.ip_address)) OR (old.channel IS DISTINCT FROM new.channel)))) EXECUTE FUNCTION private.refuse_change('id', 'session_id', 'user_id', 'org_id', 'agent_id', 'model_id', 'website_domain', 'ip_address', 'channel');
CREATE TRIGGER rules_are_kept BEFORE INSERT OR UPDATE OF id, session_id, user_id, org_id, agent_id, model_id, title, metadata, website_domain, ip_address, channel, context_data, current_branch, prompt_limit, status, started_at, ended_at, created_at, updated_at ON public.chat_sessions FOR EACH ROW EXECUTE FUNCTION private.check_rules_of_chat_sessions();
CREATE TRIGGER update_chat_sessions_updated_at BEFORE UPDATE ON public.chat_sessions FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.complete_session()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- A backend that creates a visitor's session acts for no user: the agent's organization pays. For
  -- a person it pays if the person is a member.
  new.org_id = coalesce(
    (
      select agents.organization_id
      from public.agents
      where agents.id = new.agent_id
        and (
          new.user_id is null
          or agents.organization_id = any (array(select private.my_organizations('member')))
        )
    ),
    private.my_organization(),
    (select profiles.current_organization_id from public.profiles where profiles.id = new.user_id)
  );
  return new;
end
$body$;

create function private.end_session()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.ended_at = case when new.status <> 'active' then now() end;
  return new;
end
$body$;

create function private.expire_chat_sessions(organization_id uuid, batch integer)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  expired integer;
begin
  update public.chat_sessions set status = 'expired' where id in (
    select id from public.chat_sessions
    where org_id = expire_chat_sessions.organization_id
      and status = 'active' and last_activity_at < now() - (private.limits()).session_idle_time
    order by last_activity_at limit expire_chat_sessions.batch for update skip locked
  );
  get diagnostics expired = row_count;
  return expired;
end
$body$;

create function public.list_sessions(page_size integer DEFAULT 50, before timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, before_id uuid DEFAULT NULL::uuid)
returns SETOF public.chat_sessions
language plpgsql stable security invoker
set plan_cache_mode=force_custom_plan
set search_path=""
as $body$
begin
  perform private.refuse_page_size(page_size);
  return query
  select listed.*
  from (
    (
      select sessions.* from public.chat_sessions sessions
      where sessions.user_id = (select auth.uid())
        and sessions.last_activity_at <= list_sessions.before
        and (sessions.last_activity_at < list_sessions.before
          or sessions.id > list_sessions.before_id)
      order by sessions.last_activity_at desc, sessions.id
      limit list_sessions.page_size
    )
    union all
    select visitors.*
    from private.my_organizations('viewer') mine (id)
    cross join lateral (
      select sessions.* from public.chat_sessions sessions
      where sessions.org_id = mine.id and sessions.user_id is null
        and sessions.last_activity_at <= list_sessions.before
        and (sessions.last_activity_at < list_sessions.before
          or sessions.id > list_sessions.before_id)
      order by sessions.last_activity_at desc, sessions.id
      limit list_sessions.page_size
    ) visitors
  ) listed
  order by listed.last_activity_at desc, listed.id
  limit list_sessions.page_size;
end
$body$;
grant execute on function public.list_sessions(integer,timestamp with time zone,uuid) to authenticated, service_role;
