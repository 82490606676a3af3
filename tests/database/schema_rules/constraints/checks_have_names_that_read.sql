begin;
select plan(2);

-- The name is what a client is told when it breaks the rule.
create temporary view findings as
select format('%s on %s was named by Postgres', rules.conname, rules.conrelid::regclass) as finding
from pg_constraint rules
join pg_class tables on tables.oid = rules.conrelid
where rules.connamespace in ('public'::regnamespace, 'private'::regnamespace)
  and rules.contype in ('c', 'x')
  and rules.conname ~ format('^%s_.*(check|excl)[0-9]*$', tables.relname);

select is_empty('select finding from findings', 'every check has a name that reads as the rule');

create table public.planted_rule (id integer check (id > 0), size integer, check (size > id));
alter table public.planted_rule add constraint id_is_small check (id < 10);

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_rule_id_check on planted_rule was named by Postgres'),
    ('planted_rule_check on planted_rule was named by Postgres') $$,
  'a check without a name is reported, one with it is not'
);

select * from finish();
rollback;
