begin;
select plan(3);

insert into public.ai_interactions (
  id, user_id, organization_id, title, description, content_preview, full_content, feedback_notes, external_link,
  external_id, external_metadata, tags, keywords, input_tokens, output_tokens, total_cost, satisfaction_rating
)
values (
  '30000000-0000-4000-8000-000000000001', tests.id('carol'), tests.id('acme'), 'Secret plan', 'about it', 'It begins',
  'It is long', 'Loved it', 'https://example.com/x', 'x-1', '{"who": "carol"}', '{plan}', '{secret}', 1500, 800,
  0.0425, 5
), (
  '30000000-0000-4000-8000-000000000002', tests.id('bob'), tests.id('acme'), 'Bob''s', 'his', null,
  null, null, null, null, '{}', '{kept}', '{}', 1, 2, 3, 4
);

delete from auth.users where id = tests.id('carol');
set constraints all immediate;

select results_eq(
  $$
    select user_id, input_tokens, output_tokens, total_cost, satisfaction_rating, organization_id
    from public.ai_interactions where id = '30000000-0000-4000-8000-000000000001'
  $$,
  $$ values (null::uuid, 1500::bigint, 800::bigint, 0.0425::numeric(20, 10), 5, tests.id('acme')) $$,
  'tokens, cost and rating stay, without the person'
);

select results_eq(
  $$
    select title, description, content_preview, full_content, feedback_notes, external_link, external_id,
      external_metadata, tags, keywords
    from public.ai_interactions where id = '30000000-0000-4000-8000-000000000001'
  $$,
  $$
    values (
      'Deleted', null::text, null::text, null::text, null::text, null::text, null::text, '{}'::jsonb, '{}'::text[],
      '{}'::text[]
    )
  $$,
  'what the person wrote is gone'
);

select results_eq(
  $$
    select user_id, title, description, tags from public.ai_interactions
    where id = '30000000-0000-4000-8000-000000000002'
  $$,
  $$ values (tests.id('bob'), 'Bob''s', 'his', '{kept}'::text[]) $$,
  'what others wrote is not'
);

select * from finish();
rollback;
