begin;
select plan(19);

create temporary table shop as select * from tests.widget(
  '20000000-0000-4000-8000-000000000001', 'alice', '["a.example"]', tests.id('acme')
);
grant select on shop to authenticated;

select tests.act_as('carol');
select tests.denied($$ update public.widgets set previous_key = 'wk_' $$, 'a key is not chosen');
select tests.refused(
  format('update public.widgets set %s', change), 400, 'consent_text_missing', 'consent needs a text: ' || change
)
from (values ('is_consent_required = true'), ('is_consent_required = true, consent_text = '' ''')) as changes (change);
update public.agents set security = security || '{"consent_text": "We store it."}' where id = '20000000-0000-4000-8000-000000000001';
select tests.changes('update public.widgets set is_consent_required = true', 1, 'that of the agent is one');
select tests.refused(
  $$ update public.agents set security = security || '{"consent_text": ""}' where id = '20000000-0000-4000-8000-000000000001' $$,
  400, 'consent_text_missing', 'which it keeps while a widget requires it'
);
select tests.refused(
  $$ update public.agents set security = '{"allowed_domains": ["a.example"]}' where id = '20000000-0000-4000-8000-000000000001' $$,
  400, 'consent_text_missing', 'whichever way it is removed'
);
update public.widgets set consent_text = 'own';
select tests.changes(
  $$ update public.agents set security = '{"allowed_domains": ["a.example"]}' where id = '20000000-0000-4000-8000-000000000001' $$, 1, 'the widget''s own will do'
);
update public.widgets set is_consent_required = false, consent_text = null;
select tests.breaks(
  $$ update public.widgets set privacy_url = 'javascript:alert(1)' $$, 'privacy_url_is_a_web_address',
  'a privacy notice has a web address'
);
select tests.breaks($$ update public.widgets set accent_color = 'red;}' $$, 'accent_color_is_six_hex_digits', 'a color is no style');
create temporary table rotated as select public.rotate_widget_key((select id from shop)) as key;
select isnt((select key from rotated), (select key from shop), 'an agent manager replaces the key');
select tests.act_as('dave');
select tests.refused($$ select public.rotate_widget_key((select id from shop)) $$, 404, 'widget_not_found', 'a viewer does not');
select tests.reset();
create temporary table own as select * from tests.widget('20000000-0000-4000-8000-000000000002', 'eve', '["a.example"]');
grant select on own to authenticated;
select tests.act_as('eve');
select isnt(public.rotate_widget_key((select id from own)), (select key from own), 'an owner does');
select tests.reset();
update public.profiles set status = 'suspended' where id = tests.id('eve');
select tests.act_as('eve');
select tests.refused($$ select public.rotate_widget_key((select id from own)) $$, 404, 'widget_not_found', 'but not while suspended');
select tests.reset();
delete from public.widgets where id = (select id from own);
select is(
  (public.get_widget((select key from shop), 'https://a.example') ->> 'name')
    || (public.get_widget((select key from rotated), 'https://a.example') ->> 'name'),
  'ShopShop', 'the key before works for a day'
);
update public.widgets set previous_key_until = now() - interval '1 second';
select tests.refused(
  $$ select public.get_widget((select key from shop), 'https://a.example') $$, 404, 'widget_not_found', 'and not longer'
);

-- Secrets.
create function pg_temp.store(person text) returns jsonb language sql as $$
  select public.store_widget_secret(jsonb_build_object('user_id', tests.id(person)), jsonb_build_object(
    'id', gen_random_uuid(), 'widget_id', (select id from shop), 'last_four', 'AAAA',
    'encrypted_secret', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA'
  ))
$$;
select tests.refused($$ select pg_temp.store('dave') $$, 404, 'widget_not_found', 'a viewer makes no secret');
select pg_temp.store('carol'), pg_temp.store('carol'), pg_temp.store('carol');
select tests.reset();
select results_eq(
  $$ select expires_at - now() from public.widget_secrets order by expires_at nulls first $$,
  $$ values (null::interval), (interval '1 day') $$,
  'a new secret leaves the one before a day'
);
select tests.act_as('carol');
select tests.denied('select encrypted_secret from public.widget_secrets', 'no client reads a ciphertext');
insert into public.widgets (agent_id, name)
select '20000000-0000-4000-8000-000000000001', 'more' from generate_series(1, 19);
select tests.refused(
  $$ insert into public.widgets (agent_id, name) values ('20000000-0000-4000-8000-000000000001', 'one too many') $$,
  409, 'too_many_widgets', 'an agent has twenty'
);
select tests.reset();

select * from finish();
rollback;
