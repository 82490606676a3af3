-- Each function that clients call, each argument in turn with each hostile value of its type, the
-- others as they should be: the answer is a result or a refusal that a client can read, never a
-- failure of the server, and never with a row in its details.
begin;
select plan(4);

create temporary table hostile (type regtype, value text);
insert into hostile values
  ('text', repeat('x', 15000000)),
  ('text', E'a\u202e\u001b[2J\nb'),
  ('text', ''),
  ('text', 'king'),
  ('text', '00000000-0000-0000-0000-000000000000'),
  ('text', ''';drop table public.agents;--'),
  ('jsonb', '[]'),
  ('jsonb', 'null'),
  ('jsonb', '"text"'),
  ('jsonb', repeat('{"a":', 3000) || '1' || repeat('}', 3000)),
  ('jsonb', repeat('[', 3000) || repeat(']', 3000)),
  ('jsonb', '{"a": "' || repeat('x', 15000000) || '"}'),
  ('jsonb', '{"number": 1e400}'),
  ('integer', '2147483647'),
  ('integer', '-2147483648'),
  ('integer', '0'),
  ('bigint', '9223372036854775807'),
  ('bigint', '-9223372036854775808'),
  ('numeric', 'NaN'),
  ('numeric', 'Infinity'),
  ('numeric', '-1e1000'),
  ('date', 'infinity'),
  ('date', '-infinity'),
  ('date', '0001-01-01 BC'),
  ('date', '5874897-12-31'),
  ('timestamptz', 'infinity'),
  ('timestamptz', '-infinity'),
  ('timestamptz', '4713-01-01 BC'),
  ('timestamptz', '294276-12-31'),
  ('interval', '178000000 years'),
  ('interval', '-178000000 years'),
  ('interval', '0'),
  ('uuid', '00000000-0000-0000-0000-000000000000'),
  ('boolean', 'true'),
  ('boolean', null);
insert into hostile select type, null from (select distinct type from hostile where type <> 'boolean'::regtype) types;
-- What exists and is the caller's: a refusal of the first argument would hide the others'.
create temporary table good (name text, value text);
insert into good values ('organization_id', tests.id('acme')::text), ('email', 'new@example.com'), ('role', 'member'),
  ('session_id', 'mcp_of_this_test'), ('by', 'organization'), ('lifetime', '1 hour'), ('state', '{}'), ('changes', '{}'),
  ('days', '30'), ('from_date', '2026-01-01'), ('to_date', '2026-01-31');
insert into public.mcp_sessions (session_id, user_id) values ('mcp_of_this_test', tests.id('alice'));
grant select on all tables in schema pg_temp to authenticated;

create temporary table calls as
select
  functions.oid::regprocedure as function,
  arguments.name as argument,
  hostile.type,
  format(
    'select count(*) from (select * from public.%I(%s)) as answer',
    functions.proname,
    (
      select string_agg(
        format(
          '%I => %L::%s', others.name,
          case when others.name = arguments.name then hostile.value else good.value end,
          format_type(others.type, null)
        ),
        ', '
      )
      from unnest(functions.proargnames, functions.proargtypes::oid[]) as others (name, type)
      left join good on good.name = others.name
      where others.type is not null
    )
  ) as statement
from pg_proc functions
cross join lateral unnest(functions.proargnames, functions.proargtypes::oid[]) as arguments (name, type)
join hostile on hostile.type = arguments.type
where functions.pronamespace = 'public'::regnamespace
  and has_function_privilege('authenticated', functions.oid, 'execute');
grant select on calls to authenticated;

create temporary table answers (function text, argument text, state text, message text, detail text);
grant select, insert on answers to authenticated;

select tests.act_as('alice');
do $$
declare
  call record;
  state text;
  message text;
  detail text;
begin
  for call in select * from calls loop
    begin
      execute call.statement;
      insert into answers values (call.function::text, call.argument);
    exception when others then
      get stacked diagnostics state = returned_sqlstate, message = message_text, detail = pg_exception_detail;
      insert into answers values (call.function::text, call.argument, state, message, detail);
    end;
  end loop;
end
$$;
select tests.reset();

select set_eq(
  'select distinct function from answers',
  $$
    select functions.oid::regprocedure::text from pg_proc functions
    where functions.pronamespace = 'public'::regnamespace
      and has_function_privilege('authenticated', functions.oid, 'execute')
      and exists (select from hostile where hostile.type = any (functions.proargtypes::oid[]))
  $$,
  'each function with such an argument was called'
);
select is_empty(
  $$ select function, argument, state, left(message, 200) from answers where detail like '%Failing row%' or message like '%Failing row%' $$,
  'no answer shows a row'
);
-- What the Data API answers with 5xx, and constraints of our own, which functions refuse before.
select is_empty(
  $$
    select function, argument, state, left(message, 200) from answers
    where state ~ '^(08|09|21|25|2D|38|39|3B|40|53|54|55|57|58|F0|HV|XX|P0)' or state ~ '^PT5' or state like '23%'
  $$,
  'none is a failure of the server'
);

select is_empty(
  $$ select function, argument, char_length(message) from answers where char_length(message) > 1000 $$,
  'nor as long as what was sent'
);

select * from finish();
rollback;
