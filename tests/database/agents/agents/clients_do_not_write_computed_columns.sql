begin;
select plan(15);

insert into public.agents (name, created_by) values ('Mine', tests.id('eve'));

select tests.act_as('eve');
select tests.denied(format('update public.agents set %s', change), change || ' is denied')
from unnest(array[
  'activity_score = 1', 'usage_count = 1', 'last_used_at = now()', 'version = 9', 'created_by = null',
  'organization_id = tests.id(''acme'')', 'id = gen_random_uuid()', 'created_at = now()', 'updated_at = now()'
]) as change;

select tests.denied(
  format('insert into public.agents (name, %s) values (''Other'', default)', column_name), column_name || ' is denied'
)
from unnest(array['activity_score', 'usage_count', 'last_used_at', 'version', 'created_at']) as column_name;

select tests.changes(
  $$ update public.agents set name = 'Still mine', tags = '{a}' where name = 'Mine' $$, 1, 'the rest is theirs'
);

select * from finish();
rollback;
