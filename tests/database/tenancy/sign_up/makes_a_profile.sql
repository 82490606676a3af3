begin;
select plan(1);

insert into auth.users (id, email, raw_user_meta_data, last_sign_in_at)
values (
  '10000000-0000-4000-8000-000000000001', 'frank@example.com',
  '{"full_name": "Frank Foe", "avatar_url": "https://example.com/frank.png"}', '2026-01-02 03:04:05+00'
);

select results_eq(
  $$
    select email, full_name, avatar_url, last_login_at, status, subscription_tier, preferences
    from public.profiles where id = '10000000-0000-4000-8000-000000000001'
  $$,
  $$
    values (
      'frank@example.com', 'Frank Foe', 'https://example.com/frank.png', timestamptz '2026-01-02 03:04:05+00',
      'active', 'free', '{}'::jsonb
    )
  $$,
  'the profile has what the account says, and is active'
);

select * from finish();
rollback;
