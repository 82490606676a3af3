-- The current state of what 000305_service_aliases.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.service_aliases (
  vendor_id text not null,
  alias text not null,
  service_id text not null,
  created_at timestamp with time zone default now() not null,
  constraint service_aliases_pkey PRIMARY KEY (vendor_id, alias),
  constraint alias_means_a_service_of_its_vendor FOREIGN KEY (vendor_id, service_id) REFERENCES public.vendor_services(vendor_id, id) ON DELETE CASCADE,
  constraint alias_is_1_to_255_characters CHECK ((((char_length(alias) >= 1) AND (char_length(alias) <= 255)) AND (alias !~ '[[:cntrl:]]'::text)))
);
alter table public.service_aliases enable row level security;
create policy "Anyone reads aliases" on public.service_aliases
  as permissive for select to anon, authenticated
  using (true);
grant delete, insert, select, update on public.service_aliases to service_role;
grant select on public.service_aliases to anon;
grant select on public.service_aliases to authenticated;
CREATE INDEX service_aliases_alias_idx ON public.service_aliases USING btree (alias);
CREATE INDEX service_aliases_service_id_idx ON public.service_aliases USING btree (vendor_id, service_id);
CREATE TRIGGER record_audit_change AFTER UPDATE OF vendor_id, alias, service_id ON public.service_aliases FOR EACH ROW WHEN (((((old.vendor_id IS DISTINCT FROM new.vendor_id) OR (old.alias IS DISTINCT FROM new.alias)) OR (old.service_id IS DISTINCT FROM new.service_id)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('vendor_id', 'alias');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.service_aliases FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('vendor_id', 'alias');

-- Functions --------------------------------------------------------------------------------------

create function private.service_named(vendor_id text, name text)
returns text
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  named text := (
    select services.id
    from public.vendor_services services
    where services.vendor_id = service_named.vendor_id
      and services.service_name = service_named.name
  );
begin
  if named is null then
    named := (
      select aliases.service_id
      from public.service_aliases aliases
      where aliases.vendor_id = service_named.vendor_id and aliases.alias = service_named.name
    );
  end if;
  return case when private.current_service(named) is not null then named end;
end
$body$;
grant execute on function private.service_named(text,text) to service_role;
