-- Lists of interactions, latest first.

create view private.named_interactions with (security_invoker = true) as
select
  i.id,
  i.title,
  i.description,
  i.content_preview,
  i.interaction_type_id,
  types.name as interaction_type,
  types.icon as interaction_icon,
  types.color as interaction_color,
  i.agent_id,
  agents.name as agent_name,
  coalesce(i.vendor_id, agents.vendor_id) as vendor_id,
  vendors.name as vendor_name,
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
from public.ai_interactions i
join public.interaction_types types on types.id = i.interaction_type_id
left join public.agents on agents.id = i.agent_id
left join public.vendors on vendors.id = coalesce(i.vendor_id, agents.vendor_id)
where i.status <> 'deleted';
comment on view private.named_interactions is
  'Interactions that the caller sees, with the names of agent, vendor and kind.';
grant select on private.named_interactions to authenticated, service_role;

create type private.listed_interaction as (id uuid, started_at timestamptz);
comment on type private.listed_interaction is 'The position of an interaction in a list.';

create function private.listed_organizations(organization_id uuid)
returns uuid[]
language sql
stable
set search_path = ''
as $$
  select case
    when listed_organizations.organization_id is not null
      then array[listed_organizations.organization_id]
    -- The backend sees all.
    when (select auth.uid()) is null then array(select organizations.id from public.organizations)
    else array(select private.my_organizations('viewer'))
  end
$$;
comment on function private.listed_organizations(uuid) is
  'The organization that is asked for, or all those whose interactions the caller sees.';
grant execute on function private.listed_organizations(uuid) to authenticated, service_role;

create function private.latest_interactions(
  wanted integer, organization_id uuid default null, before timestamptz default 'infinity',
  before_id uuid default null
)
returns setof private.listed_interaction
language plpgsql
stable
rows 1000
set search_path = ''
as $$
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
$$;
comment on function private.latest_interactions(integer, uuid, timestamptz, uuid) is
  'The latest so many interactions that the caller sees, of all organizations or of one, that '
  'come after a place in the list; deleted ones are left out.';
grant execute on function private.latest_interactions(integer, uuid, timestamptz, uuid)
  to authenticated, service_role;

create view public.recent_interactions with (security_invoker = true) as
select
  latest.id, named.title, named.description, named.content_preview, named.interaction_type_id,
  named.interaction_type, named.interaction_icon, named.interaction_color, named.agent_id,
  named.agent_name, named.vendor_id, named.vendor_name, named.model_name, named.input_tokens,
  named.output_tokens, named.total_cost, named.source, named.satisfaction_rating,
  named.usefulness_rating, named.tags, named.external_link, named.session_id,
  latest.started_at, named.ended_at, named.duration_minutes, named.status, named.turn_state,
  named.user_id, named.organization_id, named.created_at
from (
  -- Sorted before the lookups, so that they are made for the result only.
  select listed.id, listed.started_at from private.latest_interactions(1000) listed
  order by listed.started_at desc
) latest
-- Row by row, which keeps the order: a hash join would look up all thousand for the first few.
cross join lateral (
  select * from private.named_interactions where named_interactions.id = latest.id limit 1
) named
order by latest.started_at desc;
comment on view public.recent_interactions is
  'The latest thousand interactions that the caller sees, latest first, with the names of agent, '
  'vendor and kind; a filter looks among these. list_interactions() pages through all, also of '
  'one organization, person, agent or vendor. Seed 002.';
comment on column public.recent_interactions.interaction_type is 'interaction_types.name.';
comment on column public.recent_interactions.interaction_icon is 'interaction_types.icon.';
comment on column public.recent_interactions.interaction_color is 'interaction_types.color.';
comment on column public.recent_interactions.agent_name is
  'Name of the agent, where the caller sees it.';
comment on column public.recent_interactions.vendor_name is
  'vendors.name, of the vendor that answered.';
comment on column public.recent_interactions.total_cost is
  'US dollars; null while no price is known. Where source is manual, what the person recorded, '
  'which figures have as recorded_cost.';
comment on column public.recent_interactions.source is
  'The kind of a turn, such as chat or embedding; manual for what people recorded by hand.';
comment on column public.recent_interactions.turn_state is
  'How a turn ended: succeeded, partial or failed; null for what was recorded by hand.';
select private.inherit_comments('public.recent_interactions', 'public.ai_interactions');
grant select on public.recent_interactions to authenticated, service_role;

create function public.list_interactions(
  page_size integer default 50, before timestamptz default 'infinity',
  before_id uuid default null, organization_id uuid default null, user_id uuid default null,
  agent_id uuid default null, vendor_id text default null
)
returns setof public.recent_interactions
language plpgsql
stable
set search_path = ''
-- The best index depends on the filters.
set plan_cache_mode = 'force_custom_plan'
as $$
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
$$;
comment on function public.list_interactions(
  integer, timestamptz, uuid, uuid, uuid, uuid, text
) is
  'Rows of recent_interactions, page by page and back to the first: before and before_id are '
  'started_at and id of the last row of the page before. The others filter. Errors: PT400 '
  'page_size_out_of_range.';
grant execute
  on function public.list_interactions(integer, timestamptz, uuid, uuid, uuid, uuid, text)
  to authenticated, service_role;

create function private.matching_interactions(
  organization_id uuid, tags text[], keywords text[], metadata jsonb,
  page_size integer, before timestamptz, before_id uuid
)
returns setof private.listed_interaction
language plpgsql
stable
security definer
-- A page, so that its rows are looked up one by one.
rows 50
set search_path = ''
-- The best index depends on the search.
set plan_cache_mode = 'force_custom_plan'
as $$
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
$$;
comment on function private.matching_interactions(
  uuid, text[], text[], jsonb, integer, timestamptz, uuid
) is
  'The interactions of one of the caller''s organizations that search_interactions() looks for. '
  'Errors: PT404 organization_not_found.';
grant execute
  on function private.matching_interactions(
    uuid, text[], text[], jsonb, integer, timestamptz, uuid
  )
  to authenticated, service_role;

create function public.search_interactions(
  organization_id uuid, tags text[] default null, keywords text[] default null,
  metadata jsonb default null, page_size integer default 50,
  before timestamptz default 'infinity', before_id uuid default null
)
returns setof public.recent_interactions
language plpgsql
stable
set search_path = ''
as $$
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
$$;
comment on function public.search_interactions(
  uuid, text[], text[], jsonb, integer, timestamptz, uuid
) is
  'Rows of recent_interactions of one organization that have all these tags, keywords and external '
  'metadata, latest first, page by page as list_interactions() does. Uses an index, unlike a '
  'filter on ai_interactions, so its cost depends on the matches only. Errors: PT400 '
  'page_size_out_of_range, PT404 organization_not_found.';
grant execute
  on function public.search_interactions(
    uuid, text[], text[], jsonb, integer, timestamptz, uuid
  )
  to authenticated, service_role;
