-- The foundation takes EXECUTE from PUBLIC by default; the helpers are for every role.
grant execute on all functions in schema tests to anon, authenticated, service_role;
grant select on tests.turns to service_role;
