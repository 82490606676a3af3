-- Whom a row belongs to is said when it is made. Only a key's organization may change, which is how a
-- key is shared, and a member's role.
begin;

create temporary view owner_columns as
select relations.oid as relation, columns.attname as name
from pg_class relations
join pg_attribute columns on columns.attrelid = relations.oid and columns.attnum > 0 and not columns.attisdropped
where relations.relnamespace = 'public'::regnamespace
  and relations.relkind in ('r', 'p', 'v')
  and columns.attname in (
    'user_id', 'created_by', 'organization_id', 'org_id', 'team_id', 'granted_by', 'invited_by', 'agent_id', 'session_id',
    'workflow_id', 'budget_id', 'interaction_id', 'key_id', 'execution_id'
  );

select plan(9);

select cmp_ok((select count(*) from owner_columns), '>=', 60::bigint, 'there are owners to keep');
select set_eq(
  $$
    select relation::regclass::text, name::text collate "default" from owner_columns
    where has_column_privilege('authenticated', relation, name, 'update')
      and not exists (
        select from pg_trigger
        where tgrelid = relation and tgname = 'refuse_change'
          and pg_get_triggerdef(pg_trigger.oid) ~ format('EXECUTE FUNCTION .*''%s''', name)
      )
  $$,
  -- A view's are those of the table behind it.
  $$
    values
      ('user_api_keys', 'organization_id'), ('bots', 'organization_id'), ('bots', 'created_by'), ('teams', 'created_by')
  $$,
  'no one writes the owner of a row that exists'
);

select tests.act_as('alice');
insert into agents (name) values ('Alice''s');
insert into chat_sessions (title) values ('Alice''s');
select tests.denied(
  $$ update agents set created_by = tests.id('eve') where name = 'Alice''s' $$, 'an agent is not given away'
);
select tests.denied(
  $$ update agents set organization_id = tests.id('acme') where name = 'Alice''s' $$, 'nor taken into an organization'
);
select tests.denied(
  $$ update chat_sessions set user_id = tests.id('eve') where title = 'Alice''s' $$, 'a conversation is not given away'
);
select tests.denied(
  $$ insert into agents (name, created_by) values ('Eve''s', tests.id('eve')) $$, 'an agent is not made in someone''s name'
);
select tests.denied(
  $$ insert into chat_sessions (user_id) values (tests.id('eve')) $$, 'nor is a conversation begun'
);
select tests.denied(
  $$ insert into agents (name, created_by) values ('Nobody''s', null) $$, 'nor is an agent made that is the platform''s'
);
select tests.denied(
  $$ insert into notifications (user_id, type, title, message) values (tests.id('eve'), 'x', 'x', 'x') $$,
  'nor is another user told something'
);

select * from finish();
rollback;
