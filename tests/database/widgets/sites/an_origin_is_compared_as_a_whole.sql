begin;
select plan(4);

create temporary table cases (sites jsonb, origin text, is_allowed boolean);
insert into cases values
  ('["a.example"]', 'https://a.example', true),
  ('["A.Example/"]', 'https://a.example', true),
  ('["a.example."]', 'https://a.example', true),
  ('["https://a.example:443"]', 'https://a.example', true),
  ('["http://a.example:80"]', 'http://a.example', true),
  ('["a.example:8443"]', 'https://a.example:8443', true),
  ('["localhost:5173"]', 'http://localhost:5173', true),
  ('["127.0.0.1:5173"]', 'http://127.0.0.1:5173', true),
  ('["b.example", "a.example"]', 'https://a.example', true),
  ('["*.a.example"]', 'https://shop.a.example', true),
  ('["*.a.example"]', 'https://x.shop.a.example', true),
  ('["https://*.a.example:8443"]', 'https://x.a.example:8443', true),
  ('["xn--bcher-kva.example"]', 'https://xn--bcher-kva.example', true),
  -- What is missing, empty or unreadable lets no page in.
  (null, 'https://a.example', false),
  ('null', 'https://a.example', false),
  ('[]', 'https://a.example', false),
  ('"a.example"', 'https://a.example', false),
  ('{"0": "a.example"}', 'https://a.example', false),
  ('["*"]', 'https://a.example', false),
  ('[""]', 'https://a.example', false),
  ('["https://"]', 'https://a.example', false),
  ('["a.example/path"]', 'https://a.example', false),
  ('["*.com"]', 'https://a.com', false),
  ('["*.github.io"]', 'https://evil.github.io', false),
  ('["*.co.uk"]', 'https://evil.co.uk', false),
  ('["a.*.example"]', 'https://a.b.example', false),
  -- Another scheme, port or host is another origin.
  ('["a.example"]', 'http://a.example', false),
  ('["a.example"]', 'https://a.example:8443', false),
  ('["a.example:8443"]', 'https://a.example', false),
  ('["http://a.example"]', 'https://a.example', false),
  ('["a.example"]', 'https://www.a.example', false),
  ('["www.a.example"]', 'https://a.example', false),
  ('["a.example"]', 'https://evila.example', false),
  ('["a.example"]', 'https://a.example.evil.test', false),
  ('["a.example"]', 'https://a.example@evil.test', false),
  ('["a.example"]', 'https://axexample', false),
  ('["a_b.example"]', 'https://a_b.example', false),
  ('["*.a.example"]', 'https://a.example', false),
  ('["*.a.example"]', 'https://evila.example', false),
  ('["*.a.example"]', 'https://x.a.example.evil.test', false),
  ('["*.a.example"]', 'http://x.a.example', false),
  ('["*.a.example"]', 'https://x.a.example:444', false),
  ('["*.a.example"]', 'https://.a.example', false),
  ('["localhost"]', 'http://localhost:5173', false),
  -- No browser writes an origin like these.
  ('["a.example"]', null, false),
  ('["a.example"]', '', false),
  ('["a.example"]', 'null', false),
  ('["null"]', 'null', false),
  ('["a.example"]', 'HTTPS://A.EXAMPLE', false),
  ('["a.example"]', 'https://a.example/', false),
  ('["a.example"]', 'https://a.example, https://b.example', false),
  ('["a.example"]', ' https://a.example', false),
  ('["a.example"]', E'https://a.example\n', false),
  ('["a.example"]', 'https://a.example%00', false),
  ('["a.example"]', 'file://', false),
  ('["a.example"]', 'https://*.a.example', false);

select is_empty(
  $$
    select * from cases where private.site_allows(sites, origin) is distinct from is_allowed
  $$,
  'a list lets in the origins that it names, and no other'
);

create function pg_temp.set_sites(sites jsonb) returns void language sql as $$
  insert into public.agents (name, created_by, security)
  values ('sites', tests.id('alice'), jsonb_build_object('allowed_domains', set_sites.sites))
$$;
create temporary table refused (sites jsonb);
insert into refused values
  ('["*"]'), ('["*.com"]'), ('["*.co.uk"]'), ('["*.vercel.app"]'), ('["https://a.example/path"]'), ('["ftp://a.example"]'),
  ('["bücher.example"]'), ('["a.example", 1]'), ('["a.example", null]'), ('[["a.example"]]'), ('["a b"]'),
  ('["javascript:alert(1)"]'), ('["a.example:0"]'), ('["a.example:99999"]'), ('["a..example"]'), (
    (select jsonb_agg('a' || n || '.example') from generate_series(1, 51) n)
  );
select results_eq(
  $$
    select count(*) from refused
    where not private.is_site_list(sites)
  $$,
  'select count(*) from refused',
  'entries that let in other owners'' pages, or none, are refused'
);
select tests.breaks(
  $$ select pg_temp.set_sites('["*.com"]') $$, 'allowed_domains_are_sites', 'not in an agent'
);
select lives_ok(
  $$ select pg_temp.set_sites((select jsonb_agg('a' || n || '.example') from generate_series(1, 50) n)) $$,
  'fifty sites can'
);

select * from finish();
rollback;
