begin;
select plan(19);

insert into public.agents (id, name, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('acme'));
insert into public.ai_interactions (
  id, organization_id, user_id, agent_id, title, model_name, vendor_id, source, turn_state, status, total_cost, input_tokens, started_at
) values
  ('30000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('carol'),
    '20000000-0000-4000-8000-000000000001', 'Turn', 'm', 'openai', 'chat', 'succeeded', 'completed', 1.1, 10, '2026-05-05 12:00+00'),
  ('30000000-0000-4000-8000-000000000002', tests.id('acme'), tests.id('carol'),
    '20000000-0000-4000-8000-000000000001', 'Call', 'm', 'openai', 'embedding', 'succeeded', 'completed', 0.4, 10, '2026-05-05 12:00+00'),
  ('30000000-0000-4000-8000-000000000003', tests.id('acme'), tests.id('carol'),
    '20000000-0000-4000-8000-000000000001', 'By hand', 'm', 'openai', 'manual', null, 'active', 7, 0, '2026-05-05 12:00+00');

create function pg_temp.figures()
returns text
language sql
as $$
  select concat_ws(' ', interactions, trim_scale(total_cost), trim_scale(recorded_cost), recorded)
  from public.get_usage('day', '2026-05-05', '2026-05-05', tests.id('acme'))
$$;
grant execute on function pg_temp.figures() to authenticated, service_role;

select tests.act_as('carol');
select is(pg_temp.figures(), '3 1.5 7 1', 'what turns cost is apart from what was recorded');
select tests.breaks(
  $$ update public.ai_interactions set status = 'deleted' where source = 'chat' $$, 'turns_are_not_deleted',
  'a turn is not marked as deleted'
);
select tests.breaks(
  $$ update public.ai_interactions set status = 'deleted' where source = 'embedding' $$, 'turns_are_not_deleted',
  'nor is a call of embeddings'
);
select tests.breaks(
  'update public.ai_interactions set status = ''deleted''', 'turns_are_not_deleted', 'nor together with a record'
);
select tests.denied('delete from public.ai_interactions', 'nothing is deleted');
select tests.denied(
  format('update public.ai_interactions set %s where source = ''chat''', change), change || ' is denied'
)
from unnest(array[
  'total_cost = 0', 'source = ''manual''', 'started_at = ''1999-01-01''', 'agent_id = null', 'organization_id = null',
  'user_id = null', 'model_name = ''x''', 'vendor_id = null'
]) as change;
select tests.denied(
  $$
    insert into public.ai_interactions (id, agent_id, title, total_cost)
    values ('30000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'Turn', 0)
    on conflict (id) do update set total_cost = excluded.total_cost
  $$,
  'an upsert is denied'
);
select tests.changes(
  $$ update public.ai_interactions set status = 'archived', satisfaction_rating = 1 where source <> 'manual' $$, 2,
  'turns are archived and rated'
);
select is(pg_temp.figures(), '3 1.5 7 1', 'which changes none of them');

select tests.act_as('alice');
select tests.changes(
  $$ update public.ai_interactions set status = 'deleted' where source = 'manual' $$, 0,
  'what someone recorded is not for others to remove'
);
select tests.act_as_service();
select tests.breaks(
  $$ update public.ai_interactions set status = 'deleted' where source = 'chat' $$, 'turns_are_not_deleted',
  'a backend marks no turn either'
);
select tests.act_as('carol');
update public.ai_interactions set status = 'deleted' where source = 'manual';
select is(pg_temp.figures(), '2 1.5 0 0', 'the person removes the own record');

select * from finish();
rollback;
