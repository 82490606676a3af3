begin;
select plan(12);

create function pg_temp.receives(topic text, extension text default 'broadcast') returns boolean language plpgsql as $$
declare
  probe uuid := gen_random_uuid();
  caller text := current_user;
  found boolean;
begin
  -- As Realtime asks when a client joins: a message is written, looked for as the caller, and undone.
  perform set_config('realtime.topic', receives.topic, true);
  perform set_config('role', 'none', true);
  insert into realtime.messages (id, topic, extension) values (probe, receives.topic, receives.extension);
  perform set_config('role', caller, true);
  found := exists (select from realtime.messages where messages.id = probe);
  return found;
end
$$;
create temporary table topics as select
  'organization:' || tests.id('acme') as acme,
  'organization:' || (select id from public.organizations where slug = 'personal-' || tests.id('eve')) as hers,
  'user:' || tests.id('dave') as dave;
grant select on topics to anon, authenticated;
grant execute on function pg_temp.receives(text, text) to anon, authenticated;

select tests.act_as('dave');
select ok(pg_temp.receives((select acme from topics)), 'a viewer receives what is sent to the organization');
select ok(pg_temp.receives((select dave from topics)), 'and what is sent to that user');
select ok(not pg_temp.receives((select hers from topics)), 'not of another organization');
select ok(not pg_temp.receives((select acme from topics), 'presence'), 'there is no presence on these channels');
select tests.act_as('eve');
select ok(not pg_temp.receives((select acme from topics)), 'no member, no messages');
select ok(not pg_temp.receives((select dave from topics)), 'nor those of another user');
select ok(pg_temp.receives((select hers from topics)), 'the personal organization is one');
select ok(not pg_temp.receives('organization:%'), 'a topic is no pattern');
select ok(not pg_temp.receives('user:'), 'and names a user');
select tests.denied(
  format($$ insert into realtime.messages (topic, extension, private) values (%L, 'broadcast', true) $$, (select hers from topics)),
  'no client sends'
);
select tests.act_as_anon();
select ok(not pg_temp.receives((select acme from topics)), 'visitors receive nothing');
select tests.reset();
delete from public.organization_members where user_id = tests.id('dave') and organization_id = tests.id('acme');
select tests.act_as('dave');
select ok(not pg_temp.receives((select acme from topics)), 'nor does a member who was removed');

select * from finish();
rollback;
