-- Access keys: credentials for programs, since a user's token expires after an hour. A key belongs
-- to one user and one organization: calls with it have that user's permissions, and that
-- organization pays for them. The edge function generates the secret; the database stores only its
-- hash.

create function private.access_key_scopes()
returns text[]
language sql
immutable parallel safe
set search_path = ''
as $$
  select array['audio', 'chat', 'embeddings', 'images', 'models', 'moderations', 'workflows']
$$;
comment on function private.access_key_scopes() is
  'The scopes that an access key can have, which private.impersonate() checks. The list of the '
  'edge functions is generated from it.';
grant execute on function private.access_key_scopes() to authenticated, service_role;

create function private.default_access_key_scopes()
returns text[]
language sql
immutable parallel safe
set search_path = ''
as $$
  select array_remove(private.access_key_scopes(), 'workflows')
$$;
comment on function private.default_access_key_scopes() is
  'The scopes of an access key that is created without any: all that clients of models need. They '
  'do not include reports about workflows and deployments.';
grant execute on function private.default_access_key_scopes() to authenticated, service_role;

create table public.access_keys (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  name text not null,
  prefix text not null,
  last_four text not null,
  scopes text[] not null default private.default_access_key_scopes(),
  agent_ids uuid[],
  requests_per_minute integer,
  expires_at timestamptz,
  last_used_at timestamptz,
  rotated_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id),
  constraint access_key_name_is_1_to_255_characters check (char_length(name) between 1 and 255),
  constraint prefix_is_the_beginning_of_a_secret check (prefix ~ '^agb_[A-Za-z0-9_-]{4}$'),
  constraint last_four_are_the_end_of_a_secret check (last_four ~ '^[A-Za-z0-9_-]{4}$'),
  constraint scopes_are_known_and_at_least_one check (
    scopes <@ private.access_key_scopes()
    and cardinality(scopes) between 1 and cardinality(private.access_key_scopes())
  ),
  constraint listed_agents_are_1_to_100
    check (cardinality(agent_ids) between 1 and 100 and array_position(agent_ids, null) is null),
  constraint requests_per_minute_are_positive check (requests_per_minute > 0),
  -- Sizes of columns that clients write.
  constraint access_key_expires_at_is_from_1970_to_2199
    check (private.is_calendar_time(expires_at)),
  constraint access_key_name_has_no_control_characters check (private.is_plain(name))
);
comment on table public.access_keys is
  'API keys with which programs call the edge functions on behalf of a user.';
comment on column public.access_keys.id is
  'Primary key; stays the same when the secret is replaced.';
comment on column public.access_keys.organization_id is
  'The organization that pays for calls with the key. The key gives no access to any other.';
comment on column public.access_keys.user_id is
  'The owner of the key. Calls with the key have the owner''s permissions.';
comment on column public.access_keys.name is
  'The owner''s name for the key, to tell it from others.';
comment on column public.access_keys.prefix is
  'Beginning of the current secret, to tell keys apart.';
comment on column public.access_keys.last_four is
  'Last four characters of the current secret, to tell keys apart.';
comment on column public.access_keys.scopes is
  'What the key may be used for: some of private.access_key_scopes().';
comment on column public.access_keys.agent_ids is
  'The agents that the key may use; null for all that its owner may use. An id stays in the list '
  'after its agent is deleted, so that deletions never widen access.';
comment on column public.access_keys.requests_per_minute is
  'Calls per minute with this key; null for no limit other than that of its owner.';
comment on column public.access_keys.expires_at is 'When it stops working; null for never.';
comment on column public.access_keys.last_used_at is 'When it was last used, to the minute.';
comment on column public.access_keys.rotated_at is 'When its secret was last replaced.';
comment on column public.access_keys.revoked_at is
  'When it was revoked. A revoked key never works again.';
comment on column public.access_keys.created_at is 'When the access key was created.';
comment on column public.access_keys.updated_at is 'Last change or use.';

alter table public.access_keys enable row level security;
create policy "Members see their own access keys, admins all" on public.access_keys
  for select to authenticated
  using (
    organization_id = any (array(select private.my_organizations('admin')))
    or (
      user_id = (select auth.uid())
      and organization_id = any (array(select private.my_organizations('viewer')))
    )
  );
create policy "Members change their own access keys, admins all" on public.access_keys
  for update to authenticated
  using (
    organization_id = any (array(select private.my_organizations('admin')))
    or (
      user_id = (select auth.uid())
      and organization_id = any (array(select private.my_organizations('member')))
    )
  )
  with check (
    organization_id = any (array(select private.my_organizations('admin')))
    or (
      user_id = (select auth.uid())
      and organization_id = any (array(select private.my_organizations('member')))
    )
  );
grant select on public.access_keys to authenticated;
grant update (name, scopes, agent_ids, requests_per_minute, expires_at)
  on public.access_keys
  to authenticated;
grant select, insert, update, delete on public.access_keys to service_role;
create index access_keys_user_id_idx on public.access_keys (user_id, organization_id);
create trigger update_access_keys_updated_at before update on public.access_keys
  for each row execute function public.update_updated_at_column();

