-- The current state of what 000600_access_keys.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.access_key_events (
  id uuid default gen_random_uuid() not null,
  access_key_id uuid not null,
  organization_id uuid not null,
  user_id uuid not null,
  actor_id uuid,
  event text not null,
  details jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint access_key_events_pkey PRIMARY KEY (id),
  constraint access_key_events_access_key_id_fkey FOREIGN KEY (access_key_id) REFERENCES public.access_keys(id) ON DELETE CASCADE,
  constraint access_key_events_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint access_key_events_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint access_key_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint access_key_event_is_known CHECK ((event = ANY (ARRAY['created'::text, 'changed'::text, 'rotated'::text, 'revoked'::text])))
);
alter table public.access_key_events enable row level security;
create policy "People read what was done with access keys that they see" on public.access_key_events
  as permissive for select to authenticated
  using (((organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))) OR ((user_id = ( SELECT auth.uid() AS uid)) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))))));
grant insert, select on public.access_key_events to service_role;
grant select on public.access_key_events to authenticated;
CREATE INDEX access_key_events_access_key_id_idx ON public.access_key_events USING btree (access_key_id, created_at DESC);
CREATE INDEX access_key_events_actor_id_idx ON public.access_key_events USING btree (actor_id);
CREATE INDEX access_key_events_created_at_idx ON public.access_key_events USING brin (created_at);
CREATE INDEX access_key_events_organization_id_idx ON public.access_key_events USING btree (organization_id, created_at DESC);
CREATE INDEX access_key_events_user_id_idx ON public.access_key_events USING btree (user_id, created_at DESC);

create table public.access_keys (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  user_id uuid not null,
  name text not null,
  prefix text not null,
  last_four text not null,
  scopes text[] default private.default_access_key_scopes() not null,
  agent_ids uuid[],
  requests_per_minute integer,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  rotated_at timestamp with time zone,
  revoked_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint access_keys_pkey PRIMARY KEY (id),
  constraint access_keys_organization_id_id_key UNIQUE (organization_id, id),
  constraint access_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint access_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint access_key_expires_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(expires_at)),
  constraint access_key_name_has_no_control_characters CHECK (private.is_plain(name)),
  constraint access_key_name_is_1_to_255_characters CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
  constraint last_four_are_the_end_of_a_secret CHECK ((last_four ~ '^[A-Za-z0-9_-]{4}$'::text)),
  constraint listed_agents_are_1_to_100 CHECK ((((cardinality(agent_ids) >= 1) AND (cardinality(agent_ids) <= 100)) AND (array_position(agent_ids, NULL::uuid) IS NULL))),
  constraint prefix_is_the_beginning_of_a_secret CHECK ((prefix ~ '^agb_[A-Za-z0-9_-]{4}$'::text)),
  constraint requests_per_minute_are_positive CHECK ((requests_per_minute > 0)),
  constraint scopes_are_known_and_at_least_one CHECK (((scopes <@ private.access_key_scopes()) AND ((cardinality(scopes) >= 1) AND (cardinality(scopes) <= cardinality(private.access_key_scopes())))))
);
alter table public.access_keys enable row level security;
create policy "Members change their own access keys, admins all" on public.access_keys
  as permissive for update to authenticated
  using (((organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))) OR ((user_id = ( SELECT auth.uid() AS uid)) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('member'::text) AS my_organizations))))))
  with check (((organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))) OR ((user_id = ( SELECT auth.uid() AS uid)) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('member'::text) AS my_organizations))))));
create policy "Members see their own access keys, admins all" on public.access_keys
  as permissive for select to authenticated
  using (((organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))) OR ((user_id = ( SELECT auth.uid() AS uid)) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))))));
