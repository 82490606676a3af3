-- The checks of busy tables are one function, which keeps their names and their errors.
begin;
select plan(10);

select set_eq(
  $$ select conrelid::regclass::text from pg_constraint where conname = 'compiled_rules_are_kept' and convalidated $$,
  array['agents', 'chat_sessions', 'chat_messages', 'ai_interactions', 'agent_executions'], 'these have it'
);
select is_empty(
  $$
    select conrelid::regclass, conname from pg_constraint
    where contype = 'c' and conrelid in (
      select conrelid from pg_constraint where conname = 'compiled_rules_are_kept'
    ) and conname <> 'compiled_rules_are_kept'
  $$,
  'and no check beside it, which each statement would prepare'
);

create table public.planted (
  id integer primary key,
  name text constraint name_is_short check (char_length(name) <= 3),
  "from" text,
  parts jsonb,
  constraint from_is_known check ("from" in ('it''s', 'then ''x''', 'y''z') or "from" is null),
  constraint a_large_one_has_a_name check (id < 10 or name is not null),
  constraint parts_are_a_list check (jsonb_typeof(parts) = 'array')
);
select private.compile_rules('public.planted');
select set_eq(
  $$ select name from private.rules_of('public.planted') $$,
  array['name_is_short', 'from_is_known', 'a_large_one_has_a_name', 'parts_are_a_list'], 'all rules of a table are made into it'
);
select lives_ok(
  $$ insert into public.planted values (1, null, null, null), (2, 'abc', 'then ''x''', '[]'), (3, null, 'y''z', '[]') $$,
  'what keeps them is written, null breaks none'
);
select throws_ok(
  $$ update public.planted set name = 'abcd' where id = 2 $$, '23514',
  'new row for relation "planted" violates check constraint "name_is_short"', 'what breaks one is refused by its name'
);
select tests.breaks(
  $$ insert into public.planted values (11, null, 'x', '{}') $$, 'a_large_one_has_a_name', 'of several the first by name'
);

alter table public.planted add constraint name_is_lower_case check (name = lower(name));
select private.compile_rules('public.planted');
select tests.breaks($$ update public.planted set name = 'X' $$, 'name_is_lower_case', 'another one is added');
select private.compile_rules('public.planted', 'name_is_short');
select lives_ok($$ update public.planted set name = 'abcd' where id = 2 $$, 'and one removed');
select tests.breaks($$ update public.planted set "from" = 'y' where id = 2 $$, 'from_is_known', 'while the others stay');

create table public.planted_lines (id text constraint id_is_two_lines check (id = E'a\nb'));
select throws_ok(
  $$ select private.compile_rules('public.planted_lines') $$, '0A000', null, 'a rule that would be lost is refused'
);

select * from finish();
rollback;
