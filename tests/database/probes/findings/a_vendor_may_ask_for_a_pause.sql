begin;
select plan(4);

insert into public.agents (id, name, vendor_id, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'one', 'openai', tests.id('eve'));
insert into private.agent_probes (agent_id, due_at)
values ('20000000-0000-4000-8000-000000000001', now() + interval '4 minutes');

create function pg_temp.due_after(retry_after_ms bigint) returns interval language plpgsql as $$
begin
  update private.agent_probes set due_at = now() + interval '4 minutes'
  where agent_id = '20000000-0000-4000-8000-000000000001';
  perform public.record_agent_probes(jsonb_build_array(jsonb_build_object(
    'agent_id', '20000000-0000-4000-8000-000000000001', 'status', 'degraded', 'error_code', 'rate_limited',
    'retry_after_ms', retry_after_ms
  )));
  return (select due_at - now() from private.agent_probes where agent_id = '20000000-0000-4000-8000-000000000001');
end
$$;

select is(pg_temp.due_after(600000), interval '10 minutes', 'for as long as it asks');
select is(pg_temp.due_after(1000), interval '4 minutes', 'not for less than any other');
select is(pg_temp.due_after(86400000), interval '1 hour', 'nor for longer than an hour');
select is(pg_temp.due_after(null), interval '4 minutes', 'who asks for nothing gets nothing');

select * from finish();
rollback;
