begin;
select plan(15);

insert into public.agents (id, name, vendor_id, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'one', 'openai', tests.id('eve')),
  ('20000000-0000-4000-8000-000000000002', 'two', 'openai', tests.id('eve'));
insert into private.agent_probes (agent_id, due_at) values
  ('20000000-0000-4000-8000-000000000001', now()), ('20000000-0000-4000-8000-000000000002', now());

select tests.breaks(
  format('update private.agent_probes set %s where agent_id = ''20000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('agent_id = ''20000000-0000-4000-8000-000000000002''', 'agent_probes_pkey'),
  ('agent_id = gen_random_uuid()', 'agent_probes_agent_id_fkey'),
  ('finding = ''fine'', found_at = now()', 'finding_is_known'),
  ('finding = ''healthy''', 'finding_says_when'),
  ('found_at = now()', 'finding_says_when')
) as broken (change, rule);

select tests.breaks(
  format('update public.vendors set probe_path = %L where id = ''openai''', path), 'probe_path_is_a_path',
  format('the path %s is refused', path)
)
from unnest(array['', '/', 'models', '//evil.example', '/a b', '/a?b', '/a#b', '/@evil.example', '/a/']) as path;

delete from public.agents where id = '20000000-0000-4000-8000-000000000001';
select is_empty(
  $$ select from private.agent_probes where agent_id = '20000000-0000-4000-8000-000000000001' $$,
  'an agent takes its probes along'
);

select * from finish();
rollback;
