-- The current state of what 001115_interaction_lists.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Views ------------------------------------------------------------------------------------------

create view private.named_interactions with (security_invoker=true) as
 SELECT i.id,
    i.title,
    i.description,
    i.content_preview,
    i.interaction_type_id,
    types.name AS interaction_type,
    types.icon AS interaction_icon,
    types.color AS interaction_color,
    i.agent_id,
    agents.name AS agent_name,
    COALESCE(i.vendor_id, agents.vendor_id) AS vendor_id,
    vendors.name AS vendor_name,
    i.model_name,
    i.input_tokens,
    i.output_tokens,
    i.total_cost,
    i.source,
    i.satisfaction_rating,
    i.usefulness_rating,
    i.tags,
    i.external_link,
    i.session_id,
    i.started_at,
    i.ended_at,
    i.duration_minutes,
    i.status,
    i.turn_state,
    i.user_id,
    i.organization_id,
    i.created_at
   FROM (((public.ai_interactions i
     JOIN public.interaction_types types ON ((types.id = i.interaction_type_id)))
     LEFT JOIN public.agents ON ((agents.id = i.agent_id)))
     LEFT JOIN public.vendors ON ((vendors.id = COALESCE(i.vendor_id, agents.vendor_id))))
  WHERE (i.status <> 'deleted'::text);
grant select on private.named_interactions to authenticated;
grant select on private.named_interactions to service_role;

create view public.recent_interactions with (security_invoker=true) as
 SELECT latest.id,
    named.title,
    named.description,
    named.content_preview,
    named.interaction_type_id,
    named.interaction_type,
    named.interaction_icon,
    named.interaction_color,
    named.agent_id,
    named.agent_name,
    named.vendor_id,
    named.vendor_name,
    named.model_name,
    named.input_tokens,
    named.output_tokens,
    named.total_cost,
    named.source,
    named.satisfaction_rating,
    named.usefulness_rating,
    named.tags,
    named.external_link,
    named.session_id,
    latest.started_at,
    named.ended_at,
    named.duration_minutes,
    named.status,
    named.turn_state,
    named.user_id,
    named.organization_id,
    named.created_at
   FROM (( SELECT listed.id,
            listed.started_at
           FROM private.latest_interactions(1000) listed(id, started_at)
          ORDER BY listed.started_at DESC) latest
     CROSS JOIN LATERAL ( SELECT named_interactions.id,
            named_interactions.title,
            named_interactions.description,
            named_interactions.content_preview,
            named_interactions.interaction_type_id,
            named_interactions.interaction_type,
            named_interactions.interaction_icon,
            named_interactions.interaction_color,
            named_interactions.agent_id,
            named_interactions.agent_name,
            named_interactions.vendor_id,
            named_interactions.vendor_name,
            named_interactions.model_name,
            named_interactions.input_tokens,
            named_interactions.output_tokens,
            named_interactions.total_cost,
            named_interactions.source,
            named_interactions.satisfaction_rating,
            named_interactions.usefulness_rating,
            named_interactions.tags,
            named_interactions.external_link,
            named_interactions.session_id,
            named_interactions.started_at,
            named_interactions.ended_at,
            named_interactions.duration_minutes,
            named_interactions.status,
            named_interactions.turn_state,
            named_interactions.user_id,
            named_interactions.organization_id,
            named_interactions.created_at
           FROM private.named_interactions
          WHERE (named_interactions.id = latest.id)
         LIMIT 1) named)
  ORDER BY latest.started_at DESC;
grant select on public.recent_interactions to authenticated;
grant select on public.recent_interactions to service_role;

-- Functions --------------------------------------------------------------------------------------

create function private.latest_interactions(wanted integer, organization_id uuid DEFAULT NULL::uuid, before timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, before_id uuid DEFAULT NULL::uuid)
returns SETOF private.listed_interaction
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  organizations uuid[] := private.listed_organizations(latest_interactions.organization_id);
  share integer := least(wanted, ceil(wanted::numeric / greatest(cardinality(organizations), 1)));
  shares integer[] := array_fill(share, array[cardinality(organizations)]);
  deeper integer[];
  found private.listed_interaction[];
begin
  -- The latest few of each organization, by its index; then more of those whose last one is still
  -- among the latest of all, so that only a small multiple of the result is read.
  loop
    with fetched as (
      select mine.place, mine.share, listed.id, listed.started_at
      from unnest(organizations, shares) with ordinality as mine (id, share, place)
      cross join lateral (
        select i.id, i.started_at
        from public.ai_interactions i
        where i.organization_id = mine.id and i.status <> 'deleted'
          and i.started_at <= latest_interactions.before
          and (i.started_at < latest_interactions.before
            or i.id > latest_interactions.before_id)
        order by i.started_at desc, i.id
        limit mine.share
      ) listed
    ),
    latest as (
      select fetched.id, fetched.started_at from fetched
      order by fetched.started_at desc, fetched.id
      limit latest_interactions.wanted
    ),
    ends as (
      select fetched.place, max(fetched.share) as share from fetched
      group by fetched.place
      having count(*) = max(fetched.share) and max(fetched.share) < latest_interactions.wanted
        and min(fetched.started_at) >= case
          when (select count(*) from latest) < latest_interactions.wanted then '-infinity'
          else (select min(latest.started_at) from latest)
        end
    )
    select
      array(select row(latest.id, latest.started_at)::private.listed_interaction from latest),
      array(select coalesce(ends.share * 4, mine.share)
        from unnest(shares) with ordinality as mine (share, place)
        left join ends on ends.place = mine.place
        order by mine.place)
    into found, deeper;
    exit when deeper = shares;
    shares := deeper;
  end loop;
  return query select * from unnest(found);
