-- The current state of what 000495_sites.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.is_shared_suffix(host text)
returns boolean
language sql immutable security invoker
set search_path=""
as $body$
  select is_shared_suffix.host !~ '\.'
    -- Two short labels, as in co.uk and com.au.
    or is_shared_suffix.host ~ '^(ac|co|com|edu|gob|gov|ltd|me|net|org|plc)\.[a-z]{2}$'
    or is_shared_suffix.host = any (array[
      'amplifyapp.com', 'appspot.com', 'azurewebsites.net', 'azurestaticapps.net', 'blogspot.com',
      'cloudfront.net', 'deno.dev', 'firebaseapp.com', 'fly.dev', 'github.io', 'gitlab.io',
      'herokuapp.com', 'myshopify.com', 'netlify.app', 'ngrok.app', 'ngrok.io', 'ngrok-free.app',
      'onrender.com', 'pages.dev', 'replit.app', 'supabase.co', 's3.amazonaws.com', 'surge.sh',
      'trycloudflare.com', 'vercel.app', 'web.app', 'webflow.io', 'wixsite.com', 'wordpress.com',
      'workers.dev'
    ])
$body$;
grant execute on function private.is_shared_suffix(text) to authenticated, service_role;

create function private.is_site(site text)
returns boolean
language sql immutable security invoker
set search_path=""
as $body$
  select char_length(is_site.site) <= 300
    and private.site_origin(is_site.site) is not null
    and (
      private.site_origin(is_site.site) !~ '://\*\.'
      or not private.is_shared_suffix(
        substring(private.site_origin(is_site.site) from '://\*\.([^:]+)')
      )
    )
$body$;
grant execute on function private.is_site(text) to authenticated, service_role;

create function private.is_site_list(sites jsonb)
returns boolean
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  -- Called with each turn of an agent; few agents have a list.
  if is_site_list.sites is null then
    return true;
  end if;
  return jsonb_typeof(is_site_list.sites) = 'array'
    and jsonb_array_length(private.array_of(is_site_list.sites)) <= 50
    and not exists (
      select
      from jsonb_array_elements(private.array_of(is_site_list.sites)) as element
      where jsonb_typeof(element) <> 'string' or private.is_site(element #>> '{}') is not true
    );
end
$body$;
grant execute on function private.is_site_list(jsonb) to authenticated, service_role;

create function private.site_allows(sites jsonb, origin text)
returns boolean
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  -- The header is compared without normalization: browsers write it in one way only.
  parts constant text[] := regexp_match(
    site_allows.origin, '^(https?://)([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)((?::[0-9]{1,5})?)$'
  );
  host constant text := parts[2];
begin
  if parts is null or jsonb_typeof(site_allows.sites) is distinct from 'array' then
    return false;
  end if;
  return exists (
    select
    from jsonb_array_elements_text(site_allows.sites) as element (site),
    lateral (select private.site_origin(element.site) as origin) listed,
    lateral (
      select substring(listed.origin from '://\*(\.[^:]+)') as suffix
    ) wildcard
    where private.is_site(element.site)
      and case
        when wildcard.suffix is null then listed.origin = site_allows.origin
        else listed.origin = parts[1] || '*' || wildcard.suffix || parts[3]
          and right(host, char_length(wildcard.suffix)) = wildcard.suffix
          and char_length(host) > char_length(wildcard.suffix)
      end
  );
end
$body$;
grant execute on function private.site_allows(jsonb,text) to service_role;

create function private.site_origin(site text)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  -- A trailing slash, and the dot at the end of a fully qualified name, are typing differences.
  text_of constant text := regexp_replace(lower(btrim(site_origin.site)), '/$', '');
  parts constant text[] := regexp_match(
    text_of, '^(?:(https?)://)?((?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)\.?(?::([0-9]{1,5}))?$'
  );
  host constant text := parts[2];
  is_local constant boolean := host in ('localhost', '127.0.0.1');
  scheme constant text := coalesce(parts[1], case when is_local then 'http' else 'https' end);
  port constant integer := parts[3]::integer;
begin
  if parts is null or char_length(host) > 253 or host like '%..%'
    or port not between 1 and 65535
  then
    return null;
  end if;
  return scheme || '://' || host || case
    when port <> case scheme when 'https' then 443 else 80 end then ':' || port else ''
  end;
end
$body$;
grant execute on function private.site_origin(text) to authenticated, service_role;
