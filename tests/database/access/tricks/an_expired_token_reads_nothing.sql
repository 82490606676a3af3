-- Access follows the membership as it is now. A token lives on for an hour after someone left, and
-- may claim anything that an application once wrote into it.
begin;
select plan(13);

insert into public.agents (name, created_by, organization_id) values ('Acme''s', tests.id('alice'), tests.id('acme'));
insert into public.chat_sessions (title, user_id, org_id) values ('Carol''s', tests.id('carol'), tests.id('acme'));
insert into public.chat_messages (session_id, role, content)
select id, 'user', 'Hello' from public.chat_sessions where title = 'Carol''s';

-- Carol's token, as an application with roles in its tokens would have made it.
create function pg_temp.act_as_carol()
returns void
language plpgsql
as $$
begin
  perform tests.act_as('carol');
  perform set_config('request.jwt.claims', jsonb_build_object(
    'sub', tests.id('carol'), 'role', 'authenticated', 'aud', 'authenticated',
    'organization_id', tests.id('acme'), 'user_role', 'owner',
    'app_metadata', jsonb_build_object('organization_id', tests.id('acme'), 'role', 'owner', 'organizations', jsonb_build_array(tests.id('acme'))),
    'user_metadata', jsonb_build_object('organization_id', tests.id('acme'), 'role', 'owner')
  )::text, true);
end
$$;
grant execute on function pg_temp.act_as_carol() to authenticated;

select pg_temp.act_as_carol();
select is((select count(*) from chat_messages), 1::bigint, 'carol reads her conversation');
select tests.changes($$ update agents set notes = 'Hers' where name = 'Acme''s' $$, 1, 'and edits the organization''s agent');
select is_empty(
  $$ update organizations set name = 'Hers' where id = tests.id('acme') returning name $$,
  'the role that the token claims gives her nothing'
);

select tests.act_as('alice');
update organization_members set role = 'viewer' where user_id = tests.id('carol') and organization_id = tests.id('acme');
select pg_temp.act_as_carol();
select is_empty(
  $$ update agents set notes = 'Still hers' where name = 'Acme''s' returning notes $$,
  'a lower role counts from the next statement on'
);
select isnt_empty($$ select from agents where name = 'Acme''s' $$, 'what the lower role may do stays');

select tests.act_as('alice');
delete from organization_members where user_id = tests.id('carol') and organization_id = tests.id('acme');
select pg_temp.act_as_carol();
select is_empty($$ select from agents where name = 'Acme''s' $$, 'who was removed sees no agent of the organization');
select is_empty($$ select from organizations where id = tests.id('acme') $$, 'nor the organization');
select is_empty('select from chat_sessions', 'nor her conversations there');
select is_empty('select from chat_messages', 'nor what was said in them');
select is_empty(
  $$ delete from chat_sessions where title = 'Carol''s' returning title $$, 'nor does she delete one unseen'
);
select tests.denied(
  $$ insert into agents (name, organization_id) values ('x', tests.id('acme')) $$, 'she makes nothing there'
);
select tests.denied(
  $$ update profiles set current_organization_id = tests.id('acme') $$, 'and does not return by choosing it as hers'
);
select is(
  (select current_organization_id from profiles) is distinct from tests.id('acme'), true,
  'her profile does not lead there'
);

select * from finish();
rollback;
