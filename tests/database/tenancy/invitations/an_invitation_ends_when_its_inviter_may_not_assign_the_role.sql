begin;
select plan(12);

-- Bob is an admin: what he has given away must not bring him, or his friends, back.
create temporary table tokens (role text primary key, token text not null);
grant select, insert on tokens to authenticated;
create function pg_temp.invite()
returns void
language sql
as $$
  select tests.act_as('bob');
  delete from tokens;
  insert into tokens
  select role, public.invite_member(tests.id('acme'), 'eve@example.com', role) from unnest(array['admin']) as role;
$$;
grant delete on tokens to authenticated;
create function pg_temp.accept()
returns text
language plpgsql
as $$
begin
  perform tests.act_as('eve');
  perform public.accept_invitation((select tokens.token from tokens));
  return 'accepted';
exception when others then
  return sqlstate;
end
$$;
grant execute on function pg_temp.invite(), pg_temp.accept() to authenticated;

-- Each way in which he stops being one, and whether he is put back afterwards.
select pg_temp.invite();
select tests.act_as('alice');
update public.organization_members set role = 'agent_manager' where user_id = tests.id('bob');
select is(pg_temp.accept(), 'PT404', 'demoted');
select tests.act_as('alice');
update public.organization_members set role = 'admin' where user_id = tests.id('bob');
select is(pg_temp.accept(), 'PT404', 'and not when he is promoted again');

select pg_temp.invite();
select tests.act_as('alice');
delete from public.organization_members where user_id = tests.id('bob');
select is(pg_temp.accept(), 'PT404', 'removed');
select is_empty('select from public.organization_invitations', 'for the invitation is gone');
select tests.reset();
insert into public.organization_members (organization_id, user_id, role) values (tests.id('acme'), tests.id('bob'), 'admin');
select is(pg_temp.accept(), 'PT404', 'and not when he is back');

select pg_temp.invite();
delete from public.organization_members where user_id = tests.id('bob') and organization_id = tests.id('acme');
select is(pg_temp.accept(), 'PT404', 'left by himself');
select tests.reset();
insert into public.organization_members (organization_id, user_id, role) values (tests.id('acme'), tests.id('bob'), 'admin');

select pg_temp.invite();
select tests.act_as('alice');
update public.organization_members set role = 'owner' where user_id = tests.id('bob');
select is(pg_temp.accept(), 'accepted', 'an admin who becomes an owner may give the role as before');
select tests.reset();
delete from public.organization_members where user_id = tests.id('eve') and organization_id = tests.id('acme');

select pg_temp.invite();
select tests.reset();
delete from auth.users where id = tests.id('bob');
set constraints all immediate;
select is(pg_temp.accept(), 'PT404', 'deleted');
select tests.reset();
select is_empty('select from public.organization_invitations where accepted_at is null', 'with no trace');

-- An invitation of no one, such as one whose person a restore has lost, is none.
insert into public.organization_invitations (organization_id, email, role, token_hash)
values (tests.id('acme'), 'eve@example.com', 'viewer', private.token_hash('inv_missing'));
select tests.act_as('eve');
select tests.refused($$ select public.accept_invitation('inv_missing') $$, 404, 'invitation_not_found', 'an invitation that does not exist');

-- Others' are not touched.
select tests.act_as('alice');
select set_config('tests.token', public.invite_member(tests.id('acme'), 'eve@example.com', 'viewer'), true);
update public.organization_members set role = 'member' where user_id = tests.id('carol');
delete from public.organization_members where user_id = tests.id('dave');
select tests.act_as('eve');
select is(public.accept_invitation(current_setting('tests.token')), tests.id('acme'), 'that of another is good');
select results_eq(
  $$ select role, granted_by from public.organization_members where user_id = tests.id('eve') and organization_id = tests.id('acme') $$,
  $$ values ('viewer', tests.id('alice')) $$, 'and says who gave the role'
);

select * from finish();
rollback;
