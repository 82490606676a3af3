begin;
select plan(9);

insert into public.agents (id, name, created_by)
values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.ai_agent_configs (id, agent_id, config_key, config_value, user_id) values
  ('23000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'k', '"open"', tests.id('eve'));

select tests.breaks(
  format('update public.ai_agent_configs set is_encrypted = true, config_value = %L', value),
  'encrypted_config_is_ciphertext', value || ' is refused as ciphertext'
)
from unnest(array[
  '"sk-secret"', '{"key": "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"}', 'null', '5', '""',
  '["v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"]'
]) as value;

select tests.changes(
  $$
    update public.ai_agent_configs
    set is_encrypted = true, config_value = '"v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"'
  $$,
  1, 'a ciphertext is taken'
);
select tests.breaks(
  $$ update public.ai_agent_configs set config_value = '"sk-secret"' $$,
  'encrypted_config_is_ciphertext', 'and not replaced by plain text'
);
select tests.changes(
  $$ update public.ai_agent_configs set is_encrypted = false, config_value = '{"any": "thing"}' $$, 1,
  'what is not encrypted is anything'
);

select * from finish();
rollback;
