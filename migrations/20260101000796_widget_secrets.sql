-- Secrets with which a website signs the identity of its visitors. The edge function makes,
-- encrypts and verifies them; here they are ciphertext.

create table public.widget_secrets (
  id uuid primary key,
  widget_id uuid not null references public.widgets (id) on delete cascade,
  encrypted_secret text not null,
  last_four text not null,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint encrypted_secret_is_ciphertext check (private.is_ciphertext(encrypted_secret)),
  constraint last_four_of_secret_are_its_end check (last_four ~ '^[A-Za-z0-9_-]{4}$')
);
comment on table public.widget_secrets is
  'Secrets with which websites sign the identity of visitors, encrypted: the current one of a '
  'widget and, for a day, the one before.';
comment on column public.widget_secrets.id is
  'Identifies the secret; part of what its ciphertext is bound to.';
comment on column public.widget_secrets.widget_id is
  'The widget. The ciphertext is bound to it.';
comment on column public.widget_secrets.encrypted_secret is
  'Ciphertext, which only the edge function opens.';
comment on column public.widget_secrets.last_four is
  'Last four characters, to tell secrets apart.';
comment on column public.widget_secrets.expires_at is
  'When it stops working; null for the current one.';
comment on column public.widget_secrets.created_at is 'When the secret was stored.';
comment on column public.widget_secrets.updated_at is 'When it was last changed.';

alter table public.widget_secrets enable row level security;
create policy "Those who edit an agent see which secrets there are" on public.widget_secrets
  for select to authenticated
  using (
    exists (
      select from public.widgets
      join private.editable_agents on editable_agents.id = widgets.agent_id
      where widgets.id = widget_secrets.widget_id
    )
  );
create policy "Those who edit an agent revoke its secrets" on public.widget_secrets
  for delete to authenticated
  using (
    exists (
      select from public.widgets
      join private.editable_agents on editable_agents.id = widgets.agent_id
      where widgets.id = widget_secrets.widget_id
    )
  );
grant select (id, widget_id, last_four, expires_at, created_at, updated_at), delete
  on public.widget_secrets to authenticated;
grant select, insert, update, delete on public.widget_secrets to service_role;
create index widget_secrets_widget_id_idx on public.widget_secrets (widget_id, created_at desc);
create trigger update_widget_secrets_updated_at before update on public.widget_secrets
  for each row execute function public.update_updated_at_column();

create function public.store_widget_secret(caller jsonb, secret jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function public.store_widget_secret(jsonb, jsonb) is
  'Makes {"id", "widget_id", "encrypted_secret", "last_four"} the current secret of a widget, for '
  'a caller {"user_id"} who edits its agent. The one before works for another 24 hours, older '
  'ones no longer. Backend only. Errors: PT404 widget_not_found; those of impersonate().';
grant execute on function public.store_widget_secret(jsonb, jsonb) to service_role;
