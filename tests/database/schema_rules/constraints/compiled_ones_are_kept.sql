-- The checks of busy tables are one function, which keeps their names and their errors.
begin;
select plan(19);

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

alter table public.planted
  add constraint name_is_lower_case check (name = lower(name)), add size integer constraint size_is_small check (size < 9);
select private.compile_rules('public.planted');
select tests.breaks($$ update public.planted set name = 'X' $$, 'name_is_lower_case', 'another one is added');
select tests.breaks($$ update public.planted set size = 9 $$, 'size_is_small', 'and one of a new column');
select private.compile_rules('public.planted', 'name_is_short');
select lives_ok($$ update public.planted set name = 'abcd' where id = 2 $$, 'and one removed');
select tests.breaks($$ update public.planted set "from" = 'y' where id = 2 $$, 'from_is_known', 'while the others stay');

-- A column is dropped, another renamed and a third retyped.
select private.restore_rules('public.planted');
select set_eq(
  $$ select conname::text from pg_constraint where contype = 'c' and conrelid = 'public.planted'::regclass $$,
  array['a_large_one_has_a_name', 'from_is_known', 'name_is_lower_case', 'parts_are_a_list', 'size_is_small'], 'all are checks of the table again'
);
alter table public.planted drop column parts;
alter table public.planted rename column "from" to origin;
alter table public.planted alter column id type bigint;
select private.compile_rules('public.planted');
select set_eq(
  $$ select name from private.rules_of('public.planted') $$,
  array['a_large_one_has_a_name', 'from_is_known', 'name_is_lower_case', 'size_is_small'], 'and compiled after the columns have changed'
);
select lives_ok($$ insert into public.planted (id, name, origin) values (5000000000, 'x', 'y''z') $$, 'a good row is written');
select tests.breaks($$ insert into public.planted (id, origin) values (4, 'y') $$, 'from_is_known', 'a bad one is not');

alter table public.planted drop column size;
select throws_ok(
  $$ select private.compile_rules('public.planted') $$, '42704', 'Cannot compile the checks of "public.planted": it has none.',
  'rules that a dropped column took with it are missed'
);

-- The real ones, restored and compiled, are the same, but for parentheses around what is associative.
create temporary table compiled as
select conrelid as target, name, translate(expression, '()', '') as expression from pg_constraint cross join private.rules_of(conrelid)
where conname = 'compiled_rules_are_kept';
select cmp_ok((select count(*) from compiled), '>', 100::bigint, 'the five tables have many rules');
select private.restore_rules(target), private.compile_rules(target) from (select distinct target from compiled) targets;
select set_eq(
  $$
    select conrelid, name, translate(expression, '()', '') from pg_constraint cross join private.rules_of(conrelid)
    where conname = 'compiled_rules_are_kept'
  $$,
  'select target, name, expression from compiled', 'which stay as they are when they are restored and compiled'
);

create table public.planted_lines (id text constraint id_is_two_lines check (id = E'a\nb'));
select throws_ok(
  $$ select private.compile_rules('public.planted_lines') $$, '0A000', null, 'a rule that would be lost is refused'
);
create table public.planted_names (id text constraint "id-is-short" check (char_length(id) < 9));
select throws_ok(
  $$ select private.compile_rules('public.planted_names') $$, '0A000', null, 'as is one whose name would be'
);

select * from finish();
rollback;
