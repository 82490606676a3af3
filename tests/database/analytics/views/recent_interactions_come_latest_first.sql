begin;
select plan(3);

insert into public.agents (id, name, created_by, organization_id, vendor_id) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('alice'), tests.id('acme'), 'openai'),
  ('20000000-0000-4000-8000-000000000002', 'Eve''s', tests.id('eve'), null, 'cohere');
insert into public.ai_interactions
  (organization_id, user_id, agent_id, vendor_id, title, interaction_type_id, started_at, status, total_cost)
values
  (tests.id('acme'), tests.id('alice'), '20000000-0000-4000-8000-000000000001', null, 'second', 'coding',
    '2026-01-02', 'active', 0.5),
  (tests.id('acme'), tests.id('bob'), null, 'anthropic', 'third', 'conversation', '2026-01-03', 'completed', null),
  (tests.id('acme'), tests.id('bob'), '20000000-0000-4000-8000-000000000002', null, 'first', 'voice',
    '2026-01-01', 'archived', null),
  (tests.id('acme'), tests.id('bob'), null, null, 'gone', 'conversation', '2026-01-04', 'deleted', null);

select tests.act_as('dave');
select results_eq(
  $$
    select title, interaction_type, interaction_icon, interaction_color, agent_name, vendor_id, vendor_name, total_cost,
      status, user_id
    from public.recent_interactions
  $$,
  $$
    values
      ('third', 'Conversation', 'message-circle', '#3b82f6', null, 'anthropic', 'Anthropic', null::numeric(20, 10),
        'completed', tests.id('bob')),
      ('second', 'Coding', 'code', '#10b981', 'Acme''s', 'openai', 'OpenAI', 0.5, 'active', tests.id('alice')),
      ('first', 'Voice', 'mic', '#14b8a6', null, 'cohere', 'Cohere', null, 'archived', tests.id('bob'))
  $$,
  'with kind, agent and vendor by name, as far as the caller sees them, and without what is deleted'
);
select tests.act_as('eve');
select is_empty('select id from public.recent_interactions', 'others see nothing of it');
select tests.act_as_anon();
select tests.denied('select id from public.recent_interactions', 'nor a visitor');

select * from finish();
rollback;
