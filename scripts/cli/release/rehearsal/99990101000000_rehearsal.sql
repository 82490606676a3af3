-- What a migration of a later release may do, in the order that leaves the application working.
set lock_timeout = '2s';
set statement_timeout = '1min';

-- A table, with all that belongs to one.
create table public.rehearsals (
  id uuid primary key references public.agents (id) on delete cascade,
  title text not null,
  constraint title_has_at_most_200_characters check (char_length(title) <= 200)
);
comment on table public.rehearsals is 'Of a rehearsed release.';
comment on column public.rehearsals.title is 'Of the agent.';
alter table public.rehearsals enable row level security;
create policy "Members read rehearsals" on public.rehearsals for select to authenticated
  using (exists (select from public.agents where agents.id = rehearsals.id));
grant select on table public.rehearsals to authenticated;
alter publication supabase_realtime add table public.rehearsals;
insert into public.rehearsals
select id, 'of ' || name from public.agents where created_by is not null;
create view public.rehearsed (title) with (security_invoker = true) as
select title from public.rehearsals;

-- A column of a table whose checks are compiled, with a check, which is compiled once it is valid.
select private.restore_rules('public.agents');
alter table public.agents add column rehearsal text not null default 'new';
select private.compile_rules('public.agents');
alter table public.agents add constraint rehearsal_has_at_most_20_characters
check (char_length(rehearsal) <= 20) not valid;
comment on column public.agents.rehearsal is 'Of a rehearsed release.';
grant update (rehearsal) on table public.agents to authenticated;
update private.audited_tables set recorded = recorded || '{rehearsal}'
where table_name = 'agents';
select private.audit_table(audited) from private.audited_tables audited
where audited.table_name = 'agents';

-- A registry, a job, a function of before, a trigger and a right that is taken back.
insert into private.error_codes (code, status, meaning, remedy)
values ('rehearsed', 409, 'It was rehearsed.', 'Rehearse it again.');
create or replace function private.is_time_zone(name text) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from pg_catalog.pg_timezone_names zones where zones.name = is_time_zone.name
  )
$$;
create trigger touch before update on public.rehearsals
for each row execute function public.update_updated_at_column();
revoke select on table public.plans from anon;
comment on function private.is_time_zone(text) is 'Whether Postgres has the time zone.';