end
$body$;
grant execute on function private.latest_interactions(integer,uuid,timestamp with time zone,uuid) to authenticated, service_role;

create function private.listed_organizations(organization_id uuid)
returns uuid[]
language sql stable security invoker
set search_path=""
as $body$
  select case
    when listed_organizations.organization_id is not null
      then array[listed_organizations.organization_id]
    -- The backend sees all.
    when (select auth.uid()) is null then array(select organizations.id from public.organizations)
    else array(select private.my_organizations('viewer'))
  end
$body$;
grant execute on function private.listed_organizations(uuid) to authenticated, service_role;

create function private.matching_interactions(organization_id uuid, tags text[], keywords text[], metadata jsonb, page_size integer, before timestamp with time zone, before_id uuid)
returns SETOF private.listed_interaction
language plpgsql stable security definer
set plan_cache_mode=force_custom_plan
set search_path=""
as $body$
begin
  if not private.has_role(matching_interactions.organization_id, 'viewer') then
    perform private.refuse(
      'organization_not_found', 'Organization not found, or you may not see it.'
    );
  end if;
  return query
  -- First the matches, then their order: the planner does not know how rare a word is, and a plan
  -- that expects many matches would scan the whole ledger backwards for a few.
  with matches as materialized (
    select i.id, i.started_at
    from public.ai_interactions i
    where i.organization_id = matching_interactions.organization_id and i.status <> 'deleted'
      and (matching_interactions.tags is null
        or (i.tags @> matching_interactions.tags and i.tags <> '{}'))
      and (matching_interactions.keywords is null
        or (i.keywords @> matching_interactions.keywords and i.keywords <> '{}'))
      and (matching_interactions.metadata is null
        or (i.external_metadata @> matching_interactions.metadata and i.external_metadata <> '{}'))
      and i.started_at <= matching_interactions.before
      and (i.started_at < matching_interactions.before or i.id > matching_interactions.before_id)
  )
  select matches.id, matches.started_at from matches
  order by matches.started_at desc, matches.id
  limit matching_interactions.page_size;
end
$body$;
grant execute on function private.matching_interactions(uuid,text[],text[],jsonb,integer,timestamp with time zone,uuid) to authenticated, service_role;

create function public.list_interactions(page_size integer DEFAULT 50, before timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, before_id uuid DEFAULT NULL::uuid, organization_id uuid DEFAULT NULL::uuid, user_id uuid DEFAULT NULL::uuid, agent_id uuid DEFAULT NULL::uuid, vendor_id text DEFAULT NULL::text)
returns SETOF public.recent_interactions
language plpgsql stable security invoker
set plan_cache_mode=force_custom_plan
set search_path=""
as $body$
declare
  page private.listed_interaction[];
begin
  perform private.refuse_page_size(page_size);
  if num_nonnulls(
    list_interactions.user_id, list_interactions.agent_id, list_interactions.vendor_id
  ) = 0 then
    page := array(select latest from private.latest_interactions(
      page_size, list_interactions.organization_id, before, before_id
    ) latest);
  else
    page := array(
      select row(i.id, i.started_at)::private.listed_interaction
      from public.ai_interactions i
      where i.status <> 'deleted'
        and i.started_at <= list_interactions.before
        and (i.started_at < list_interactions.before or i.id > list_interactions.before_id)
        and (list_interactions.organization_id is null
          or i.organization_id = list_interactions.organization_id)
        and (list_interactions.user_id is null or i.user_id = list_interactions.user_id)
        and (list_interactions.agent_id is null or i.agent_id = list_interactions.agent_id)
        and (list_interactions.vendor_id is null or i.vendor_id = list_interactions.vendor_id)
      order by i.started_at desc, i.id
      limit list_interactions.page_size
    );
  end if;
  return query
  select named.*
  from unnest(page) latest
  join private.named_interactions named on named.id = latest.id
  order by named.started_at desc, named.id;
end
$body$;
grant execute on function public.list_interactions(integer,timestamp with time zone,uuid,uuid,uuid,uuid,text) to authenticated, service_role;

create function public.search_interactions(organization_id uuid, tags text[] DEFAULT NULL::text[], keywords text[] DEFAULT NULL::text[], metadata jsonb DEFAULT NULL::jsonb, page_size integer DEFAULT 50, before timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, before_id uuid DEFAULT NULL::uuid)
returns SETOF public.recent_interactions
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  perform private.refuse_page_size(search_interactions.page_size);
  return query
  select named.*
  from private.matching_interactions(
    search_interactions.organization_id, search_interactions.tags, search_interactions.keywords,
    search_interactions.metadata, search_interactions.page_size, search_interactions.before,
    search_interactions.before_id
  ) latest
  join private.named_interactions named on named.id = latest.id
  order by named.started_at desc, named.id;
end
$body$;
grant execute on function public.search_interactions(uuid,text[],text[],jsonb,integer,timestamp with time zone,uuid) to authenticated, service_role;
