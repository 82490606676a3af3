-- Seed 001, "Initial Data Seeded": what every signed-in person finds.
begin;
select plan(6);

select tests.act_as('eve');
select results_eq(
  'select name, enabled from agents order by name',
  $$ values ('ccrouter', true), ('droid', true) $$,
  'two agents, both enabled'
);
select results_eq(
  $$
    select agents.name, models.display_name
    from models
    join agents on agents.id = models.agent_id
    where models.display_name ~ '^(Gemini [12]\.|Claude 3|GPT-4)'
    order by agents.name, models.display_name
  $$,
  $$ values
    ('ccrouter', 'Gemini 1.5 Flash'),
    ('ccrouter', 'Gemini 1.5 Pro'),
    ('ccrouter', 'Gemini 2.0 Pro'),
    ('droid', 'Claude 3 Opus'),
    ('droid', 'Claude 3.5 Sonnet'),
    ('droid', 'GPT-4 Turbo'),
    ('droid', 'GPT-4o') $$,
  'seven models: three of ccrouter, four of droid'
);
select is((select bool_and(enabled) from models), true, 'each of them is enabled');
select results_eq(
  $$ select name, vendor_id from agents order by name $$,
  $$ values ('ccrouter', 'google_vertex'), ('droid', 'openrouter') $$,
  'one speaks to Vertex AI, the other to OpenRouter'
);
select results_eq(
  'select agents.name, health.status from agent_health health join agents on agents.id = health.agent_id order by agents.name',
  $$ values ('ccrouter', 'healthy'), ('droid', 'healthy') $$,
  'two health records, both healthy'
);

select tests.act_as_anon();
select tests.denied('select from agents', 'a visitor finds none of it');

select * from finish();
rollback;
