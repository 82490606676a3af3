begin;
select plan(7);

select tests.act_as('alice');
select tests.denied($$ select public.update_daily_usage_stats('2026-05-05') $$, 'a person does not');
select tests.denied($$ select count(*) from private.interactions_of_day('2026-05-05') $$, 'in no way');
select tests.denied('select public.refresh_agent_activity_scores()', 'nor scores');
select tests.act_as_anon();
select tests.denied($$ select public.update_daily_usage_stats('2026-05-05') $$, 'nor a visitor');
select tests.denied('select public.refresh_agent_activity_scores()', 'in no way');
select tests.act_as_service();
select lives_ok($$ select public.update_daily_usage_stats('2026-05-05') $$, 'the backend does');
select lives_ok('select public.refresh_agent_activity_scores()', 'and scores');

select * from finish();
rollback;
