begin;
select plan(25);

create temporary table refused_rows (rule text, columns text, vals text);
insert into refused_rows values
  ('job_name_is_lower_case_words_and_dashes', 'name', $$ 'Bad' $$),
  ('job_name_is_lower_case_words_and_dashes', 'name', $$ '' $$),
  ('job_name_is_lower_case_words_and_dashes', 'name', $$ '1st' $$),
  ('job_name_is_lower_case_words_and_dashes', 'name', $$ repeat('a', 51) $$),
  ('job_name_is_lower_case_words_and_dashes', 'name', $$ 'a''b' $$),
  ('schedule_is_of_a_known_form', 'schedule', $$ '30 seconds' $$),
  ('items_come_from_a_function', 'items', $$ 'public.agents' $$),
  ('items_come_from_a_function', 'items', $$ 'private.turns_to_sweep(); select 1' $$),
  ('command_is_one_select', 'command', $$ 'delete from public.agents' $$),
  ('command_is_one_select', 'command', $$ 'select 1; select 2' $$),
  ('command_is_one_select', 'command', $$ 'select ' $$),
  ('timeout_is_a_second_to_ten_minutes', 'timeout', $$ '999 milliseconds' $$),
  ('timeout_is_a_second_to_ten_minutes', 'timeout', $$ '10 minutes 1 millisecond' $$);

create function pg_temp.job(field text, value text) returns text language sql as $$
  select format(
    'insert into private.jobs (name, schedule, items, command, timeout, description) values (%s, %s, %s, %s, %s, ''x'')',
    case field when 'name' then value else '''planted''' end,
    case field when 'schedule' then value else '''* * * * *''' end,
    case field when 'items' then value else 'null' end,
    case field when 'command' then value else '''select 1''' end,
    case field when 'timeout' then value else '''1 minute''' end
  )
$$;
select tests.breaks(pg_temp.job(columns, vals), rule, columns || ' ' || vals) from refused_rows;

select lives_ok(pg_temp.job('name', $$ repeat('a', 50) $$), 'a name of 50 characters');
select lives_ok($$ update private.jobs set timeout = '10 minutes' where name = repeat('a', 50) $$, 'ten minutes');
select lives_ok($$ update private.jobs set timeout = '1 second' where name = repeat('a', 50) $$, 'a second');

select lives_ok(pg_temp.job('', ''), 'a job');
create function pg_temp.run(outcome text, finished text, message text) returns text language sql as $$
  select format(
    'insert into private.job_runs (job_name, outcome, started_at, finished_at, error_message) values (''planted'', %L, now(), %s, %L)',
    outcome, finished, message
  )
$$;
select tests.breaks(pg_temp.run('skipped', 'now()', null), 'run_outcome_is_known', 'an outcome that does not exist');
select tests.breaks(pg_temp.run('running', 'now()', null), 'run_is_finished_unless_it_runs', 'one that runs has no end');
select tests.breaks(pg_temp.run('failed', 'null', null), 'run_is_finished_unless_it_runs', 'one that failed has an end');
select tests.breaks(pg_temp.run('failed', 'now() - interval ''1 second''', null), 'run_finishes_after_it_starts', 'no end before the start');
select tests.breaks(pg_temp.run('succeeded', 'now()', 'x'), 'only_a_run_that_went_wrong_has_an_error', 'no error without a failure');

select tests.breaks(
  $$ insert into private.job_failures (job_name, item, attempts, error_code, error_message) values ('planted', 'x', 0, '22012', 'x') $$,
  'failure_was_attempted', 'what failed was tried'
);
select lives_ok(pg_temp.run('running', 'null', null), 'one runs');
select tests.breaks(pg_temp.run('running', 'null', null), 'one_run_of_a_job_at_a_time', 'a second does not');

select * from finish();
rollback;
