-- How access keys are made and rotated.

create function private.check_key_agents(agent_ids uuid[], organization_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
  unknown uuid;
begin
  select wanted.id into unknown
  from unnest(check_key_agents.agent_ids) as wanted (id)
  where wanted.id not in (select private.agents_for_chat(check_key_agents.organization_id))
    and not exists (
      select from private.public_agents where public_agents.id = wanted.id
    )
  limit 1;
  if unknown is not null then
    perform private.refuse(
      'agent_not_found',
      format('Agent "%s" not found, or you may not use it in this organization.', unknown),
      'GET /models lists the models and agents that you may use.'
    );
  end if;
end
$$;
comment on function private.check_key_agents(uuid[], uuid) is
  'Refuses a list with an agent that the caller may not use in the organization. Errors: PT404 '
  'agent_not_found.';
grant execute on function private.check_key_agents(uuid[], uuid) to service_role;

create function public.create_access_key(caller jsonb, request jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.impersonate(create_access_key.caller);
  organization uuid := coalesce(
    (create_access_key.request ->> 'organization_id')::uuid, private.my_organization()
  );
  wanted public.access_keys := jsonb_populate_record(
    null::public.access_keys, create_access_key.request
  );
  made public.access_keys;
begin
  if not private.has_role(organization, 'member') then
    perform private.refuse(
      'organization_not_found', 'Organization not found, or your role may not chat in it.',
      'Only a member or a higher role can create an access key.'
    );
  end if;
  perform private.check_key_agents(wanted.agent_ids, organization);
  if (
    select count(*) from public.access_keys keys
    where keys.user_id = profile.id and keys.organization_id = organization
      and keys.revoked_at is null and (keys.expires_at is null or keys.expires_at > now())
  ) >= (private.limits()).access_keys_per_membership then
    perform private.refuse(
      'too_many_access_keys',
      format(
        'You have %s access keys in this organization, the maximum.',
        (private.limits()).access_keys_per_membership
      ),
      'Revoke keys that you no longer use.'
    );
  end if;
  insert into public.access_keys (
    organization_id, user_id, name, prefix, last_four, scopes, agent_ids, requests_per_minute,
    expires_at
  )
  values (
    organization, profile.id, wanted.name, wanted.prefix, wanted.last_four,
    coalesce(wanted.scopes, private.default_access_key_scopes()),
    wanted.agent_ids,
    wanted.requests_per_minute,
    wanted.expires_at
  )
  returning * into made;
  perform private.add_access_key_secret(made.id, create_access_key.request);
  if jsonb_typeof(create_access_key.request -> 'budget') = 'object' then
    insert into public.budgets (organization_id, access_key_id, period, limit_usd, created_by)
    values (
      organization,
      made.id,
      create_access_key.request -> 'budget' ->> 'period',
      (create_access_key.request -> 'budget' ->> 'limit_usd')::numeric,
      profile.id
    );
  end if;
  return to_jsonb(made);
end
$$;
comment on function public.create_access_key(jsonb, jsonb) is
  'Makes an access key of a person {"user_id"} from {"name", "organization_id" (the current '
  'one), "scopes" (all but workflows), "agent_ids" (all), "requests_per_minute", "expires_at", '
  '"budget" {"period", "limit_usd"}, "token_hash", "prefix", "last_four"} and returns its row. '
  'Backend only. Errors: PT404 organization_not_found, agent_not_found; PT409 '
  'too_many_access_keys.';
grant execute on function public.create_access_key(jsonb, jsonb) to service_role;

create function public.rotate_access_key(caller jsonb, request jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.impersonate(rotate_access_key.caller);
  rotated public.access_keys;
begin
  -- The lock makes two rotations take turns: the second replaces what the first made.
  select keys.* into rotated
  from public.access_keys keys
  where keys.id = (rotate_access_key.request ->> 'access_key_id')::uuid
    and keys.user_id = profile.id
    and keys.organization_id = any (array(select private.my_organizations('member')))
  for no key update;
  if rotated.id is null then
    perform private.refuse(
      'access_key_not_found', 'Access key not found, or it is not yours.',
      'Only its owner can rotate an access key.'
    );
  elsif rotated.revoked_at is not null or rotated.expires_at <= now() then
    perform private.refuse('access_key_ended', 'This access key has been revoked or has expired.');
  end if;
  update private.access_key_secrets secrets
  set expires_at = least(
    secrets.expires_at,
    now() + make_interval(secs => (rotate_access_key.request ->> 'grace_seconds')::integer)
  )
  where secrets.access_key_id = rotated.id;
  perform private.add_access_key_secret(rotated.id, rotate_access_key.request);
  update public.access_keys
  set
    prefix = rotate_access_key.request ->> 'prefix',
    last_four = rotate_access_key.request ->> 'last_four',
    rotated_at = clock_timestamp()
  where access_keys.id = rotated.id
  returning * into rotated;
  return to_jsonb(rotated);
end
$$;
comment on function public.rotate_access_key(jsonb, jsonb) is
  'Gives an access key of a person {"user_id"} another secret from {"access_key_id", '
  '"grace_seconds", "token_hash", "prefix", "last_four"} and returns its row; the secrets before '
  'work for so many seconds more. Backend only. Errors: PT404 access_key_not_found, PT409 '
  'access_key_ended.';
grant execute on function public.rotate_access_key(jsonb, jsonb) to service_role;
