begin;
select plan(2);

insert into public.api_usage (user_id, endpoint, method, status_code) values
  (tests.id('eve'), '/x', 'GET', 200), (tests.id('bob'), '/x', 'GET', 200), (null, '/x', 'GET', 200);
insert into public.ai_interactions (organization_id, user_id, title)
select tests.id('acme'), person, 'x' from unnest(array[tests.id('eve'), tests.id('bob')]) as person;

delete from auth.users where id = tests.id('eve');
select results_eq(
  'select user_id from public.api_usage order by 1', $$ values (tests.id('bob')), (null) $$, 'calls'
);
select results_eq('select user_id from public.ai_usage_stats', $$ values (tests.id('bob')) $$, 'and figures');

select * from finish();
rollback;
