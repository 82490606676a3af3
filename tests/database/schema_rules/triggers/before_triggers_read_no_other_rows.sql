-- A BEFORE trigger runs before the policy has checked the new row. With its owner's rights it could
-- read, lock or time rows of a tenant that the caller only names. Those that are here look up by the
-- caller's own memberships, or one row by its key, take no lock, and were read one by one.
begin;
select plan(2);

create temporary table harmless (trigger_name text primary key, reason text not null);
insert into harmless values
  ('check_agent_fields_of_new on agents', 'Reads the registry of fields, which is no tenant''s.'),
  ('check_agent_fields_of_changed on agents', 'Reads the registry of fields, which is no tenant''s.'),
  ('complete_interaction on ai_interactions', 'One agent by its id; an organization only where the caller is a member.'),
  ('complete_session on chat_sessions', 'One agent by its id; an organization only where the caller is a member.'),
  ('send_notification on notifications', 'Its condition leaves out what clients write.'),
  -- Asks for the caller's role before it looks at anything.
  ('begin_budget_period on budgets', 'Reads and locks only what the caller may budget.');

create temporary view findings as
select format('%s on %s', triggers.tgname, relations.relname) as finding
from pg_trigger triggers
join pg_class relations on relations.oid = triggers.tgrelid
join pg_proc functions on functions.oid = triggers.tgfoid
where relations.relnamespace = 'public'::regnamespace
  and not triggers.tgisinternal
  and functions.prosecdef
  -- BEFORE (2) or INSTEAD OF (64), for INSERT (4), DELETE (8) or UPDATE (16).
  and triggers.tgtype & (2 | 64) > 0
  and exists (
    select from unnest(array['anon', 'authenticated']) as clients (role)
    where (triggers.tgtype & 4 > 0 and has_any_column_privilege(clients.role, relations.oid, 'insert'))
      or (triggers.tgtype & 8 > 0 and has_table_privilege(clients.role, relations.oid, 'delete'))
      or (triggers.tgtype & 16 > 0 and has_any_column_privilege(clients.role, relations.oid, 'update'))
  );

select set_eq(
  'select finding from findings', 'select trigger_name from harmless',
  'no other trigger with its owner''s rights runs before the policy'
);

create table public.planted_rows (id integer);
grant insert, delete on public.planted_rows to authenticated;
create function public.planted_lookup() returns trigger language plpgsql security definer set search_path = '' as 'begin return new; end';
create function public.planted_helper() returns trigger language plpgsql set search_path = '' as 'begin return new; end';
create trigger planted_insert before insert on public.planted_rows for each row execute function public.planted_lookup();
create trigger planted_delete before delete on public.planted_rows for each row execute function public.planted_lookup();
create trigger planted_update before update on public.planted_rows for each row execute function public.planted_lookup();
create trigger planted_after after insert on public.planted_rows for each row execute function public.planted_lookup();
create trigger planted_invoker before insert on public.planted_rows for each row execute function public.planted_helper();

select set_eq(
  $$ select finding from findings where finding like 'planted%' $$,
  $$ values ('planted_insert on planted_rows'), ('planted_delete on planted_rows') $$,
  'one is reported where clients can set it off; one that runs after the policy, or with their rights, is not'
);

select * from finish();
rollback;
