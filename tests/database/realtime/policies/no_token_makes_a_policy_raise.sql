-- Hosted Realtime asks the policies for each subscriber; one that raises stops delivery to all.
begin;
select plan(9);

create function pg_temp.raised(claims jsonb, role text) returns setof text language plpgsql as $$
declare
  published text;
begin
  for published in
    select tablename from pg_publication_tables where pubname = 'supabase_realtime'
    union all select 'messages'
  loop
    begin
      perform set_config('request.jwt.claims', claims::text, true);
      perform set_config('realtime.topic', 'organization:no id', true);
      perform set_config('role', role, true);
      execute format(
        'select count(*) from %s.%I', case published when 'messages' then 'realtime' else 'public' end, published
      );
    exception
      -- No privilege is an answer: hosted Realtime asks for it before it asks the policies.
      when insufficient_privilege then null;
      when others then
        return next published || ': ' || sqlerrm;
    end;
    perform set_config('role', 'none', true);
  end loop;
end
$$;

select is_empty(
  format('select pg_temp.raised(%L, %L)', tokens.claims, tokens.role),
  format('%s with %s', tokens.role, tokens.claims)
)
from (values
  ('{}', 'authenticated'),
  ('{"role": "authenticated"}', 'authenticated'),
  ('{"role": "authenticated", "sub": "auth0|5f7c8ec7c33c6c004bbafe82"}', 'authenticated'),
  ('{"role": "authenticated", "sub": ""}', 'authenticated'),
  ('{"role": "authenticated", "sub": {"id": 1}}', 'authenticated'),
  ('{"role": "authenticated", "sub": "00000000-0000-4000-8000-00000000000a", "access_key": {"organization_id": "acme"}}', 'authenticated'),
  ('{"role": "authenticated", "sub": "00000000-0000-4000-8000-00000000000a", "access_key": 7}', 'authenticated'),
  ('{"role": "anon"}', 'anon')
) as tokens (claims, role);

create table public.planted_subscribed (id uuid primary key, user_id uuid);
alter table public.planted_subscribed enable row level security;
create policy planted on public.planted_subscribed for select to authenticated
  using (user_id = (select auth.uid()));
grant select on public.planted_subscribed to authenticated;
insert into public.planted_subscribed values (gen_random_uuid());
alter publication supabase_realtime add table public.planted_subscribed;
select is(
  (select count(*) from pg_temp.raised('{"sub": "auth0|5f7c8ec7c33c6c004bbafe82"}', 'authenticated')), 1::bigint,
  'a policy that raises is found'
);

select * from finish();
rollback;
