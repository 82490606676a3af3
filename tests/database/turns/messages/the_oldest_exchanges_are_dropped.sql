begin;
select plan(9);

-- Each question is 84 tokens of four bytes, each answer 10; the rules are 21 together, the greeting 11.
insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));
insert into public.chat_messages (session_id, role, content)
select '90000000-0000-4000-8000-000000000001', role, content
from (values
  ('assistant', 'greeting'), ('system', 'rule'), ('user', 'q1' || repeat('x', 300)), ('assistant', 'a1'),
  ('user', 'q2' || repeat('x', 300)), ('assistant', 'a2'), ('developer', 'rule 2'), ('user', 'q3' || repeat('x', 300)),
  ('assistant', 'a3')
) as messages (role, content);

create function pg_temp.kept(token_limit integer, keep_last boolean default false)
returns text
language sql
as $$
  select string_agg(rtrim(message.value ->> 'content', 'x'), ' ' order by message.ordinality)
  from jsonb_array_elements(
    private.recent_history('90000000-0000-4000-8000-000000000001', token_limit, keep_last)
  ) with ordinality as message
$$;

select is(pg_temp.kept(null), 'rule rule 2 greeting q1 a1 q2 a2 q3 a3', 'without a limit all of it');
select is(pg_temp.kept(10000), 'rule rule 2 greeting q1 a1 q2 a2 q3 a3', 'as within a wide one');
select is(pg_temp.kept(314), 'rule rule 2 greeting q1 a1 q2 a2 q3 a3', 'and one that it fills');
select is(pg_temp.kept(313), 'rule rule 2 q1 a1 q2 a2 q3 a3', 'one token less, and what is oldest goes');
select is(pg_temp.kept(302), 'rule rule 2 q2 a2 q3 a3', 'an exchange goes as a whole');
select is(pg_temp.kept(150), 'rule rule 2 q3 a3', 'a narrower one the next');
select is(pg_temp.kept(50), 'rule rule 2', 'instructions stay');
select is(pg_temp.kept(-1000), 'rule rule 2', 'whatever the limit');
select is(pg_temp.kept(50, true), 'rule rule 2 q3 a3', 'and the last exchange, where it is asked for');

select * from finish();
rollback;
