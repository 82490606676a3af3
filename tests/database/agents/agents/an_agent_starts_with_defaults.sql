begin;
select plan(1);

select tests.act_as('eve');
insert into public.agents (name) values ('New');

select results_eq(
  $$
    select type, status, enabled, config, capabilities, tags, activity_score, usage_count, last_used_at, is_favorite,
      is_public, is_published, version, created_by, organization_id
    from public.agents where name = 'New'
  $$,
  $$
    values (
      'assistant', 'inactive', true, '{}'::jsonb, '{}'::jsonb, '{}'::text[], 0::real, 0::bigint, null::timestamptz,
      false, false, false, 1, tests.id('eve'), null::uuid
    )
  $$,
  'a new agent is its maker''s, enabled, private, unused'
);

select * from finish();
rollback;
