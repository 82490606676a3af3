begin;
select plan(3);

insert into public.agents (id, name, created_by) values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
create function pg_temp.wait(opens integer)
returns double precision
language plpgsql
as $$
begin
  update public.agent_health
  set circuit_state = 'half_open', circuit_opens = wait.opens, circuit_opened_at = now(), circuit_retry_at = now()
  where agent_id = '20000000-0000-4000-8000-000000000001';
  perform private.report_failure('20000000-0000-4000-8000-000000000001');
  return (
    select extract(epoch from circuit_retry_at - now()) from public.agent_health
    where agent_id = '20000000-0000-4000-8000-000000000001'
  );
end
$$;

select is(
  array[min(wait) >= 0.9 * wanted, max(wait) <= 1.1 * wanted, min(wait) < 0.95 * wanted, max(wait) > 1.05 * wanted],
  array[true, true, true, true], format('%s seconds', wanted)
)
from (values (0, 30), (1, 60), (5, 300)) as waits (opens, wanted),
lateral (select pg_temp.wait(opens) as wait from generate_series(1, 400)) as samples
group by wanted;

select * from finish();
rollback;