grant delete, insert, select, update on public.access_keys to service_role;
grant select, update (name, scopes, agent_ids, requests_per_minute, expires_at) on public.access_keys to authenticated;
CREATE INDEX access_keys_user_id_idx ON public.access_keys USING btree (user_id, organization_id);
CREATE TRIGGER audit_access_key AFTER INSERT ON public.access_keys FOR EACH ROW EXECUTE FUNCTION private.audit_access_key();
CREATE TRIGGER audit_access_key_change AFTER UPDATE ON public.access_keys FOR EACH ROW WHEN ((((((((old.name IS DISTINCT FROM new.name) OR (old.scopes IS DISTINCT FROM new.scopes)) OR (old.agent_ids IS DISTINCT FROM new.agent_ids)) OR (old.requests_per_minute IS DISTINCT FROM new.requests_per_minute)) OR (old.expires_at IS DISTINCT FROM new.expires_at)) OR (old.rotated_at IS DISTINCT FROM new.rotated_at)) OR (old.revoked_at IS DISTINCT FROM new.revoked_at))) EXECUTE FUNCTION private.audit_access_key();
CREATE TRIGGER check_access_key_narrows BEFORE UPDATE OF scopes, agent_ids, requests_per_minute, expires_at ON public.access_keys FOR EACH ROW WHEN ((old.user_id <> auth.uid())) EXECUTE FUNCTION private.check_access_key_narrows();
CREATE TRIGGER limit_access_key_changes AFTER UPDATE ON public.access_keys FOR EACH ROW WHEN ((CURRENT_USER = ANY (ARRAY['anon'::name, 'authenticated'::name]))) EXECUTE FUNCTION private.limit_access_key_changes();
CREATE TRIGGER record_audit_change AFTER UPDATE OF user_id, name, scopes, agent_ids, requests_per_minute, expires_at, rotated_at, revoked_at ON public.access_keys FOR EACH ROW WHEN ((((((((((old.user_id IS DISTINCT FROM new.user_id) OR (old.name IS DISTINCT FROM new.name)) OR (old.scopes IS DISTINCT FROM new.scopes)) OR (old.agent_ids IS DISTINCT FROM new.agent_ids)) OR (old.requests_per_minute IS DISTINCT FROM new.requests_per_minute)) OR (old.expires_at IS DISTINCT FROM new.expires_at)) OR (old.rotated_at IS DISTINCT FROM new.rotated_at)) OR (old.revoked_at IS DISTINCT FROM new.revoked_at)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.access_keys FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER update_access_keys_updated_at BEFORE UPDATE ON public.access_keys FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.access_key_scopes()
returns text[]
language sql immutable parallel safe security invoker
set search_path=""
as $body$
  select array['audio', 'chat', 'embeddings', 'images', 'models', 'moderations', 'workflows']
$body$;
grant execute on function private.access_key_scopes() to authenticated, service_role;

create function private.audit_access_key()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- Writes nothing if the user or the organization is being deleted, which deletes the key too.
  insert into public.access_key_events (
    access_key_id, organization_id, user_id, actor_id, event, details
  )
  select
    new.id, organizations.id, owner.id,
    (select profiles.id from public.profiles where profiles.id = (select auth.uid())),
    case
      when tg_op = 'INSERT' then 'created'
      when new.revoked_at is distinct from old.revoked_at then 'revoked'
      when new.rotated_at is distinct from old.rotated_at then 'rotated'
      else 'changed'
    end,
    jsonb_strip_nulls(jsonb_build_object(
      'name', new.name, 'prefix', new.prefix, 'last_four', new.last_four, 'scopes', new.scopes,
      'agent_ids', new.agent_ids,
      'requests_per_minute', new.requests_per_minute, 'expires_at', new.expires_at
    ))
  from public.organizations
  join public.profiles owner on owner.id = new.user_id
  where organizations.id = new.organization_id;
  return null;
end
$body$;

create function private.check_access_key_narrows()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if not (
    new.scopes <@ old.scopes
    and (old.agent_ids is null or coalesce(new.agent_ids <@ old.agent_ids, false))
    and (
      old.requests_per_minute is null
      or coalesce(new.requests_per_minute <= old.requests_per_minute, false)
    )
    and (old.expires_at is null or coalesce(new.expires_at <= old.expires_at, false))
  ) then
    perform private.refuse(
      'access_key_not_yours_to_widen', 'Only the owner of an access key can extend what it may do.',
      'An admin can narrow or revoke it.'
    );
  end if;
  return new;
end
$body$;

create function private.default_access_key_scopes()
returns text[]
language sql immutable parallel safe security invoker
set search_path=""
as $body$
  select array_remove(private.access_key_scopes(), 'workflows')
$body$;
grant execute on function private.default_access_key_scopes() to authenticated, service_role;

create function private.limit_access_key_changes()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if (
    select count(*) >= (private.limits()).changes_per_access_key
    from public.access_key_events events
    where events.access_key_id = new.id
  )
  then
    perform private.refuse(
      'too_many_changes',
      format(
        'This access key has been changed %s times, the maximum.',
        to_char((private.limits()).changes_per_access_key, 'FM999,999')
      )
    );
  end if;
  return null;
end
$body$;

create function private.my_access_keys()
returns SETOF uuid
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return query
  select keys.id
  from public.access_keys keys
  where keys.user_id = (select auth.uid())
    and keys.organization_id = any (array(select private.my_organizations('member')));
end
$body$;
grant execute on function private.my_access_keys() to authenticated, service_role;

create function private.revoke_access_key(access_key_id uuid)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.access_keys
  set revoked_at = coalesce(revoked_at, now())
  where access_keys.id = revoke_access_key.access_key_id
    and (
      access_keys.organization_id = any (array(select private.my_organizations('admin')))
      or (
        access_keys.user_id = (select auth.uid())
        and access_keys.organization_id = any (array(select private.my_organizations('viewer')))
      )
    );
  if not found then
    perform private.refuse(
      'access_key_not_found', 'Access key not found, or you may not revoke it.'
    );
  end if;
end
$body$;
grant execute on function private.revoke_access_key(uuid) to authenticated;

create function private.revoke_keys_of_leaver()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.access_keys
  set revoked_at = now()
  where access_keys.user_id = old.user_id
    and access_keys.organization_id = old.organization_id
    and access_keys.revoked_at is null;
  return null;
end
$body$;

create function public.revoke_access_key(access_key_id uuid)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  select private.revoke_access_key(revoke_access_key.access_key_id)
$body$;
grant execute on function public.revoke_access_key(uuid) to authenticated;
