-- Widgets and their visitors.

create function tests.widget(agent uuid, owner text, domains jsonb, organization uuid default null)
returns public.widgets
language plpgsql
as $$
declare
  made public.widgets;
begin
  insert into public.agents (
    id, name, created_by, organization_id, vendor_id, service_id, is_published, security, system_prompt
  )
  values (
    agent, 'Shop', tests.id(owner), organization, 'openai', 'openai_gpt4o_mini', true,
    jsonb_build_object('allowed_domains', domains), 'secret prompt'
  );
  insert into public.widgets (agent_id, name, created_by) values (agent, 'Shop', tests.id(owner))
  returning * into made;
  return made;
end
$$;
comment on function tests.widget(uuid, text, jsonb, uuid) is 'Makes a published agent with a widget.';

create function tests.visit(
  widget_key text, origin text, token text, visitor jsonb default '{}', address text default '203.0.113.77'
)
returns jsonb
language plpgsql
as $$
begin
  perform public.create_widget_ticket(
    tests.visitor(widget_key, origin, token, address), private.token_hash('ticket ' || token)
  );
  return public.start_visitor_session(
    tests.visitor(widget_key, origin, token, address), private.token_hash('ticket ' || token), private.token_hash(token), visitor
  );
end
$$;
comment on function tests.visit(text, text, text, jsonb, text) is 'Begins the session of a visitor that a token opens.';

create function tests.visitor(
  widget_key text, origin text, token text, address text default '203.0.113.77'
)
returns jsonb
language sql
as $$
  select jsonb_build_object(
    'key', widget_key, 'origin', origin, 'token_hash', private.token_hash(token), 'address', address
  )
$$;
comment on function tests.visitor(text, text, text, text) is 'A visitor as the function widget passes it to the database.';

create function tests.ask(visitor jsonb, request jsonb default '{}')
returns jsonb
language plpgsql
as $$
declare
  begun jsonb := public.begin_visitor_turn(visitor, jsonb_build_object(
    'request_id', gen_random_uuid(), 'messages', '[{"role": "user", "content": "hi"}]'::jsonb
  ) || request);
begin
  -- The rest of a test runs as before.
  perform set_config('request.jwt.claims', '', true);
  perform set_config('request.jwt.claim.sub', '', true);
  return begun;
end
$$;
comment on function tests.ask(jsonb, jsonb) is 'Begins a turn of a visitor.';

create function tests.answered(turn jsonb, content text default 'Hello!')
returns jsonb
language sql
as $$
  select public.settle_chat_turn((turn ->> 'turn_id')::uuid, jsonb_build_object(
    'state', 'succeeded', 'content', content, 'usage', '{"input_tokens": 1000, "output_tokens": 1000}'::jsonb,
    'answer', '{"id": "x"}'::jsonb
  ))
$$;
comment on function tests.answered(jsonb, text) is 'Settles a turn with an answer.';
