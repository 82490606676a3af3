begin;
select plan(15);

select tests.breaks(
  format('update public.oauth_providers set %s where id = ''google''', change), rule, change || ' is refused'
)
from (values
  ('id = ''github''', 'oauth_providers_pkey'),
  ('id = ''Google''', 'oauth_provider_id_is_lower_case_words'),
  ('name = ''''', 'oauth_provider_name_is_1_to_255_characters'),
  ('token_endpoint = ''http://example.com/token''', 'token_endpoint_is_https_or_loopback'),
  ('token_endpoint = ''http://127.0.0.1.example.com/token''', 'token_endpoint_is_https_or_loopback'),
  ('token_endpoint = ''https://example.com/token#part''', 'token_endpoint_is_https_or_loopback'),
  ('token_endpoint = ''file:///etc/passwd''', 'token_endpoint_is_https_or_loopback'),
  ('client_authentication = ''password''', 'client_authentication_is_known'),
  ('revocation_style = ''soap''', 'revocation_style_is_known'),
  ('account_fields = ''{a..b}''', 'account_fields_are_at_most_5_paths'),
  ('account_fields = ''{a,b,c,d,e,f}''', 'account_fields_are_at_most_5_paths')
) as broken (change, rule);

select tests.changes(format('update public.oauth_providers set %s where id = ''google''', change), 1, change)
from unnest(array[
  'token_endpoint = ''http://127.0.0.1:4000/token''', 'client_authentication = ''none''',
  'name = repeat(''a'', 255)'
]) as change;

insert into public.mcp_sessions (user_id, oauth_provider, oauth_status, oauth_refreshable)
values (tests.id('eve'), 'google', 'needs_reauth', false);
delete from public.oauth_providers where id = 'google';
select is_empty('select from public.mcp_sessions where oauth_provider = ''google''', 'one takes its connections along');

select * from finish();
rollback;
