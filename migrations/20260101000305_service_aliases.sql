-- Further names of services, and which service a name means.

create table public.service_aliases (
  vendor_id text not null,
  alias text not null,
  service_id text not null,
  created_at timestamptz not null default now(),
  primary key (vendor_id, alias),
  constraint alias_means_a_service_of_its_vendor
    foreign key (vendor_id, service_id) references public.vendor_services (vendor_id, id)
    on delete cascade,
  constraint alias_is_1_to_255_characters
    check (char_length(alias) between 1 and 255 and alias !~ '[[:cntrl:]]')
);
comment on table public.service_aliases is
  'Further names of services, such as a dated name or an earlier one. Agents, models and requests '
  'that name an alias get the service. Readable by everyone.';
comment on column public.service_aliases.vendor_id is 'The vendor that sells the service.';
comment on column public.service_aliases.alias is
  'The name. Where a service of the vendor has it as its service_name, that service is meant.';
comment on column public.service_aliases.service_id is 'The service that it means.';
comment on column public.service_aliases.created_at is 'When the alias was added.';

alter table public.service_aliases enable row level security;
create policy "Anyone reads aliases"
  on public.service_aliases
  for select to anon, authenticated
  using (true);
grant select on public.service_aliases to anon, authenticated;
grant select, insert, update, delete on public.service_aliases to service_role;
create index service_aliases_service_id_idx on public.service_aliases (vendor_id, service_id);
create index service_aliases_alias_idx on public.service_aliases (alias);

create function private.service_named(vendor_id text, name text)
returns text
language plpgsql
stable
set search_path = ''
as $$
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
$$;
comment on function private.service_named(text, text) is
  'The service of a vendor that has this service_name, or else this alias, and that can be called '
  'as current_service(). Null where there is none.';
grant execute on function private.service_named(text, text) to service_role;
