-- A table that is read as a whole when it is small is read so when it has grown, for as long as a
-- connection keeps the plan.
begin;
select plan(2);

create function pg_temp.begin(request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    jsonb_build_object(
      'request_id', gen_random_uuid(), 'model', 'gpt-4o', 'messages', '[{"role": "user", "content": "hi"}]'::jsonb
    ) || request
  )
$$;
create function pg_temp.settle(turn jsonb)
returns jsonb
language sql
as $$
  select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{
    "state": "succeeded", "content": "a", "vendor_id": "openai", "service_id": "openai_gpt4o", "model_used": "gpt-4o-2026",
    "usage": {"input_tokens": 25, "output_tokens": 18},
    "attempts": [{
      "attempt": 1, "vendor_id": "openai", "service_id": "openai_gpt4o", "status": "succeeded", "upstream_status": 200,
      "started_at": "2026-01-01T00:00:00Z"
    }]
  }')
$$;
create function pg_temp.scans()
returns table (relation text, number bigint)
language sql
as $$
  select format('%s.%s', schemaname, relname), seq_scan from pg_stat_xact_user_tables
  where schemaname in ('public', 'private', 'auth')
$$;
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'day', 100 from public.profiles where id = tests.id('eve');
analyze;

create temporary table before as select * from pg_temp.scans();
create temporary table turns as select pg_temp.begin('{}') as turn;
select is_empty(
  'select relation from pg_temp.scans() now left join before using (relation) where now.number > coalesce(before.number, 0)',
  'not when it begins'
);
drop table before;
create temporary table before as select * from pg_temp.scans();
select pg_temp.settle(turn) from turns;
select is_empty(
  'select relation from pg_temp.scans() now left join before using (relation) where now.number > coalesce(before.number, 0)',
  'nor when it is settled'
);

select * from finish();
rollback;
