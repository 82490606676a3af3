-- Objects that every lint must report: a run that does not see them sees nothing. They are planted
-- before the lints run on a migrated database and dropped right after.
create table public.planted_open (id integer, api_key text);
create policy "Planted" on public.planted_open for select using (true);
grant select on public.planted_open to anon;

create table public.planted_closed (id integer primary key, owner_id uuid);
alter table public.planted_closed enable row level security;
create policy "Planted bare call" on public.planted_closed
  for select to authenticated using (owner_id = auth.uid());
create policy "Planted second policy" on public.planted_closed
  for select to authenticated using (owner_id is null);
create policy "Planted always true" on public.planted_closed
  for insert to authenticated with check (true);
grant select, insert on public.planted_closed to authenticated;

create view public.planted_view as select id from public.planted_closed;
grant select on public.planted_view to anon;

create view public.planted_people as select id, email from auth.users;
grant select on public.planted_people to authenticated;

create materialized view public.planted_copy as select 1 as id;
grant select on public.planted_copy to anon;

create function public.planted_path() returns integer language sql as 'select 1';

create function private.planted_typo() returns integer language plpgsql set search_path = '' as $$
begin
  return (select nothing from public.planted_closed);
end
$$;

create function private.planted_trigger_typo() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.nothing := 1;
  return new;
end
$$;
create trigger planted before insert on public.planted_closed
  for each row execute function private.planted_trigger_typo();

create function private.planted_injection(name text) returns void
language plpgsql set search_path = '' as $$
begin
  execute 'select ' || name;
end
$$;
