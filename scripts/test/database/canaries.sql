-- Objects that every lint must report: a run that does not see them sees nothing. They are planted
-- before the lints run on a migrated database and dropped right after.
create table public.canary_open (id integer, api_key text);
create policy "Canary" on public.canary_open for select using (true);
grant select on public.canary_open to anon;

create table public.canary_closed (id integer primary key, owner_id uuid);
alter table public.canary_closed enable row level security;
create policy "Canary bare call" on public.canary_closed
  for select to authenticated using (owner_id = auth.uid());
create policy "Canary second policy" on public.canary_closed
  for select to authenticated using (owner_id is null);
create policy "Canary always true" on public.canary_closed
  for insert to authenticated with check (true);
grant select, insert on public.canary_closed to authenticated;

create view public.canary_view as select id from public.canary_closed;
grant select on public.canary_view to anon;

create view public.canary_people as select id, email from auth.users;
grant select on public.canary_people to authenticated;

create materialized view public.canary_copy as select 1 as id;
grant select on public.canary_copy to anon;

create function public.canary_path() returns integer language sql as 'select 1';

create function private.canary_typo() returns integer language plpgsql set search_path = '' as $$
begin
  return (select nothing from public.canary_closed);
end
$$;

create function private.canary_trigger_typo() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.nothing := 1;
  return new;
end
$$;
create trigger canary before insert on public.canary_closed
  for each row execute function private.canary_trigger_typo();

create function private.canary_injection(name text) returns void
language plpgsql set search_path = '' as $$
begin
  execute 'select ' || name;
end
$$;
