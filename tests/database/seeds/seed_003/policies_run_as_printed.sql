-- Seed 003, "Row Level Security". Ours are there already and say more; its own run beside them, word for
-- word, and what they promise holds with them as without.
begin;
select plan(22);

insert into public.agents (name, created_by, organization_id) values
  ('Dave''s own', tests.id('dave'), null),
  ('The team''s', tests.id('alice'), tests.id('acme')),
  ('Eve''s own', tests.id('eve'), null);
insert into public.notifications (user_id, type, title, message) values
  (tests.id('dave'), 'agent_error', 'Dave''s', 'x'), (tests.id('eve'), 'agent_error', 'Eve''s', 'x');
insert into public.deployments (agent_id, deployment_url)
select id, 'https://example.com/' || replace(name, ' ', '-') from public.agents where created_by is not null;

create function pg_temp.promises_hold(situation text)
returns setof text
language plpgsql
as $$
begin
  perform tests.act_as('dave');
  return next results_eq(
    'select name from agents where created_by is not null order by name', array['Dave''s own', 'The team''s'],
    situation || 'a person sees the own agents and the team''s'
  );
  return next tests.changes(
    'update agents set description = ''Mine'' where created_by = auth.uid()', 1, situation || 'a person manages the own agents'
  );
  return next is_empty(
    'update agents set description = ''Mine'' where name in (''The team''''s'', ''Eve''''s own'') returning name',
    situation || 'but views the team''s, and knows nothing of strangers'''
  );
  return next results_eq(
    'select title from notifications', array['Dave''s'], situation || 'a person has the own notifications'
  );
  return next tests.changes('update notifications set read_at = now()', 1, situation || 'and marks them');
  return next tests.changes(
    'update deployments set status = ''stopped'' where agent_id in (select id from agents where created_by = auth.uid())', 1,
    situation || 'a person accesses the deployments of the own agents'
  );
  return next is_empty(
    'select from deployments where deployment_url like ''%Eve%''', situation || 'and sees none of a stranger''s'
  );
  perform tests.reset();
end
$$;
grant execute on function pg_temp.promises_hold(text) to authenticated;

select pg_temp.promises_hold('before: ');

-- The tables are altered by who owns them.
select lives_ok(
  $seed$
-- Enable RLS on all tables
ALTER TABLE agents ENABLE ROW LEVEL SECURITY;
ALTER TABLE deployments ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflows ENABLE ROW LEVEL SECURITY;
ALTER TABLE notifications ENABLE ROW LEVEL SECURITY;
  $seed$,
  'row level security is enabled'
);
select lives_ok(
  $seed$
-- Agents policy
CREATE POLICY "Users can manage their own agents"
ON agents FOR ALL
USING (auth.uid() = created_by);
  $seed$,
  'the policy on own agents is created'
);
select lives_ok(
  $seed$
-- Team access policy
CREATE POLICY "Team members can view team agents"
ON agents FOR SELECT
USING (
  EXISTS (
    SELECT 1 FROM user_roles 
    WHERE user_id = auth.uid() 
    AND team_id = agents.team_id
  )
);
  $seed$,
  'the policy on the team''s agents'
);
select lives_ok(
  $seed$
-- Notifications policy
CREATE POLICY "Users can access their own notifications"
ON notifications FOR ALL
USING (auth.uid() = user_id);
  $seed$,
  'the policy on notifications'
);
select lives_ok(
  $seed$
-- Deployments policy
CREATE POLICY "Users can access deployments for their agents"
ON deployments FOR ALL
USING (
  EXISTS (
    SELECT 1 FROM agents 
    WHERE agents.id = deployments.agent_id 
    AND agents.created_by = auth.uid()
  )
);
  $seed$,
  'and the policy on deployments'
);

select pg_temp.promises_hold('after: ');

select tests.act_as('eve');
select results_eq(
  'select name from agents where created_by is not null', array['Eve''s own'], 'the team policy does not open the team to others'
);
select tests.reset();
select is(
  (select count(*) from pg_policies where tablename = 'agents' and policyname in ('Users can manage their own agents', 'Team members can view team agents')),
  2::bigint, 'its names are not taken by ours'
);
select is_empty(
  $$
    select relname from pg_class
    where relnamespace = 'public'::regnamespace
      and relname in (
        'agents', 'agent_templates', 'deployments', 'workflows', 'workflow_executions', 'notifications', 'agent_thoughts',
        'agent_metrics', 'api_usage'
      )
      and not relrowsecurity
  $$,
  'row level security is on for all of its tables, as its title says'
);

select * from finish();
rollback;
