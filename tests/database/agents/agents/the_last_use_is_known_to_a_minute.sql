begin;
select plan(4);

insert into public.agents (id, name, vendor_id, created_by)
values ('20000000-0000-4000-8000-000000000001', 'eve''s', 'openai', tests.id('eve'));
create function pg_temp.use(moment timestamptz) returns void language sql as $$
  insert into public.ai_interactions (user_id, organization_id, agent_id, title, started_at)
  select tests.id('eve'), current_organization_id, '20000000-0000-4000-8000-000000000001', 'a use', moment
  from public.profiles where id = tests.id('eve')
$$;
create function pg_temp.used_before() returns interval language sql as $$
  select now() - last_used_at from public.agents where id = '20000000-0000-4000-8000-000000000001'
$$;

select pg_temp.use(now() - interval '2 minutes');
select is(pg_temp.used_before(), interval '2 minutes', 'a use is known');
select pg_temp.use(now() - interval '61 seconds');
select is(pg_temp.used_before(), interval '2 minutes', 'another within a minute does not write it again');
select pg_temp.use(now() - interval '59 seconds');
select is(pg_temp.used_before(), interval '59 seconds', 'one more than a minute later does');
select pg_temp.use(now() + interval '1 hour');
select is(pg_temp.used_before(), interval '0', 'none is later than now');

select * from finish();
rollback;
