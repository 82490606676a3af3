-- The checks of busy tables are one function, which keeps their names and their errors.
begin;
select plan(29);

select set_eq(
  $$ select tgrelid::regclass::text from pg_trigger where tgname = 'rules_are_kept' and tgenabled = 'A' $$,
  array['agents', 'chat_sessions', 'chat_messages', 'ai_interactions', 'agent_executions'], 'these have it, for every session'
);
select set_eq(
  $$
    select conrelid::regclass::text, conname::text from pg_constraint
    where contype = 'c' and conrelid in (select tgrelid from pg_trigger where tgname = 'rules_are_kept')
  $$,
  $$ values ('agents', 'usage_count_is_not_negative'), ('chat_sessions', 'message_count_is_not_negative') $$,
  'and no check beside it, which each statement would prepare, but those of counters'
);
-- What another trigger writes is checked: rules_are_kept comes after it, and fires with it.
select set_eq(
  $$
    select others.tgname::text, others.tgrelid::regclass::text
    from pg_trigger rules
    join pg_trigger others on others.tgrelid = rules.tgrelid and not others.tgisinternal
    where rules.tgname = 'rules_are_kept' and others.tgname > rules.tgname
      -- Of a row, before it is inserted or updated.
      and others.tgtype & 3 = 3 and others.tgtype & 20 <> 0
  $$,
  $$
    values ('update_agents_updated_at', 'agents'), ('update_chat_sessions_updated_at', 'chat_sessions'),
      ('update_ai_interactions_updated_at', 'ai_interactions')
  $$,
  'only triggers that set updated_at come later'
);
select set_eq(
  $$
    select others.tgname::text, others.tgrelid::regclass::text
    from pg_trigger others
    join pg_attribute columns on columns.attrelid = others.tgrelid
      and columns.attname = any (private.counters_of(others.tgrelid))
    where not others.tgisinternal and others.tgtype & 19 = 19
      and (others.tgattr = '' or columns.attnum = any (others.tgattr))
  $$,
  $$
    values ('update_agents_updated_at', 'agents'), ('update_chat_sessions_updated_at', 'chat_sessions'),
      ('apply_default_counters', 'agents'), ('apply_default_counters', 'chat_sessions')
  $$,
  'and of an update of counters, only that and their defaults'
);
select tests.breaks(
  $$ update public.agents set usage_count = -1 where id = (select id from public.agents limit 1) $$,
  'usage_count_is_not_negative', 'a counter has its rule'
);
select is_empty(
  $$
    select triggers.tgrelid::regclass, columns.attname
    from pg_trigger triggers
    join pg_attribute columns on columns.attrelid = triggers.tgrelid and columns.attnum > 0 and not columns.attisdropped
    where triggers.tgname = 'rules_are_kept' and columns.attnum <> all (triggers.tgattr)
      and columns.attname <> all (private.counters_of(triggers.tgrelid))
  $$,
  'an update of any other column fires it'
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
  $$ insert into public.planted values (2) on conflict (id) do update set name = 'abcd' $$, 'name_is_short', 'also where it conflicts'
);
create function public.planted_trigger() returns trigger language plpgsql as 'begin new.name = ''abcd''; return new; end';
create trigger planted before update on public.planted for each row execute function public.planted_trigger();
select tests.breaks($$ update public.planted set parts = '[1]' $$, 'name_is_short', 'and where another trigger breaks it');
drop trigger planted on public.planted;
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

select throws_ok($$ alter table public.planted drop column size $$, '2BP01', null, 'rules do not go unnoticed with a column');
create table public.planted_bare (id integer);
select throws_ok(
  $$ select private.compile_rules('public.planted_bare') $$, '42704', 'Cannot compile the checks of "public.planted_bare": it has none.',
  'a table without rules has nothing to compile'
);

-- The real ones, restored and compiled, are the same, but for parentheses around what is associative.
create temporary table compiled as
select tgrelid as target, name, translate(expression, '()', '') as expression from pg_trigger cross join private.rules_of(tgrelid)
where tgname = 'rules_are_kept';
select cmp_ok((select count(*) from compiled), '>', 100::bigint, 'the five tables have many rules');
select private.restore_rules(target), private.compile_rules(target) from (select distinct target from compiled) targets;
select set_eq(
  $$
    select tgrelid, name, translate(expression, '()', '') from pg_trigger cross join private.rules_of(tgrelid)
    where tgname = 'rules_are_kept'
  $$,
  'select target, name, expression from compiled', 'which stay as they are when they are restored and compiled'
);

alter table public.agents add constraint used_ones_have_a_name check (usage_count < 1000000 or name <> 'planted');
select private.compile_rules('public.agents');
insert into public.agents (id, name, created_by) values ('20000000-0000-4000-8000-000000000009', 'planted', tests.id('eve'));
select tests.breaks(
  $$ update public.agents set usage_count = 1000000 where id = '20000000-0000-4000-8000-000000000009' $$,
  'used_ones_have_a_name', 'a rule of a counter and another column stays a check'
);
create table public.planted_generated (
  name text constraint name_is_short check (char_length(name) < 9),
  upper_name text generated always as (upper(name)) stored constraint upper_name_is_known check (upper_name <> 'BAD')
);
select private.compile_rules('public.planted_generated');
select tests.breaks($$ insert into public.planted_generated values ('bad') $$, 'upper_name_is_known', 'and so does one of a generated column');
select tests.breaks($$ insert into public.planted_generated values ('very long') $$, 'name_is_short', 'beside the compiled ones');

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
