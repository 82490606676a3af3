begin;
select plan(31);

-- Two agents of Acme, both open to two sites.
create temporary table shops as
select agents.name, made.id, made.key
from (values ('one', '20000000-0000-4000-8000-000000000001'::uuid), ('two', '20000000-0000-4000-8000-000000000002')) as agents (name, id)
cross join lateral tests.widget(agents.id, 'alice', '["a.example", "b.example"]', tests.id('acme')) made;
insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview) values
  (tests.id('bob'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
-- One visitor of each agent on each site.
create temporary table visits as
select
  shops.name as shop, sites.origin, shops.key, shops.name || sites.origin as token,
  tests.visit(shops.key, sites.origin, shops.name || sites.origin) as session
from shops cross join (values ('https://a.example'), ('https://b.example')) as sites (origin);

create function pg_temp.outcome(statement text) returns text language plpgsql as $$
declare
  code text;
begin
  execute statement;
  return 'allowed';
exception when others then
  get stacked diagnostics code = pg_exception_detail;
  return code;
end
$$;

-- Every token, with every key and origin, at every function.
create temporary table tries as
select
  visits.token, calls.name, visits.key = other.key and visits.origin = other.origin as is_own,
  pg_temp.outcome(format(calls.statement, tests.visitor(other.key, other.origin, visits.token))) as outcome
from visits cross join visits other
cross join (values
  ('read', 'select public.list_visitor_messages(%L, 0)'),
  ('chat', $$ select tests.answered(tests.ask(%L)) $$)
) as calls (name, statement);
select results_eq(
  'select is_own, outcome, count(*) from tries group by 1, 2 order by 1, 2',
  $$ values (false, 'visitor_token_not_valid', 24::bigint), (true, 'allowed', 8::bigint) $$,
  'a token opens its session with its widget on its site, and nothing else'
);
select results_eq(
  $$ select outcome from (values (pg_temp.outcome(format(
    'select public.end_visitor_session(%L)', (
      select tests.visitor(b.key, b.origin, a.token) from visits a, visits b
      where (a.shop, a.origin, b.shop, b.origin) = ('one', 'https://a.example', 'one', 'https://b.example')
    )))), (pg_temp.outcome(format(
    'select public.delete_visitor_session(%L)', (
      select tests.visitor(b.key, b.origin, a.token) from visits a, visits b
      where (a.shop, a.origin, b.shop, b.origin) = ('one', 'https://a.example', 'two', 'https://a.example')
    ))))) as calls (outcome) $$,
  $$ values ('visitor_token_not_valid'), ('visitor_token_not_valid') $$,
  'nor does it end or delete another''s'
);
select is(
  (select count(distinct session ->> 'session_id') from visits), 4::bigint, 'four visitors have four sessions'
);
select results_eq(
  $$
    select sessions.website_domain, sessions.channel, host(sessions.ip_address), masklen(sessions.ip_address),
      sessions.user_id, count(*)
    from public.chat_sessions sessions join private.visitor_sessions opened on opened.session_id = sessions.id
    group by 1, 2, 3, 4, 5 order by 1
  $$,
  $$ values ('a.example', 'widget', '203.0.113.0', 24, null::uuid, 2::bigint), ('b.example', 'widget', '203.0.113.0', 24, null, 2) $$,
  'they belong to no person, and of the address is stored what many share'
);
select is(
  (select jsonb_agg(message ->> 'content' order by (message ->> 'seq')::bigint) from visits, jsonb_array_elements(
    public.list_visitor_messages(tests.visitor(key, origin, token), 0) -> 'messages') as message
    where shop = 'one' and origin = 'https://a.example'),
  '["hi", "Hello!"]', 'a visitor reads what was said'
);
select is_empty(
  $$ select from visits where public.list_visitor_messages(tests.visitor(key, origin, token), 0)::text ~ 'secret prompt' $$,
  'and not the prompt of the agent'
);
select is(
  host(private.truncated_address('2001:db8:1:2:3:4:5:6')) || '/' || masklen(private.truncated_address('2001:db8:1:2:3:4:5:6')),
  '2001:db8:1::/48', 'an IPv6 address is truncated to 48 bits'
);
select is(
  (select string_agg(pg_temp.outcome(format('select public.get_widget(%L, %L)', key, origin)), ' ')
    from (values ((select key from shops where name = 'one'), 'https://c.example'), ('wk_unknown', 'https://a.example'), (null, 'https://a.example'), ((select key from shops where name = 'one'), null)) as tries (key, origin)),
  'origin_not_allowed widget_not_found widget_not_found origin_not_allowed', 'another page learns nothing of a widget'
);
select set_eq(
  $$ select jsonb_object_keys(public.get_widget((select key from shops where name = 'one'), 'https://a.example')) $$,
  array['name', 'greeting', 'consent_text', 'is_consent_required', 'is_identity_required', 'privacy_url', 'locale', 'texts',
    'accent_color', 'color_scheme', 'placement', 'suggestions', 'has_ai_notice', 'idle_minutes'],
  'a page receives these fields of it'
);

-- Tickets.
select public.create_widget_ticket(tests.visitor(key, 'https://a.example', '', '198.51.100.1'), private.token_hash('t1'))
from shops where name = 'one';
create function pg_temp.start(shop text, origin text, ticket text, visitor jsonb default '{}') returns text language sql as $$
  select pg_temp.outcome(format(
    'select public.start_visitor_session(%L, %L, %L, %L)',
    tests.visitor((select key from shops where name = shop), origin, '', null), private.token_hash(ticket), private.token_hash(gen_random_uuid()::text), visitor
  ))
$$;
select is(pg_temp.start('one', 'https://b.example', 't1'), 'ticket_not_valid', 'a ticket is for the page that fetched it');
select is(pg_temp.start('two', 'https://a.example', 't1'), 'ticket_not_valid', 'for its widget');
select is(pg_temp.start('one', 'https://a.example', 't2'), 'ticket_not_valid', 'an unknown one opens nothing');
select is(pg_temp.start('one', 'https://a.example', 't1'), 'allowed', 'one opens a session');
select is(pg_temp.start('one', 'https://a.example', 't1'), 'ticket_not_valid', 'once');
insert into private.widget_tickets (token_hash, widget_id, origin, expires_at)
select private.token_hash('old'), id, 'https://a.example', now() - interval '1 second' from shops where name = 'one';
select is(pg_temp.start('one', 'https://a.example', 'old'), 'ticket_not_valid', 'within its minute');
select is(
  (select count(*) from private.expired_rows() where item like 'widget_tickets:%'), 1::bigint, 'one that has expired is removed by the job'
);
-- Each ticket counts for its address and its site, whose minutes are then used up.
delete from private.rate_limits;
create function pg_temp.ticket(origin text, address text) returns text language sql as $$
  select pg_temp.outcome(format(
    'select public.create_widget_ticket(%L, %L)', tests.visitor(key, ticket.origin, '', ticket.address), private.token_hash(gen_random_uuid()::text)
  )) from shops where name = 'one'
$$;
create function pg_temp.use_up(counted text) returns void language sql as $$
  update private.rate_limits set empty_at = empty_at + interval '1 hour' where key like use_up.counted
$$;
select pg_temp.ticket('https://a.example', '2001:db8::1'), pg_temp.use_up(private.address_key('widget-ticket', '2001:db8::1'));
select results_eq(
  $$ select pg_temp.ticket('https://b.example', address) from unnest(array['2001:db8::1', '2001:db8::2', '2001:db8:0:1::1']) as address $$,
  array['rate_limit_exceeded', 'rate_limit_exceeded', 'allowed'], 'a network of IPv6 has a limit of tickets on all sites'
);
select pg_temp.use_up('widget-ticket:' || id || ':' || private.token_hash('https://a.example')) from shops where name = 'one';
select results_eq(
  $$ select pg_temp.ticket(origin, '198.51.100.1') from unnest(array['https://a.example', 'https://b.example']) as origin $$,
  array['rate_limit_exceeded', 'allowed'], 'and a site has one for all addresses'
);
update public.widgets set is_identity_required = true, is_consent_required = true, consent_text = 'We store it.'
where id = (select id from shops where name = 'two');
insert into private.widget_tickets (token_hash, widget_id, origin, expires_at)
select private.token_hash(ticket), id, 'https://a.example', now() + interval '1 minute'
from shops cross join (values ('i1'), ('i2'), ('i3')) as tickets (ticket) where name = 'two';
select is(pg_temp.start('two', 'https://a.example', 'i1', '{"consented": true}'), 'identity_required', 'a widget may require an identity');
select is(pg_temp.start('two', 'https://a.example', 'i2', '{"user_id": "7"}'), 'consent_required', 'and consent');
select is(pg_temp.start('two', 'https://a.example', 'i3', '{"user_id": "7", "consented": true}'), 'allowed', 'and has both then');

-- What ends a session.
create function pg_temp.reads(shop text, site text) returns text language sql as $$
  select pg_temp.outcome(format('select public.list_visitor_messages(%L, 0)', tests.visitor(key, origin, token)))
  from visits where visits.shop = reads.shop and origin = site
$$;
select public.end_visitor_session(tests.visitor(key, origin, token)) from visits where shop = 'two' and origin = 'https://b.example';
select is(pg_temp.reads('two', 'https://b.example'), 'visitor_session_ended', 'its end');
select public.delete_visitor_session(tests.visitor(key, origin, token)) from visits where shop = 'two' and origin = 'https://a.example';
select is(pg_temp.reads('two', 'https://a.example'), 'visitor_token_not_valid', 'its deletion, after which nothing is known of it');
select is_empty(
  $$ select from public.chat_messages join visits on true join public.chat_sessions sessions on sessions.id = chat_messages.session_id
    where sessions.session_id = visits.session ->> 'session_id' and visits.shop = 'two' and visits.origin = 'https://a.example' $$,
  'its messages are gone'
);
update public.agents set security = '{"allowed_domains": ["b.example"]}' where id = '20000000-0000-4000-8000-000000000001';
select is(pg_temp.reads('one', 'https://a.example'), 'origin_not_allowed', 'a shorter list of domains');
update public.agents set security = '{"allowed_domains": ["a.example"]}', is_published = false where id = '20000000-0000-4000-8000-000000000001';
select is(pg_temp.reads('one', 'https://a.example'), 'widget_not_found', 'an agent that is no longer published');
update public.agents set is_published = true where id = '20000000-0000-4000-8000-000000000001';
update public.widgets set is_enabled = false where id = (select id from shops where name = 'one');
select is(pg_temp.reads('one', 'https://a.example'), 'widget_not_found', 'a widget that is closed');
update public.widgets set is_enabled = true where id = (select id from shops where name = 'one');
-- Each change alone, at each function.
create temporary table closings (change text, undo text, outcome text);
insert into closings values
  ('update public.agents set enabled = false', 'update public.agents set enabled = true', 'widget_not_found'),
  ('update public.agents set status = ''paused''', 'update public.agents set status = ''active''', 'widget_not_found'),
  ('update public.agents set is_published = false', 'update public.agents set is_published = true', 'widget_not_found'),
  ('update public.agents set security = ''{}''', 'update public.agents set security = ''{"allowed_domains": ["a.example"]}''', 'origin_not_allowed'),
  ('update public.agents set security = ''{"allowed_domains": []}''', 'update public.agents set security = ''{"allowed_domains": ["a.example"]}''', 'origin_not_allowed'),
  ('update public.agents set security = ''{"allowed_domains": ["*.a.example"]}''', 'update public.agents set security = ''{"allowed_domains": ["a.example"]}''', 'origin_not_allowed'),
  ('update public.widgets set is_enabled = false', 'update public.widgets set is_enabled = true', 'widget_not_found'),
  ('update public.organizations set deleted_at = now() where not is_personal', 'update public.organizations set deleted_at = null', 'widget_not_found'),
  ('update public.widgets set previous_key = key, previous_key_until = now() - interval ''1 second'', key = private.new_token(''wk_'')',
    'update public.widgets set key = previous_key, previous_key = null, previous_key_until = null', 'visitor_token_not_valid');
create function pg_temp.closed(closing closings) returns text language plpgsql as $$
declare
  outcomes text;
begin
  execute closing.change || case when closing.change like '%agents%' then ' where organization_id = tests.id(''acme'')' else '' end;
  select string_agg(distinct pg_temp.outcome(format(calls.statement, tests.visitor(visits.key, origin, token))), ' ') into outcomes
  from visits cross join (values
    ('select public.list_visitor_messages(%L, 0)'), ('select tests.ask(%L)'), ('select public.end_visitor_session(%L)'),
    ('select public.delete_visitor_session(%L)'), ('select public.find_visitor_message(%L, gen_random_uuid())'),
    ('select public.set_visitor_recording(%L, gen_random_uuid(), ''{}'')')
  ) as calls (statement)
  where visits.shop = 'one' and origin = 'https://a.example';
  execute closing.undo || case when closing.undo like '%agents%' then ' where organization_id = tests.id(''acme'')' else '' end;
  return outcomes;
end
$$;
select results_eq(
  'select change, pg_temp.closed(closings) from closings', 'select change, outcome from closings', 'what closes a widget closes every function'
);
update public.chat_sessions set last_activity_at = now() - interval '31 minutes' where channel = 'widget';
select is(pg_temp.reads('one', 'https://a.example'), 'visitor_session_ended', 'time without a message');
select private.delete_expired(item) from private.expired_rows() where item like 'visitor_sessions:%';
select results_eq(
  $$ select sessions.status, sessions.message_count > 0, opened.is_open from private.visitor_sessions opened
    join public.chat_sessions sessions on sessions.id = opened.session_id order by sessions.status, opened.is_open $$,
  $$ values ('ended', true, false), ('expired', true, false), ('expired', true, false) $$,
  'the job ends such sessions, and deletes those in which nothing was said'
);
select is((select count(*) from private.idle_visitors()), 0::bigint, 'none is left for it');

select * from finish();
rollback;
