begin;
select plan(24);

-- Bob has 1,500 rows in Acme's ledger, as many in his own, and conversations in both.
create function pg_temp.personal() returns uuid language sql
as $$ select id from public.organizations where slug = 'personal-' || tests.id('bob') $$;
create temporary table own as select pg_temp.personal() as organization_id;
select tests.plain_interactions(tests.id('acme'), 1500, interval '1 minute');
select tests.plain_interactions(own.organization_id, 1500, interval '1 minute') from own;
alter table public.ai_interactions disable trigger user;
update public.ai_interactions set user_id = tests.id('bob'), content_preview = 'words' where title = 'generated';
alter table public.ai_interactions enable trigger user;
insert into public.chat_sessions (user_id, org_id)
select tests.id('bob'), organization_id
from (select tests.id('acme') union all select organization_id from own) places (organization_id), generate_series(1, 30);
insert into public.chat_messages (session_id, role, content)
select id, 'user', 'words' from public.chat_sessions where user_id = tests.id('bob');
insert into public.agents (name, created_by, is_public) values ('Bob''s', tests.id('bob'), true);
insert into public.access_keys (organization_id, user_id, name, prefix, last_four) values (tests.id('acme'), tests.id('bob'), 'b', 'agb_1234', '1234');
select is(public.refresh_daily_usage() is not null, true, 'all of it is counted');

-- A change of the address that waits for its confirmation.
insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to)
values (gen_random_uuid(), tests.id('bob'), 'email_change_token_new', 'pending', 'next@example.com');
update auth.users set email_change = 'next@example.com', email_change_token_new = 'pending' where id = tests.id('bob');

select tests.act_as('bob');
select cmp_ok(
  tests.buffers($$ select public.delete_account() $$), '<', 4000::bigint, 'its deletion reads little, and writes less'
);
select is_empty('select from public.organizations', 'its token reads nothing any more');
select throws_ok(
  $$ insert into public.chat_sessions (user_id, org_id) values (tests.id('bob'), tests.id('acme')) $$, '42501', null, 'and writes nothing'
);
select lives_ok('select public.delete_account()', 'a second time changes nothing');
select tests.reset();
select isnt_empty($$ select from auth.users where id = tests.id('bob') and banned_until > now() and email is null $$, 'its sign-in is banned, and the address free');
select is_empty(
  $$ select from auth.users where id = tests.id('bob') and users::text ~ 'example.com|pending' $$, 'of the next address and its token nothing is left'
);
select is_empty($$ select from auth.one_time_tokens where user_id = tests.id('bob') $$, 'no token confirms anything');
select is_empty($$ select from auth.sessions where user_id = tests.id('bob') $$, 'no token is renewed');
select is_empty(
  $$ select from public.organization_members where user_id = tests.id('bob') and organization_id = tests.id('acme') $$,
  'the organization has lost the member'
);
select is_empty($$ select from public.agents where name = 'Bob''s' and enabled $$, 'a shared agent answers no one');
select isnt_empty($$ select from public.access_keys where name = 'b' and revoked_at is not null $$, 'whose key is revoked');
select is(
  (select count(*) from public.ai_interactions where user_id = tests.id('bob')), 3000::bigint, 'the rows stay until the job comes'
);

create temporary table before as
select sum(interactions) as counted from public.usage_daily_rollup where organization_id = tests.id('acme');
-- A share locks few rows, for a short time.
select cmp_ok(private.delete_closed_account(tests.id('bob')), '<=', 200, 'a step removes a share');
select cmp_ok(tests.work_off('delete-accounts'), '>', 3000::bigint, 'the job removes all');
select is_empty($$ select from auth.users where id = tests.id('bob') $$, 'the account last');
select is_empty($$ select from public.profiles where id = tests.id('bob') $$, 'with its profile');
select is_empty('select from private.closed_accounts', 'nothing is left to do');
select is_empty($$ select from public.organizations where id = (select organization_id from own) $$, 'the personal organization');
select is_empty($$ select from public.chat_sessions where user_id = tests.id('bob') $$, 'the conversations');
select is(
  (select count(*) from public.ai_interactions where title = 'Deleted' and user_id is null and content_preview is null),
  1500::bigint, 'the organization keeps its rows, without the words'
);
select public.refresh_daily_usage();
select is(
  (select sum(interactions) from public.usage_daily_rollup where organization_id = tests.id('acme')), counted,
  'and its figures'
)
from before;

-- Who alone owns what others are members of.
select tests.plain_interactions(tests.id('acme'), 1000, interval '1 minute');
alter table public.ai_interactions disable trigger user;
update public.ai_interactions set user_id = tests.id('alice') where title = 'generated';
alter table public.ai_interactions enable trigger user;
select tests.act_as('alice');
select tests.refused('select public.delete_account()', 409, 'last_owner', 'the last owner is refused with a large account too');
select tests.reset();
select is_empty('select from private.closed_accounts', 'and nothing is closed');

select * from finish();
rollback;
