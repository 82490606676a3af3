begin;
select plan(2);

insert into public.agents (id, name, created_by)
values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.models (agent_id, name, is_default) values
  ('20000000-0000-4000-8000-000000000001', 'a', true),
  ('20000000-0000-4000-8000-000000000001', 'b', false),
  ('20000000-0000-4000-8000-000000000001', 'c', false);

select tests.breaks(
  $$
    update public.models set is_default = true
    where agent_id = '20000000-0000-4000-8000-000000000001' and name = 'b'
  $$,
  'one_default_model_per_agent', 'a second default is refused'
);
select lives_ok(
  $$
    update public.models set is_default = false where agent_id = '20000000-0000-4000-8000-000000000001';
    update public.models set is_default = true
    where agent_id = '20000000-0000-4000-8000-000000000001' and name = 'b'
  $$,
  'the default moves in two steps'
);

select * from finish();
rollback;
