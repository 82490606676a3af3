begin;
select plan(5);

insert into public.notifications (user_id, type, title, message, created_at, expires_at) values
  (tests.id('alice'), 'x', 'old', 'x', now() - interval '180 days 1 second', null),
  (tests.id('alice'), 'x', 'with an end', 'x', now() - interval '200 days', now() + interval '1 day'),
  (tests.id('alice'), 'x', 'kept', 'x', now() - interval '180 days', null);
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('60000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('alice'), 'x', 'agb_xxxx', 'xxxx');
delete from public.access_key_events;
insert into public.access_key_events (access_key_id, organization_id, user_id, event, created_at)
select '60000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('alice'), 'rotated', times.created_at
from (values (now() - interval '2 years 1 second'), (now() - interval '2 years')) as times (created_at);
insert into public.organization_invitations (organization_id, email, role, token_hash, created_at, expires_at, accepted_at)
values
  (tests.id('acme'), 'old@example.com', 'member', repeat('a', 64), now() - interval '2 years', now() - interval '1 year', now() - interval '1 year 1 second'),
  (tests.id('acme'), 'kept@example.com', 'member', repeat('b', 64), now() - interval '2 years', now() - interval '1 year', now() - interval '1 year');

select is(tests.work_off('delete-old-records'), 3::bigint, 'one of each kind is older than it is kept');
select set_eq(
  $$ select title from public.notifications where type = 'x' $$, array['with an end', 'kept'],
  'notifications without an end of their own go after half a year'
);
select is((select count(*) from public.access_key_events), 1::bigint, 'what was done with keys after two');
select set_eq(
  'select email from public.organization_invitations', array['kept@example.com'], 'accepted invitations after one'
);
select is(tests.work_off('delete-old-records'), 0::bigint, 'a second run finds nothing');

select * from finish();
rollback;
