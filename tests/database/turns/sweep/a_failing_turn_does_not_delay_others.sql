begin;
select plan(10);

-- A turn whose row cannot be settled, whatever the reason.
create function private.planted_refusal() returns trigger language plpgsql set search_path = '' as $$
begin
  if new.title like 'hostile%' then
    raise exception 'planted: this row cannot be settled';
  end if;
  return new;
end
$$;
insert into private.running_turns (user_id, organization_id, title, source, lease_expires_at)
select tests.id('alice'), tests.id('acme'), title, 'embedding', now() - interval '1 minute' * place
from (values ('hostile 1', 9), ('hostile 2', 8), ('mine', 3)) as turns (title, place);
insert into private.running_turns (user_id, organization_id, title, source, lease_expires_at)
select id, current_organization_id, 'of another organization', 'embedding', now() - interval '1 minute'
from public.profiles where id = tests.id('eve');
create trigger planted_refusal before insert on public.ai_interactions for each row execute function private.planted_refusal();

create function pg_temp.item(title text) returns text language sql as $$
  select id::text from private.running_turns where running_turns.title = item.title
$$;
select results_eq(
  $$ select title from private.due_items('sweep-turns', null, '{}') due join private.running_turns on id::text = due.item
     order by round, due_at $$,
  array['hostile 1', 'of another organization', 'hostile 2', 'mine'], 'each organization''s oldest is swept before a second of any'
);
insert into private.job_runs (job_name) values ('sweep-turns');
create function pg_temp.step(title text) returns text language sql as $$
  select step.outcome || ' ' || step.amount || coalesce(' ' || step.error_message, '')
  from private.run_item((select id from private.job_runs where job_name = 'sweep-turns' and finished_at is null), pg_temp.item(title)) step
$$;
select is(pg_temp.step('hostile 1'), 'failed 0 planted: this row cannot be settled', 'one that fails says so');
select is(pg_temp.step('of another organization'), 'succeeded 1', 'and the next is settled');
select results_eq(
  $$ select title from private.due_items('sweep-turns', null, '{}') due join private.running_turns on id::text = due.item
     order by round, due_at $$,
  array['hostile 2', 'mine'], 'what failed is passed over for a while'
);
select results_eq(
  $$ select attempts, error_message, retry_at - failed_at > interval '59 seconds' from private.job_failures $$,
  $$ values (1, 'planted: this row cannot be settled', true) $$, 'and recorded'
);
select pg_temp.step('hostile 1') from generate_series(1, 11);
select results_eq(
  $$ select attempts, retry_at - failed_at from private.job_failures $$,
  $$ values (12, interval '6 hours') $$, 'it is tried with growing pauses, four times a day at least'
);
select is(
  (select failing_items from public.job_status where name = 'sweep-turns'), 1::bigint, 'the status of the job counts it'
);
drop trigger planted_refusal on public.ai_interactions;
select is(pg_temp.step('hostile 1'), 'succeeded 1', 'when it can be settled it is');
select is_empty('select * from private.job_failures', 'and no longer counted');
select is(public.sweep_chat_turns(), 2, 'a sweep by hand takes the rest');

select * from finish();
rollback;
