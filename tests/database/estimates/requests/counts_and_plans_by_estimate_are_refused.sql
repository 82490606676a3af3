begin;
select plan(17);

select results_eq(
  $$
    select settings.value collate "default" from pg_db_role_setting
    join pg_roles on pg_roles.oid = setrole and rolname = 'authenticator'
    cross join unnest(setconfig) as settings (value)
    where settings.value like 'pgrst.db_pre_request=%'
  $$,
  $$ values ('pgrst.db_pre_request=private.check_request') $$,
  'the Data API asks before each request'
);

create function pg_temp.ask(headers jsonb)
returns void
language plpgsql
as $$
begin
  perform set_config('request.headers', headers::text, true);
  perform private.check_request();
end
$$;

grant execute on all functions in schema pg_temp to public;

select tests.act_as('eve');
select tests.refused(
  format('select pg_temp.ask(%L)', jsonb_build_object('prefer', prefer)), 400, 'estimated_count_refused',
  prefer || ' is refused'
)
from unnest(array[
  'count=planned', 'count=estimated', 'return=representation,count=planned', 'count=exact, count=estimated',
  'COUNT=Planned', 'count = planned', 'count="planned"'
]) as prefer;
select tests.refused(
  format('select pg_temp.ask(%L)', jsonb_build_object('accept', accept)), 406, 'plan_refused', accept || ' is refused'
)
from unnest(array[
  'application/vnd.pgrst.plan+json; for="application/json"', 'application/vnd.pgrst.plan', 'text/csv, application/vnd.pgrst.plan+text'
]) as accept;
select lives_ok(format('select pg_temp.ask(%L)', headers), headers || ' is not')
from unnest(array['{"prefer": "count=exact", "accept": "*/*"}', '{"prefer": "return=minimal"}', '{}']) as headers;

select tests.act_as_anon();
select tests.refused(
  $$ select pg_temp.ask('{"prefer": "count=planned"}') $$, 400, 'estimated_count_refused', 'nor may a visitor'
);
select tests.act_as_service();
select lives_ok($$ select pg_temp.ask('{"prefer": "count=planned"}') $$, 'the backend sees all rows, and may ask');
select set_config('request.headers', '', true);
select lives_ok($$ select private.check_request() $$, 'a call without headers is none of a client');

select * from finish();
rollback;
