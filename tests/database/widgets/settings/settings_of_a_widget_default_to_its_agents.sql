begin;
select plan(27);

create temporary table shop as select * from tests.widget(
  '20000000-0000-4000-8000-000000000001', 'alice', '["a.example"]', tests.id('acme')
);
insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview) values
  (tests.id('bob'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
create function pg_temp.settings() returns jsonb language sql as $$
  select public.get_widget(key, 'https://a.example') from shop
$$;
create function pg_temp.visit(token text, visitor jsonb default '{}') returns jsonb language sql as $$
  select tests.visit(shop.key, 'https://a.example', token, visitor) from shop
$$;
create function pg_temp.visitor(token text) returns jsonb language sql as $$
  select tests.visitor(key, 'https://a.example', token) from shop
$$;
create function pg_temp.state(security jsonb default '{}', config jsonb default '{}', deployment jsonb default '{}') returns void language sql as $$
  update public.agents
  set security = '{"allowed_domains": ["a.example"]}' || state.security, config = state.config, deployment_config = state.deployment
  where id = '20000000-0000-4000-8000-000000000001';
$$;

-- What pages receive.
select results_eq(
  $$ select key, value from jsonb_each(pg_temp.settings()) order by key collate "C" $$,
  $$ values
    ('accent_color', '"#1a56db"'::jsonb), ('color_scheme', '"auto"'), ('consent_text', 'null'), ('greeting', 'null'),
    ('has_ai_notice', 'true'), ('idle_minutes', '30'), ('is_consent_required', 'false'), ('is_identity_required', 'false'),
    ('locale', '"en"'), ('name', '"Shop"'), ('placement', '"right"'), ('privacy_url', 'null'), ('suggestions', '[]'), ('texts', '{}') $$,
  'what a widget shows of which neither says anything'
);
create temporary table stated (field text, security jsonb, config jsonb, deployment jsonb, shown jsonb);
insert into stated values
  ('greeting', '{}', '{"prompt": {"first_message": "Hello"}}', '{}', '"Hello"'),
  ('consent_text', '{"consent_text": "We store it."}', '{}', '{}', '"We store it."'),
  ('privacy_url', '{"privacy_url": "https://a.example/privacy"}', '{}', '{}', '"https://a.example/privacy"'),
  ('is_identity_required', '{"identity_required": true}', '{}', '{}', 'true'),
  ('accent_color', '{}', '{}', '{"widget_color": "#abc"}', '"#aabbcc"'),
  ('color_scheme', '{}', '{}', '{"widget_theme": "dark"}', '"dark"'),
  ('placement', '{}', '{}', '{"widget_position": "bottom_left"}', '"left"'),
  ('locale', '{}', '{}', '{"widget_language": "de-CH"}', '"de-CH"'),
  ('suggestions', '{}', '{}', '{"widget_suggestions": ["Opening hours?"]}', '["Opening hours?"]'),
  ('has_ai_notice', '{}', '{}', '{"ai_notice": false}', 'false'),
  ('idle_minutes', '{}', '{"behaviour": {"silence_end_ms": 90000}}', '{}', '2');
create function pg_temp.shown(stated stated) returns jsonb language plpgsql as $$
begin
  perform pg_temp.state(stated.security, stated.config, stated.deployment);
  return pg_temp.settings() -> stated.field;
end
$$;
select is(pg_temp.shown(stated), shown, 'the agent''s ' || field) from stated;
update public.widgets
set greeting = 'own', consent_text = 'own', privacy_url = 'https://own.example', accent_color = '#000000', color_scheme = 'light', placement = 'right', locale = 'fr';
select is(
  jsonb_agg(pg_temp.shown(stated) order by field), '["#000000", "light", "own", "own", "fr", "right", "https://own.example"]', 'the widget''s own count'
) from stated where field in ('greeting', 'consent_text', 'privacy_url', 'accent_color', 'color_scheme', 'placement', 'locale');

-- Whom the agent takes.
select pg_temp.state('{"identity_required": true}');
select tests.refused($$ select pg_temp.visit('v1') $$, 403, 'identity_required', 'an agent may require an identity');
select is(pg_temp.visit('v2', '{"user_id": "7"}') ? 'session_id', true, 'and takes one');
select pg_temp.state('{"rate_limit_per_minute": 1}');
select tests.answered(tests.ask(pg_temp.visitor('v2')));
select tests.refused($$ select tests.ask(pg_temp.visitor('v2')) $$, 429, 'rate_limit_exceeded', 'so many messages a minute');
select pg_temp.state('{"max_message_characters": 1}');
delete from private.rate_limits;
select tests.refused($$ select tests.ask(pg_temp.visitor('v2')) $$, 413, 'message_too_long', 'so many characters a message');

-- How many, and how long.
select pg_temp.state('{"concurrency_limit": 2}');
select is(pg_temp.visit('v3') ? 'session_id', true, 'a second conversation');
select tests.refused($$ select pg_temp.visit('v4') $$, 503, 'widget_unavailable', 'and no third one at a time');
select public.end_visitor_session(pg_temp.visitor('v3'));
select is(pg_temp.visit('v5') ? 'session_id', true, 'until one ends');
select pg_temp.state('{"daily_limit": 2}');
select tests.refused($$ select pg_temp.visit('v6') $$, 503, 'widget_unavailable', 'so many a day, those that ended included');
update private.visitor_days set day = day - 1;
select is(pg_temp.visit('v7') ? 'session_id', true, 'and again on the next');
select pg_temp.state('{}', '{"behaviour": {"silence_end_ms": 60000, "max_duration_s": 300}}');
create temporary table begun as select pg_temp.visit('v8') as visit;
select results_eq(
  $$ select (visit ->> 'expires_at')::timestamptz - now(), silence
    from begun join private.visitor_sessions on token_hash = private.token_hash('v8') $$,
  $$ values (interval '5 minutes', interval '1 minute') $$, 'a conversation lasts as long as the agent says'
);
update public.chat_sessions set last_activity_at = now() - interval '61 seconds'
where id = (select session_id from private.visitor_sessions where token_hash = private.token_hash('v8'));
select tests.refused($$ select public.list_visitor_messages(pg_temp.visitor('v8'), 0) $$, 410, 'visitor_session_ended', 'silence ends it');

-- Whole numbers as Python writes them where they are floats.
select pg_temp.state(
  '{"rate_limit_per_minute": 10.0, "daily_limit": 100.0, "concurrency_limit": 100.0, "max_message_characters": 1000.0}',
  '{"behaviour": {"silence_end_ms": 90000.0, "max_duration_s": 300.0}, "model": {"history_messages": 10.0, "timeout_ms": 5000.0}}'
);
select is(pg_temp.settings() -> 'idle_minutes', '2', 'numbers with a fraction of 0 are shown');
select is(pg_temp.visit('v9') ? 'session_id', true, 'let visitors in');
select is(tests.answered(tests.ask(pg_temp.visitor('v9'))) ->> 'settled', 'true', 'and let them ask');

select * from finish();
rollback;
