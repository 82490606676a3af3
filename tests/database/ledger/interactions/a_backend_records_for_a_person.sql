begin;
select plan(2);

insert into public.agents (id, name, organization_id, created_by, is_public) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('acme'), tests.id('alice'), true);
update public.profiles set current_organization_id = tests.id('acme') where id in (tests.id('bob'), tests.id('dave'));

select tests.act_as_service();
create function pg_temp.recorded_for(agent text, person uuid)
returns text
language plpgsql
as $$
declare
  slug text;
begin
  insert into public.ai_interactions (
    agent_id, title, interaction_type_id, input_tokens, output_tokens, total_cost, external_link, user_id
  )
  select agents.id, 'Code Review Session', 'coding', 1500, 800, 0.0425, 'https://claude.ai/chat/xyz', person
  from public.agents where agents.name = agent;
  select organizations.slug into strict slug
  from public.ai_interactions
  join public.organizations on organizations.id = ai_interactions.organization_id;
  delete from public.ai_interactions;
  return regexp_replace(slug, '^personal-.*', 'personal');
end
$$;

select results_eq(
  $$
    select person, agent, pg_temp.recorded_for(agent, tests.id(person))
    from unnest(array['alice', 'bob', 'carol', 'dave', 'eve']) as person, unnest(array['Acme''s', 'droid']) as agent
    order by 1, 2
  $$,
  $$
    values
      ('alice', 'Acme''s', 'acme'), ('alice', 'droid', 'personal'),
      ('bob', 'Acme''s', 'acme'), ('bob', 'droid', 'acme'),
      ('carol', 'Acme''s', 'acme'), ('carol', 'droid', 'personal'),
      ('dave', 'Acme''s', 'personal'), ('dave', 'droid', 'personal'),
      ('eve', 'Acme''s', 'personal'), ('eve', 'droid', 'personal')
  $$,
  'seed 002''s insert: the agent''s organization for its members, else the current one, else the personal one'
);
select is(pg_temp.recorded_for('Acme''s', null), 'acme', 'recorded for no person, it is the agent''s organization');

select * from finish();
rollback;
