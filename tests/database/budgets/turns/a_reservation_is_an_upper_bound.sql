begin;
select plan(30);

select is(
  private.most_cost(
    (select jsonb_agg(jsonb_build_object('service_id', service)) from unnest(services) as service),
    row(input, 0, 0, true), 'chat', output
  ),
  cost, reason
)
from (values
  ('{openai_gpt4o}'::text[], 1000, 500, 0.0075000000, 'prompt and answer'),
  ('{openai_gpt4o}', 1000, 0, 0.0025000000, 'an embedding makes no answer'),
  ('{anthropic_claude35_sonnet}', 1000000, 1000000, 18.7500000000, 'a prompt may be written to the vendor''s cache'),
  ('{perplexity_sonar}', 0, 0, 0.0050000000, 'a call has its price'),
  ('{google_gemini_15_pro}', 128001, 0, 0.3200025000, 'at the tier that the prompt reaches'),
  ('{openai_gpt4o,openai_gpt4,openai_gpt4o_mini}', 1000, 500, 0.0600000000, 'by the dearest of several routes'),
  ('{openai_gpt4o,replicate_sdxl}', 1000, 500, 0.0075000000, 'as far as prices are known'),
  ('{replicate_sdxl}', 1000, 500, 0, 'what has no price is taken to be free'),
  ('{null}', 1000, 500, 0, 'as is what has no service')
) as examples (services, input, output, cost, reason);
update public.service_prices set reasoning_rate = 20 where service_id = 'openai_gpt4o';
select is(
  private.most_cost('[{"service_id": "openai_gpt4o"}]', row(1000, 0, 0, true), 'chat', 500), 0.0125000000, 'an answer may be all reasoning'
);


-- Of each kind of part.
create function pg_temp.tokens(part jsonb, kind text default 'chat')
returns bigint
language sql
as $$
  select private.most_input_tokens(
    private.size_of_prompt(jsonb_build_array(jsonb_build_object('role', 'user', 'content', jsonb_build_array(part))), 0),
    '{"context_window": 100000}', kind
  )
$$;
create function pg_temp.with_text(content text)
returns bigint
language sql
as $$ select pg_temp.tokens(jsonb_build_object('type', 'text', 'text', content)) $$;
select ok(pg_temp.with_text(content) between octet_length(content) and octet_length(content) + 100, 'one a byte: ' || script)
from (values
  ('Latin', repeat('word ', 200)), ('Chinese', repeat('漢', 500)), ('emoji', repeat('🦑', 500)), ('digits', repeat('7', 1000))
) as texts (script, content);
select is(pg_temp.with_text(repeat('x', 200000)), 100000::bigint, 'no more than the window holds');
select cmp_ok(
  pg_temp.tokens(jsonb_build_object('type', 'image_url', 'image_url', jsonb_build_object('url', url) || detail)),
  '>=', 2048::bigint, 'two thousand an image: ' || what
)
from (values
  ('remote', 'https://x.test/1.png', '{}'::jsonb), ('in detail', 'https://x.test/1.png', '{"detail": "high"}'),
  ('small', 'data:image/png;base64,AAAA', '{"detail": "low"}'), ('large', rpad('data:image/png;base64,', 900000, 'A'), '{}')
) as images (what, url, detail);
select ok(pg_temp.tokens(jsonb_build_object(
  'type', 'image_url', 'image_url', jsonb_build_object('url', rpad('data:image/png;base64,', 900000, 'A'))
)) < 2300, 'and not by its bytes');
select is(pg_temp.tokens(part), 100000::bigint, 'all of the window: ' || part::text)
from unnest(array[
  '{"type": "file", "file": {"file_id": "file-1"}}', '{"type": "video", "text": "x"}',
  '{"type": "file", "file": {"file_url": "https://x.test/1.pdf"}}', '{"type": "input_audio", "input_audio": {}}',
  '{"type": "image_url", "image_url": {"url": "gs://bucket/1.png"}}', '{"type": "image_url", "image_url": {"file_id": "file-1"}}',
  '{"type": "image_url", "image_url": {"url": "data:application/pdf;base64,AA"}}'
]::jsonb[]) as part;
select ok(pg_temp.tokens(part) between 16384 and 16600, 'a part of the window: ' || left(part::text, 60))
from unnest(array[
  jsonb_build_object('type', 'file', 'file', jsonb_build_object('file_data', repeat('A', 600000))),
  jsonb_build_object('type', 'input_audio', 'input_audio', jsonb_build_object('data', repeat('A', 600000), 'format', 'mp3'))
]) as part;
select tests.refused(
  $$ select private.most_input_tokens(row(10, 0, 0, false), '{}', 'chat') $$, 400, 'cost_not_bounded',
  'or it is refused, where that is not known'
);

select * from finish();
rollback;