create function private.check_access_key_narrows()
returns trigger
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.check_access_key_narrows() is
  'Trigger: an admin lets another user''s access key do less, never more.';
create trigger check_access_key_narrows
  before update of scopes, agent_ids, requests_per_minute, expires_at
  on public.access_keys
  for each row
  when (old.user_id <> auth.uid())
  execute function private.check_access_key_narrows();

create function private.limit_access_key_changes()
returns trigger
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.limit_access_key_changes() is
  'Trigger: each change of an access key writes an event that stays, so a client makes a '
  'limited number. It can be rotated and revoked at any time. Errors: PT409 too_many_changes.';
create trigger limit_access_key_changes after update on public.access_keys
  for each row when (current_user in ('anon', 'authenticated'))
  execute function private.limit_access_key_changes();

create function private.my_access_keys()
returns setof uuid
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
  select keys.id
  from public.access_keys keys
  where keys.user_id = (select auth.uid())
    and keys.organization_id = any (array(select private.my_organizations('member')));
end
$$;
comment on function private.my_access_keys() is
  'Ids of the caller''s own access keys in organizations where the caller may chat.';
grant execute on function private.my_access_keys() to authenticated, service_role;

create table public.access_key_events (
  id uuid primary key default gen_random_uuid(),
  access_key_id uuid not null references public.access_keys (id) on delete cascade,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  actor_id uuid references public.profiles (id) on delete set null,
  event text not null,
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  constraint access_key_event_is_known
    check (event in ('created', 'changed', 'rotated', 'revoked'))
);
comment on table public.access_key_events is
  'History of access keys: what was changed, and by whom. Written by the database.';
comment on column public.access_key_events.id is 'Identifies the access key event.';
comment on column public.access_key_events.access_key_id is
  'The access key that the event is about.';
comment on column public.access_key_events.organization_id is 'The organization of the key.';
comment on column public.access_key_events.user_id is 'The user whose access key it is.';
comment on column public.access_key_events.actor_id is
  'The user who did it; null for the backend and for a deleted account.';
comment on column public.access_key_events.event is 'created, changed, rotated or revoked.';
comment on column public.access_key_events.details is
  'The settings of the key after the event. Contains neither the secret nor its hash.';
comment on column public.access_key_events.created_at is
  'When the key was created, changed, rotated or revoked.';

alter table public.access_key_events enable row level security;
create policy "People read what was done with access keys that they see"
  on public.access_key_events
  for select to authenticated
  using (
    organization_id = any (array(select private.my_organizations('admin')))
    or (
      user_id = (select auth.uid())
      and organization_id = any (array(select private.my_organizations('viewer')))
    )
  );
grant select on public.access_key_events to authenticated;
grant select, insert on public.access_key_events to service_role;
create index access_key_events_access_key_id_idx
  on public.access_key_events (access_key_id, created_at desc);
create index access_key_events_organization_id_idx
  on public.access_key_events (organization_id, created_at desc);
create index access_key_events_user_id_idx on public.access_key_events (user_id, created_at desc);
create index access_key_events_created_at_idx on public.access_key_events using brin (created_at);
create index access_key_events_actor_id_idx on public.access_key_events (actor_id);

create function private.audit_access_key()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.audit_access_key() is
  'Trigger: records each creation, change, rotation and revocation of an access key in '
  'access_key_events. The use of a key is not recorded.';
create trigger audit_access_key after insert on public.access_keys
  for each row execute function private.audit_access_key();
create trigger audit_access_key_change after update on public.access_keys
  for each row
  when (
    (old.name, old.scopes, old.agent_ids, old.requests_per_minute, old.expires_at, old.rotated_at,
     old.revoked_at)
    is distinct from (
      new.name, new.scopes, new.agent_ids, new.requests_per_minute, new.expires_at, new.rotated_at,
      new.revoked_at
    )
  )
  execute function private.audit_access_key();

create function private.revoke_access_key(access_key_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.revoke_access_key(uuid) is
  'Body of public.revoke_access_key(): sets revoked_at, which clients may not write, so that a '
  'revocation is final.';
grant execute on function private.revoke_access_key(uuid) to authenticated;

create function public.revoke_access_key(access_key_id uuid)
returns void
language sql
set search_path = ''
as $$
  select private.revoke_access_key(revoke_access_key.access_key_id)
$$;
comment on function public.revoke_access_key(uuid) is
  'Revokes an access key permanently, from the next request on; a running turn is finished. '
  'For its owner and the organization''s admins. Errors: PT404 access_key_not_found.';
grant execute on function public.revoke_access_key(uuid) to authenticated;

create function private.revoke_keys_of_leaver()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.access_keys
  set revoked_at = now()
  where access_keys.user_id = old.user_id
    and access_keys.organization_id = old.organization_id
    and access_keys.revoked_at is null;
  return null;
end
$$;
comment on function private.revoke_keys_of_leaver() is
  'Trigger: the access keys of who leaves an organization end there, and do not come back with '
  'the person.';
create trigger revoke_keys_of_leaver after delete on public.organization_members
  for each row execute function private.revoke_keys_of_leaver();
