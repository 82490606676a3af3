-- The current state of what 000796_widget_secrets.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.widget_secrets (
  id uuid not null,
  widget_id uuid not null,
  encrypted_secret text not null,
  last_four text not null,
  expires_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint widget_secrets_pkey PRIMARY KEY (id),
  constraint widget_secrets_widget_id_fkey FOREIGN KEY (widget_id) REFERENCES public.widgets(id) ON DELETE CASCADE,
  constraint encrypted_secret_is_ciphertext CHECK (private.is_ciphertext(encrypted_secret)),
  constraint last_four_of_secret_are_its_end CHECK ((last_four ~ '^[A-Za-z0-9_-]{4}$'::text))
);
alter table public.widget_secrets enable row level security;
create policy "Those who edit an agent revoke its secrets" on public.widget_secrets
  as permissive for delete to authenticated
  using ((EXISTS ( SELECT
   FROM (public.widgets
     JOIN private.editable_agents ON ((editable_agents.id = widgets.agent_id)))
  WHERE (widgets.id = widget_secrets.widget_id))));
create policy "Those who edit an agent see which secrets there are" on public.widget_secrets
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM (public.widgets
     JOIN private.editable_agents ON ((editable_agents.id = widgets.agent_id)))
  WHERE (widgets.id = widget_secrets.widget_id))));
grant delete, insert, select, update on public.widget_secrets to service_role;
grant delete, select (id, widget_id, last_four, expires_at, created_at, updated_at) on public.widget_secrets to authenticated;
CREATE INDEX widget_secrets_widget_id_idx ON public.widget_secrets USING btree (widget_id, created_at DESC);
CREATE TRIGGER record_audit_change AFTER UPDATE OF widget_id, expires_at, encrypted_secret ON public.widget_secrets FOR EACH ROW WHEN (((((old.widget_id IS DISTINCT FROM new.widget_id) OR (old.expires_at IS DISTINCT FROM new.expires_at)) OR (old.encrypted_secret IS DISTINCT FROM new.encrypted_secret)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.widget_secrets FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER update_widget_secrets_updated_at BEFORE UPDATE ON public.widget_secrets FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function public.store_widget_secret(caller jsonb, secret jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  widget public.widgets;
begin
  perform private.impersonate(store_widget_secret.caller);
  select widgets.* into widget
  from public.widgets
  where widgets.id = private.as_uuid(store_widget_secret.secret ->> 'widget_id')
    and widgets.agent_id in (select editable_agents.id from private.editable_agents)
  for no key update;
  if widget.id is null then
    perform private.refuse(
      'widget_not_found', 'Widget not found, or you may not change it.',
      'Use an id from the table widgets.'
    );
  end if;
  delete from public.widget_secrets
  where widget_secrets.widget_id = widget.id and widget_secrets.expires_at is not null;
  update public.widget_secrets
  set expires_at = now() + (private.limits()).widget_key_grace
  where widget_secrets.widget_id = widget.id;
  insert into public.widget_secrets (id, widget_id, encrypted_secret, last_four)
  values (
    (store_widget_secret.secret ->> 'id')::uuid, widget.id,
    store_widget_secret.secret ->> 'encrypted_secret',
    store_widget_secret.secret ->> 'last_four'
  );
  return jsonb_build_object(
    'id', store_widget_secret.secret ->> 'id', 'widget_id', widget.id,
    'last_four', store_widget_secret.secret ->> 'last_four'
  );
end
$body$;
grant execute on function public.store_widget_secret(jsonb,jsonb) to agentbase_functions;
