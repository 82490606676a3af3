-- The current state of what 000670_agent_configs.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.ai_agent_configs (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  config_key text not null,
  config_value jsonb not null,
  config_type text default 'general'::text not null,
  description text,
  is_encrypted boolean default false not null,
  user_id uuid default auth.uid() not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint ai_agent_configs_pkey PRIMARY KEY (id),
  constraint ai_agent_configs_agent_id_user_id_config_key_key UNIQUE (agent_id, user_id, config_key),
  constraint ai_agent_configs_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint ai_agent_configs_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint config_description_is_at_most_64_kib CHECK (private.is_prose(description)),
  constraint config_key_has_no_control_characters CHECK (private.is_plain(config_key)),
  constraint config_key_is_1_to_255_characters CHECK (((char_length(config_key) >= 1) AND (char_length(config_key) <= 255))),
  constraint config_type_is_one_line_of_at_most_255_characters CHECK (private.is_label(config_type)),
  constraint config_value_is_at_most_256_kib_and_64_levels CHECK (private.is_document(config_value)),
  constraint encrypted_config_is_ciphertext CHECK (((NOT is_encrypted) OR ((jsonb_typeof(config_value) = 'string'::text) AND (private.is_ciphertext((config_value #>> '{}'::text[])) IS TRUE))))
);
alter table public.ai_agent_configs enable row level security;
create policy "People change their own configuration values" on public.ai_agent_configs
  as permissive for update to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) AND private.sees_agent(agent_id, 'viewer'::text)))
  with check (((user_id = ( SELECT auth.uid() AS uid)) AND (NOT is_encrypted) AND private.sees_agent(agent_id, 'viewer'::text)));
create policy "People delete their own configuration values" on public.ai_agent_configs
  as permissive for delete to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) AND private.sees_agent(agent_id, 'viewer'::text)));
create policy "People read their own plain configuration values" on public.ai_agent_configs
  as permissive for select to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) AND (NOT is_encrypted) AND ((EXISTS ( SELECT
   FROM public.agents
  WHERE (agents.id = ai_agent_configs.agent_id))) OR (EXISTS ( SELECT
   FROM private.public_agents
  WHERE (public_agents.id = ai_agent_configs.agent_id))))));
create policy "People set values for agents that they see" on public.ai_agent_configs
  as permissive for insert to authenticated
  with check (((user_id = ( SELECT auth.uid() AS uid)) AND (NOT is_encrypted) AND private.sees_agent(agent_id, 'viewer'::text)));
grant delete, insert (id, agent_id, config_key, config_value, config_type, description, is_encrypted, user_id), select, update (id, agent_id, config_key, config_value, config_type, description, is_encrypted, user_id) on public.ai_agent_configs to authenticated;
grant delete, insert, select, update on public.ai_agent_configs to service_role;
CREATE INDEX ai_agent_configs_user_id_idx ON public.ai_agent_configs USING btree (user_id);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, config_type, is_encrypted, user_id, created_at, updated_at ON public.ai_agent_configs FOR EACH ROW WHEN ((num_nulls(new.id, new.config_type, new.is_encrypted, new.user_id, new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER record_audit_change AFTER UPDATE OF agent_id, config_key, config_type, is_encrypted, user_id, config_value ON public.ai_agent_configs FOR EACH ROW WHEN ((((((((old.agent_id IS DISTINCT FROM new.agent_id) OR (old.config_key IS DISTINCT FROM new.config_key)) OR (old.config_type IS DISTINCT FROM new.config_type)) OR (old.is_encrypted IS DISTINCT FROM new.is_encrypted)) OR (old.user_id IS DISTINCT FROM new.user_id)) OR (old.config_value IS DISTINCT FROM new.config_value)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.ai_agent_configs FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER refuse_change BEFORE UPDATE OF id, agent_id, config_key, is_encrypted, user_id ON public.ai_agent_configs FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND (((((old.id IS DISTINCT FROM new.id) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.config_key IS DISTINCT FROM new.config_key)) OR (old.is_encrypted IS DISTINCT FROM new.is_encrypted)) OR (old.user_id IS DISTINCT FROM new.user_id)))) EXECUTE FUNCTION private.refuse_change('id', 'agent_id', 'config_key', 'is_encrypted', 'user_id');
CREATE TRIGGER update_ai_agent_configs_updated_at BEFORE UPDATE ON public.ai_agent_configs FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.require_editable_agent(agent_id uuid)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.require_editable_agent(uuid) to service_role;

create function public.delete_agent_config(caller jsonb, id uuid)
returns boolean
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(delete_agent_config.caller);
begin
  delete from public.ai_agent_configs configs
  where configs.id = delete_agent_config.id
    and configs.user_id = profile.id
    and configs.is_encrypted;
  return found;
end
$body$;
grant execute on function public.delete_agent_config(jsonb,uuid) to agentbase_functions;

create function public.list_agent_configs(caller jsonb, agent_id uuid)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;
grant execute on function public.list_agent_configs(jsonb,uuid) to agentbase_functions;

create function public.store_agent_config(caller jsonb, config jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;
grant execute on function public.store_agent_config(jsonb,jsonb) to agentbase_functions;
