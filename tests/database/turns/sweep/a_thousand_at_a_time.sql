begin;
select plan(3);

insert into private.running_turns (user_id, organization_id, title, source, lease_expires_at)
select tests.id('alice'), tests.id('acme'), n::text, 'embedding', now() - n * interval '1 second' from generate_series(1, 1003) as n;

select is(public.sweep_chat_turns(), 1000, 'so that a run has an end');
select results_eq(
  $$ select title from private.running_turns order by title $$,
  $$ values ('1'), ('2'), ('3') $$, 'the oldest first'
);
select is(public.sweep_chat_turns(), 3, 'the next run takes the rest');

select * from finish();
rollback;
