begin;
select plan(13);

select tests.act_as('alice');
select tests.denied($$ select public.update_daily_usage_stats('2026-05-05') $$, 'a person does not');
select tests.denied($$ select private.roll_up_day('2026-05-05', 'infinity') $$, 'in no way');
select tests.denied('select public.refresh_agent_activity_scores()', 'nor scores');
select tests.denied('select public.refresh_daily_usage()', 'nor what changed');
select tests.denied($$ select public.verify_daily_usage('2026-05-05', '2026-05-05') $$, 'nor checks it');
select tests.act_as_anon();
select tests.denied('select public.refresh_daily_usage()', 'nor what changed');
select tests.denied($$ select public.verify_daily_usage('2026-05-05', '2026-05-05') $$, 'nor checks it');
select tests.denied($$ select public.update_daily_usage_stats('2026-05-05') $$, 'nor a visitor');
select tests.denied('select public.refresh_agent_activity_scores()', 'in no way');
select tests.act_as_service();
select lives_ok($$ select public.update_daily_usage_stats('2026-05-05') $$, 'the backend does');
select lives_ok('select public.refresh_daily_usage()', 'and what changed');
select is_empty($$ select public.verify_daily_usage('2026-05-05', '2026-05-05') $$, 'and checks it');
select lives_ok('select public.refresh_agent_activity_scores()', 'and scores');

select * from finish();
rollback;
