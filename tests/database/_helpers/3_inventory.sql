create table tests.security_definer_inventory (function text primary key);
comment on table tests.security_definer_inventory is 'The functions that docs/security.md lists as SECURITY DEFINER; filled by the test runner.';
grant select on tests.security_definer_inventory to anon, authenticated, service_role;
