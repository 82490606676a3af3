-- Values in the configuration of agents, some of them encrypted.

create table public.ai_agent_configs (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references public.agents (id) on delete cascade,
  config_key text not null,
  config_value jsonb not null,
  config_type text not null default 'general',
  description text,
  is_encrypted boolean not null default false,
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (agent_id, user_id, config_key),
  constraint config_key_is_1_to_255_characters check (char_length(config_key) between 1 and 255),
  constraint encrypted_config_is_ciphertext check (
    not is_encrypted
    or (
      jsonb_typeof(config_value) = 'string'
      and private.is_ciphertext(config_value #>> '{}') is true
    )
  ),
  -- Sizes of columns that clients write.
  constraint config_key_has_no_control_characters check (private.is_plain(config_key)),
  constraint config_value_is_at_most_256_kib_and_64_levels check (
    private.is_document(config_value)
  ),
  constraint config_type_is_one_line_of_at_most_255_characters check (
    private.is_label(config_type)
  ),
  constraint config_description_is_at_most_64_kib check (private.is_prose(description))
);
comment on table public.ai_agent_configs is
  'Single configuration values of an agent, per person. Seed 002.';
comment on column public.ai_agent_configs.id is 'Identifies the agent config.';
comment on column public.ai_agent_configs.agent_id is 'The agent that reads the value.';
comment on column public.ai_agent_configs.config_key is
  'Name of the value; unique per agent and person.';
comment on column public.ai_agent_configs.config_value is
  'The value; ciphertext where is_encrypted.';
comment on column public.ai_agent_configs.config_type is 'Group of the value.';
comment on column public.ai_agent_configs.description is 'What the agent config is for.';
comment on column public.ai_agent_configs.is_encrypted is
  'The value is a ciphertext, which only the backend decrypts.';
comment on column public.ai_agent_configs.user_id is 'Whose value.';
comment on column public.ai_agent_configs.created_at is 'When the value was first set.';
comment on column public.ai_agent_configs.updated_at is 'When the agent config was last changed.';

alter table public.ai_agent_configs enable row level security;
-- Not the encrypted ones: a ciphertext is for the backend only.
create policy "People read their own plain configuration values" on public.ai_agent_configs
  for select to authenticated
  using (
    user_id = (select auth.uid())
    and not is_encrypted
    and (
      exists (select from public.agents where agents.id = ai_agent_configs.agent_id)
      or exists (
        select from private.public_agents where public_agents.id = ai_agent_configs.agent_id
      )
    )
  );
create policy "People set values for agents that they see" on public.ai_agent_configs
  for insert to authenticated
  with check (
    user_id = (select auth.uid())
    and not is_encrypted
    and private.sees_agent(agent_id, 'viewer')
  );
create policy "People change their own configuration values" on public.ai_agent_configs
  for update to authenticated
  using (user_id = (select auth.uid()) and private.sees_agent(agent_id, 'viewer'))
  with check (
    user_id = (select auth.uid())
    and not is_encrypted
    and private.sees_agent(agent_id, 'viewer')
  );
create policy "People delete their own configuration values" on public.ai_agent_configs
  for delete to authenticated
  using (user_id = (select auth.uid()) and private.sees_agent(agent_id, 'viewer'));
grant select, delete on public.ai_agent_configs to authenticated;
grant insert (agent_id, config_key, config_value, config_type, description, is_encrypted, user_id)
  on public.ai_agent_configs
  to authenticated;
grant update (config_value, config_type, description) on public.ai_agent_configs to authenticated;
grant select, insert, update, delete on public.ai_agent_configs to service_role;
create index ai_agent_configs_user_id_idx on public.ai_agent_configs (user_id);
create trigger update_ai_agent_configs_updated_at before update on public.ai_agent_configs
  for each row execute function public.update_updated_at_column();

create function private.require_editable_agent(agent_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if exists (
    select from private.editable_agents
    where editable_agents.id = require_editable_agent.agent_id
  )
  then
    return;
  end if;
  if private.sees_agent(require_editable_agent.agent_id, 'viewer') then
    perform private.refuse('agent_not_editable', 'You may use this agent but not change it.');
  end if;
  perform private.refuse('agent_not_found', 'Agent not found.');
end
$$;
comment on function private.require_editable_agent(uuid) is
  'Refuses a caller who may not edit the agent. Errors: PT404 not visible to the caller, PT403 '
  'visible only.';
grant execute on function private.require_editable_agent(uuid) to service_role;

create function public.store_agent_config(caller jsonb, config jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.impersonate(store_agent_config.caller);
  stored public.ai_agent_configs;
begin
  perform private.require_editable_agent((store_agent_config.config ->> 'agent_id')::uuid);
  -- A ciphertext is bound to its row, so that a new value has a new id.
  insert into public.ai_agent_configs as configs (
    id, agent_id, config_key, config_value, config_type, description, is_encrypted, user_id
  )
  values (
    (store_agent_config.config ->> 'id')::uuid,
    (store_agent_config.config ->> 'agent_id')::uuid,
    store_agent_config.config ->> 'config_key',
    store_agent_config.config -> 'ciphertext',
    coalesce(store_agent_config.config ->> 'config_type', 'general'),
    store_agent_config.config ->> 'description',
    true,
    profile.id
  )
  on conflict (agent_id, user_id, config_key) do update set
    id = excluded.id, config_value = excluded.config_value, config_type = excluded.config_type,
    description = excluded.description, is_encrypted = true
  returning configs.* into stored;
  return to_jsonb(stored) - 'config_value' - 'user_id';
end
$$;
comment on function public.store_agent_config(jsonb, jsonb) is
  'Keeps {"id", "agent_id", "config_key", "ciphertext", "config_type", "description"} as the '
  'caller''s value, plain or encrypted before, and returns the row without it. Backend only. '
  'Errors: PT404 no such agent, PT403 the caller may not edit it.';
grant execute on function public.store_agent_config(jsonb, jsonb) to service_role;

create function public.list_agent_configs(caller jsonb, agent_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.impersonate(list_agent_configs.caller);
begin
  perform private.require_editable_agent(list_agent_configs.agent_id);
  return coalesce((
    select jsonb_agg(to_jsonb(configs) - 'config_value' - 'user_id' order by configs.config_key)
    from public.ai_agent_configs configs
    where configs.agent_id = list_agent_configs.agent_id
      and configs.user_id = profile.id
      and configs.is_encrypted
  ), '[]');
end
$$;
comment on function public.list_agent_configs(jsonb, uuid) is
  'The caller''s encrypted values of an agent, without the values. Backend only. Errors: PT404 '
  'no such agent, PT403 the caller may not edit it.';
grant execute on function public.list_agent_configs(jsonb, uuid) to service_role;

create function public.delete_agent_config(caller jsonb, id uuid)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.impersonate(delete_agent_config.caller);
begin
  delete from public.ai_agent_configs configs
  where configs.id = delete_agent_config.id
    and configs.user_id = profile.id
    and configs.is_encrypted;
  return found;
end
$$;
comment on function public.delete_agent_config(jsonb, uuid) is
  'Removes an encrypted value of the caller, and returns whether there was one. Backend only.';
grant execute on function public.delete_agent_config(jsonb, uuid) to service_role;
