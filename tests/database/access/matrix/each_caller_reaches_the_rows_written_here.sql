-- The access matrix: every table and view of the API, every command, every kind of caller. Each cell
-- is tried with real statements on real rows; a relation without lines here fails, and lines without
-- a relation do.
--
-- A cell names the rows that the caller reaches, by whose they are as the caller sees it:
--   own        the caller's own, at home: of no organization, or of the caller's personal one
--   work       the caller's own, inside Acme
--   org        Acme's, and no single person's
--   peer       another person's, inside Acme
--   public     of an agent or template that a stranger shares with everyone signed in
--   published  of an agent that a stranger publishes
--   platform   the catalogue, the platform's agents and what belongs to them
--   other      a stranger's, at home
-- A word with * means some of these rows. Further words:
--   all        every row
--   none       the command is granted, but reaches no row
--   -          the command is not granted: SQLSTATE 42501
--   fixed      a view that takes no writes: SQLSTATE 55000
--   =          what the caller to the left reaches
-- A write that is not reached ends in 42501 or a business error, or leaves the row as it was.
begin;

create temporary table expected_access (
  relation text, command text, anon text, outsider text, viewer text, member text, agent_manager text, admin text,
  owner text, service_role text,
  primary key (relation, command)
);
insert into expected_access values
  --                                        anon, outsider, viewer, member, agent_manager, admin, owner, service_role
  -- Tenancy
  ('profiles', 'select',                    '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('profiles', 'insert',                    '-', 'none', '=', '=', '=', '=', '=', 'all'),
  ('profiles', 'update',                    '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('profiles', 'delete',                    '-', '=', '=', '=', '=', '=', '=', '='),
  ('organizations', 'select',               '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('organizations', 'insert',               '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('organizations', 'update',               '-', 'own', '=', '=', '=', '=', 'own org', 'all'),
  ('organizations', 'delete',               '-', '=', '=', '=', '=', '=', '=', 'all'),
  -- No one takes away an organization's last owner: not the only one at home, not alice in Acme.
  ('organization_members', 'select',        '-', 'own', 'own work peer', '=', '=', '=', '=', 'all'),
  ('organization_members', 'insert',        '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('organization_members', 'update',        '-', 'own', '=', '=', '=', 'own work peer*', 'own work peer', 'all'),
  ('organization_members', 'delete',        '-', 'none', 'work', '=', '=', 'work peer*', 'peer', 'peer*'),
  ('organization_invitations', 'select',    '-', 'own', '=', '=', '=', 'own org', '=', 'all'),
  ('organization_invitations', 'insert',    '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('organization_invitations', 'update',    '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('organization_invitations', 'delete',    '-', 'own', '=', '=', '=', 'own org', '=', 'all'),
  ('oauth_providers', 'select',             '-', 'all', '=', '=', '=', '=', '=', '='),
  ('oauth_providers', 'insert',             '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('oauth_providers', 'update',             '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('oauth_providers', 'delete',             '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('mcp_sessions', 'select',                '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('mcp_sessions', 'insert',                '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('mcp_sessions', 'update',                '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('mcp_sessions', 'delete',                '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('notifications', 'select',               '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('notifications', 'insert',               '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('notifications', 'update',               '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('notifications', 'delete',               '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('notification_settings', 'select',   '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('notification_settings', 'insert',   '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('notification_settings', 'update',   '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('notification_settings', 'delete',   '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('notification_preferences', 'select',   '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('notification_preferences', 'insert',   '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('notification_preferences', 'update',   '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('notification_preferences', 'delete',   '-', 'own', '=', '=', '=', '=', '=', 'all'),
  -- No one's organization is deleted here: tests/database/tenancy/organizations.
  ('deleted_organizations', 'select',       '-', 'none', '=', '=', '=', '=', '=', '-'),
  ('deleted_organizations', 'insert',       'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('deleted_organizations', 'update',       'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('deleted_organizations', 'delete',       'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('organization_people', 'select',         '-', 'own', 'own work peer', '=', '=', '=', '=', '-'),
  ('organization_people', 'insert',         'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('organization_people', 'update',         'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('organization_people', 'delete',         'fixed', '=', '=', '=', '=', '=', '=', '='),
  -- Catalogue
  ('vendors', 'select',                     'all', '=', '=', '=', '=', '=', '=', '='),
  ('vendors', 'insert',                     '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('vendors', 'update',                     '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('vendors', 'delete',                     '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('vendor_services', 'select',             'all', '=', '=', '=', '=', '=', '=', '='),
  ('vendor_services', 'insert',             '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('vendor_services', 'update',             '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('vendor_services', 'delete',             '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('service_aliases', 'select',             'all', '=', '=', '=', '=', '=', '=', '='),
  ('service_aliases', 'insert',             '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('service_aliases', 'update',             '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('service_aliases', 'delete',             '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('service_prices', 'select',              'all', '=', '=', '=', '=', '=', '=', '='),
  ('service_prices', 'insert',              '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('service_prices', 'update',              '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('service_prices', 'delete',              '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('plans', 'select',                       'all', '=', '=', '=', '=', '=', '=', '='),
  ('plans', 'insert',                       '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('plans', 'update',                       '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('plans', 'delete',                       '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_features', 'select',              'all', '=', '=', '=', '=', '=', '=', '='),
  ('agent_features', 'insert',              '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_features', 'update',              '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_features', 'delete',              '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('interaction_types', 'select',           'all', '=', '=', '=', '=', '=', '=', '='),
  ('interaction_types', 'insert',           '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('interaction_types', 'update',           '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('interaction_types', 'delete',           '-', '=', '=', '=', '=', '=', '=', 'all'),
  -- Agents. What strangers share is read in public_agents, never in agents: there the prompt is.
  ('agents', 'select',                      '-', 'own platform', 'own org platform', '=', '=', '=', '=', 'all'),
  ('agents', 'insert',                      '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('agents', 'update',                      '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('agents', 'delete',                      '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('public_agents', 'select',               'published', 'own* public published', 'own* org* public published', '=', '=', '=', '=', 'published'),
  ('public_agents', 'insert',               '-', '=', '=', '=', '=', '=', '=', '='),
  ('public_agents', 'update',               '-', '=', '=', '=', '=', '=', '=', '='),
  ('public_agents', 'delete',               '-', '=', '=', '=', '=', '=', '=', '='),
  ('models', 'select',                      '-', 'own platform', 'own org platform', '=', '=', '=', '=', 'all'),
  ('models', 'insert',                      '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('models', 'update',                      '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('models', 'delete',                      '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('public_models', 'select',               'published', 'own* public published', 'own* org* public published', '=', '=', '=', '=', 'published'),
  ('public_models', 'insert',               'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('public_models', 'update',               'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('public_models', 'delete',               'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('agent_feature_mappings', 'select',      '-', 'own public published platform', 'own org public published platform', '=', '=', '=', '=', 'all'),
  ('agent_feature_mappings', 'insert',      '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('agent_feature_mappings', 'update',      '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('agent_feature_mappings', 'delete',      '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('ai_agent_configs', 'select',            '-', 'own', 'own work', '=', '=', '=', '=', 'all'),
  ('ai_agent_configs', 'insert',            '-', 'own public published platform', 'own work public published platform', '=', '=', '=', '=', 'all'),
  ('ai_agent_configs', 'update',            '-', 'own', 'own work', '=', '=', '=', '=', 'all'),
  ('ai_agent_configs', 'delete',            '-', 'own', 'own work', '=', '=', '=', '=', 'all'),
  ('agent_templates', 'select',             '-', 'own public platform', '=', '=', '=', '=', '=', 'all'),
  ('agent_templates', 'insert',             '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('agent_templates', 'update',             '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('agent_templates', 'delete',             '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('agent_health', 'select',                '-', 'own public published platform', 'own org public published platform', '=', '=', '=', '=', 'all'),
  ('agent_health', 'insert',                '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_health', 'update',                '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_health', 'delete',                '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_health_checks', 'select',         '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('agent_health_checks', 'insert',         '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_health_checks', 'update',         '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_health_checks', 'delete',         '-', '=', '=', '=', '=', '=', '=', 'all'),
  -- Keys. Those that are shared with Acme are managed by their person and by its admins; the backend writes them.
  ('user_api_keys', 'select',               '-', 'own work', '=', '=', '=', 'own work peer', '=', 'all'),
  ('user_api_keys', 'insert',               '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('user_api_keys', 'update',               '-', 'own work', '=', '=', '=', 'own work peer', '=', 'all'),
  ('user_api_keys', 'delete',               '-', 'own work', '=', '=', '=', 'own work peer', '=', 'all'),
  ('api_key_events', 'select',              '-', 'own work', '=', '=', '=', 'own work peer', '=', 'all'),
  ('api_key_events', 'insert',              '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('api_key_events', 'update',              '-', '=', '=', '=', '=', '=', '=', '='),
  ('api_key_events', 'delete',              '-', '=', '=', '=', '=', '=', '=', '='),
  -- Access keys are made by the backend, which makes their secrets, and never deleted: revoked.
  ('access_keys', 'select',                 '-', 'own', 'own work', '=', '=', 'own work peer', '=', 'all'),
  ('access_keys', 'insert',                 '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('access_keys', 'update',                 '-', 'own', '=', 'own work', '=', 'own work peer', '=', 'all'),
  ('access_keys', 'delete',                 '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('access_key_events', 'select',           '-', 'own', 'own work', '=', '=', 'own work peer', '=', 'all'),
  ('access_key_events', 'insert',           '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('access_key_events', 'update',           '-', '=', '=', '=', '=', '=', '=', '='),
  ('access_key_events', 'delete',           '-', '=', '=', '=', '=', '=', '=', '='),
  -- The audit log is written by the database alone.
  ('audit_events', 'select',                '-', 'own', '=', '=', '=', '=', 'own org', 'all'),
  ('audit_events', 'insert',                '-', '=', '=', '=', '=', '=', '=', '='),
  ('audit_events', 'update',                '-', '=', '=', '=', '=', '=', '=', '='),
  ('audit_events', 'delete',                '-', '=', '=', '=', '=', '=', '=', '='),
  -- Chat. A conversation is private to its person; "org" is one that a visitor of a website has.
  ('chat_sessions', 'select',               '-', 'own', 'own work org', '=', '=', '=', '=', 'all'),
  ('chat_sessions', 'insert',               '-', 'own public published platform', '=', 'own work public published platform', '=', '=', '=', 'all'),
  ('chat_sessions', 'update',               '-', 'own', '=', 'own work', '=', '=', '=', 'all'),
  ('chat_sessions', 'delete',               '-', 'own', 'own work', '=', '=', '=', '=', 'all'),
  ('chat_messages', 'select',               '-', 'own', 'own work org', '=', '=', '=', '=', 'all'),
  ('chat_messages', 'insert',               '-', 'own', '=', 'own work', '=', '=', '=', 'all'),
  ('chat_messages', 'update',               '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('chat_messages', 'delete',               '-', '=', '=', '=', '=', '=', '=', 'all'),
  -- Ledger
  ('ai_interactions', 'select',             '-', 'own', 'own work org peer', '=', '=', '=', '=', 'all'),
  ('ai_interactions', 'insert',             '-', 'own public published platform', '=', 'own work public published platform', '=', '=', '=', 'all'),
  ('ai_interactions', 'update',             '-', 'own', '=', 'own work', '=', '=', '=', 'all'),
  ('ai_interactions', 'delete',             '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_executions', 'select',            '-', 'own', 'own work org peer', '=', '=', '=', '=', 'all'),
  ('agent_executions', 'insert',            '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_executions', 'update',            '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_executions', 'delete',            '-', '=', '=', '=', '=', '=', '=', 'all'),
  -- Analytics
  ('agent_versions', 'select',              '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('agent_versions', 'insert',              '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_versions', 'update',              '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_versions', 'delete',              '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_metrics', 'select',               '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('agent_metrics', 'insert',               '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('agent_metrics', 'update',               '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_metrics', 'delete',               '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('api_usage', 'select',                   '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('api_usage', 'insert',                   '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('api_usage', 'update',                   '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('api_usage', 'delete',                   '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('ai_usage_stats', 'select',                '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('ai_usage_stats', 'insert',                'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('ai_usage_stats', 'update',                'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('ai_usage_stats', 'delete',                'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('agent_usage_daily', 'select',             '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('agent_usage_daily', 'insert',             'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('agent_usage_daily', 'update',             'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('agent_usage_daily', 'delete',             'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('daily_usage', 'select',                   '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('daily_usage', 'insert',                   'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('daily_usage', 'update',                   'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('daily_usage', 'delete',                   'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('agent_usage', 'select',                   '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('agent_usage', 'insert',                   'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('agent_usage', 'update',                   'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('agent_usage', 'delete',                   'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('usage_agent_rollup', 'select',                  '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('usage_agent_rollup', 'insert',                  '-', '=', '=', '=', '=', '=', '=', '='),
  ('usage_agent_rollup', 'update',                  '-', '=', '=', '=', '=', '=', '=', '='),
  ('usage_agent_rollup', 'delete',                  '-', '=', '=', '=', '=', '=', '=', '='),
  ('usage_calendars', 'select',               '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('usage_calendars', 'insert',               '-', '=', '=', '=', '=', '=', '=', '='),
  ('usage_calendars', 'update',               '-', '=', '=', '=', '=', '=', '=', '='),
  ('usage_calendars', 'delete',               '-', '=', '=', '=', '=', '=', '=', '='),
  ('usage_daily_rollup', 'select',                  '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('usage_daily_rollup', 'insert',                  '-', '=', '=', '=', '=', '=', '=', '='),
  ('usage_daily_rollup', 'update',                  '-', '=', '=', '=', '=', '=', '=', '='),
  ('usage_daily_rollup', 'delete',                  '-', '=', '=', '=', '=', '=', '=', '='),
  ('usage_deltas', 'select',                 '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('usage_deltas', 'insert',                 '-', '=', '=', '=', '=', '=', '=', '='),
  ('usage_deltas', 'update',                 '-', '=', '=', '=', '=', '=', '=', '='),
  ('usage_deltas', 'delete',                 '-', '=', '=', '=', '=', '=', '=', '='),
  ('usage_archive_rollup', 'select',                    '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('usage_archive_rollup', 'insert',                    '-', '=', '=', '=', '=', '=', '=', '='),
  ('usage_archive_rollup', 'update',                    '-', '=', '=', '=', '=', '=', '=', '='),
  ('usage_archive_rollup', 'delete',                    '-', '=', '=', '=', '=', '=', '=', '='),
  ('agent_summary', 'select',               '-', 'own platform', 'own org platform', '=', '=', '=', '=', 'all'),
  ('agent_summary', 'insert',               'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('agent_summary', 'update',               'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('agent_summary', 'delete',               'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('recent_interactions', 'select',         '-', 'own', 'own work org peer', '=', '=', '=', '=', 'all'),
  ('recent_interactions', 'insert',         'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('recent_interactions', 'update',         'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('recent_interactions', 'delete',         'fixed', '=', '=', '=', '=', '=', '=', '='),
  -- Budgets
  ('budgets', 'select',                     '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('budgets', 'insert',                     '-', 'own', '=', '=', '=', 'own org', '=', 'all'),
  ('budgets', 'update',                     '-', 'own', '=', '=', '=', 'own org', '=', 'all'),
  ('budgets', 'delete',                     '-', 'own', '=', '=', '=', 'own org', '=', 'all'),
  ('budget_reservations', 'select',         '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('budget_reservations', 'insert',         '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('budget_reservations', 'update',         '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('budget_reservations', 'delete',         '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('budget_status', 'select',               '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('budget_status', 'insert',               'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('budget_status', 'update',               'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('budget_status', 'delete',               'fixed', '=', '=', '=', '=', '=', '=', '='),
  -- Workflows
  ('deployments', 'select',                 '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('deployments', 'insert',                 '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('deployments', 'update',                 '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('deployments', 'delete',                 '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('widgets', 'select',                     '-', 'own platform', 'own org platform', '=', '=', '=', '=', 'all'),
  ('widgets', 'insert',                     '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('widgets', 'update',                     '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('widgets', 'delete',                     '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  -- Written by the backend, which encrypts them; no client reads the ciphertext.
  ('widget_secrets', 'select',              '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('widget_secrets', 'insert',              '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('widget_secrets', 'update',              '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('widget_secrets', 'delete',              '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('workflows', 'select',                   '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('workflows', 'insert',                   '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('workflows', 'update',                   '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('workflows', 'delete',                   '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('workflow_executions', 'select',         '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('workflow_executions', 'insert',         '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('workflow_executions', 'update',         '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('workflow_executions', 'delete',         '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('agent_thoughts', 'select',              '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('agent_thoughts', 'insert',              '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('agent_thoughts', 'update',              '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_thoughts', 'delete',              '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('agent_dashboard', 'select',             '-', 'own platform', 'own org platform', '=', '=', '=', '=', 'all'),
  ('agent_dashboard', 'insert',             'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('agent_dashboard', 'update',             'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('agent_dashboard', 'delete',             'fixed', '=', '=', '=', '=', '=', '=', '='),
  -- Webhooks. The backend creates them, for it encrypts; their secrets are its own.
  ('webhook_endpoints', 'select',           '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('webhook_endpoints', 'insert',           '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('webhook_endpoints', 'update',           '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('webhook_endpoints', 'delete',           '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('webhook_secrets', 'select',             '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('webhook_secrets', 'insert',             '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('webhook_secrets', 'update',             '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('webhook_secrets', 'delete',             '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('webhook_deliveries', 'select',          '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('webhook_deliveries', 'insert',          '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('webhook_deliveries', 'update',          '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('webhook_deliveries', 'delete',          '-', '=', '=', '=', '=', '=', '=', 'all'),
  -- Jobs
  ('job_status', 'select',                  '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('job_status', 'insert',                  'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('job_status', 'update',                  'fixed', '=', '=', '=', '=', '=', '=', '='),
  ('job_status', 'delete',                  'fixed', '=', '=', '=', '=', '=', '=', '='),
  -- Vocabularies. They write where their table does; what a seed's client has no word for, it makes at home.
  ('ai_agents', 'select',                   '-', 'own public platform', 'own org public platform', '=', '=', '=', '=', 'all'),
  ('ai_agents', 'insert',                   '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('ai_agents', 'update',                   '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('ai_agents', 'delete',                   '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('users', 'select',                       '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('users', 'insert',                       '-', 'none', '=', '=', '=', '=', '=', 'all'),
  ('users', 'update',                       '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('users', 'delete',                       '-', '=', '=', '=', '=', '=', '=', '='),
  ('teams', 'select',                       '-', 'own', 'own org', '=', '=', '=', '=', 'all'),
  ('teams', 'insert',                       '-', 'own', '=', '=', '=', '=', '=', 'all'),
  ('teams', 'update',                       '-', 'own', '=', '=', '=', '=', 'own org', 'all'),
  ('teams', 'delete',                       '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('user_roles', 'select',                  '-', 'own', 'own work peer', '=', '=', '=', '=', 'all'),
  ('user_roles', 'insert',                  '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('user_roles', 'update',                  '-', 'none', '=', '=', '=', 'work peer*', 'peer', 'peer*'),
  ('user_roles', 'delete',                  '-', 'none', 'work', '=', '=', 'work peer*', 'peer', 'peer*'),
  ('agent_sessions', 'select',              '-', 'own', 'own work org', '=', '=', '=', '=', 'all'),
  ('agent_sessions', 'insert',              '-', 'own public published platform', '=', '=', '=', '=', '=', 'all'),
  ('agent_sessions', 'update',              '-', 'own', '=', 'own work', '=', '=', '=', 'all'),
  ('agent_sessions', 'delete',              '-', 'own', 'own work', '=', '=', '=', '=', 'all'),
  ('agent_messages', 'select',              '-', 'own', 'own work org', '=', '=', '=', '=', 'all'),
  ('agent_messages', 'insert',              '-', 'own', '=', 'own work', '=', '=', '=', 'all'),
  ('agent_messages', 'update',              '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('agent_messages', 'delete',              '-', '=', '=', '=', '=', '=', '=', 'all'),
  ('bots', 'select',                        '-', 'own platform', 'own org platform', '=', '=', '=', '=', 'all'),
  ('bots', 'insert',                        '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('bots', 'update',                        '-', 'own', '=', '=', 'own org', '=', '=', 'all'),
  ('bots', 'delete',                        '-', 'own', '=', '=', 'own org', '=', '=', 'all');

select plan(74);

-- Rows to reach ------------------------------------------------------------------

-- A row lies in one of these worlds: at someone's home, in Acme as someone's or no one's, with a
-- shared agent, or on the platform.
create temporary table worlds (
  world text primary key, kind text not null, person uuid, keeper uuid, organization uuid, agents_of text not null
);
insert into worlds
select 'home ' || actors.name, 'home', actors.id, actors.id, organizations.id, 'home ' || actors.name
from tests.actors
join public.organizations on organizations.created_by = actors.id and organizations.is_personal
union all
select 'work ' || actors.name, 'work', actors.id, actors.id, tests.id('acme'), 'org'
from tests.actors
where actors.name <> 'acme'
union all
select kind || ' ' || actors.name, kind, null::uuid, actors.id, organizations.id, kind || ' ' || actors.name
from tests.actors
join public.organizations on organizations.created_by = actors.id and organizations.is_personal
cross join unnest(array['public', 'published']) as shared (kind)
union all
values
  ('org', 'org', null::uuid, tests.id('alice'), tests.id('acme'), 'org'),
  ('org published', 'org published', null, tests.id('alice'), tests.id('acme'), 'org published'),
  ('platform', 'platform', null, null, null, 'platform');

-- How each relation is tried. `make` is a minimal row, `ask` the same without what only the backend
-- may set, `find` a row that is there already, `change` an update; a view has the rows of its table.
create temporary table subjects (
  position integer generated always as identity, relation text primary key, rows_of text, key text not null,
  kinds text[], asks_in text[], find text, make text, ask text, change text
);
insert into subjects (relation, kinds, asks_in, key, find, make, ask, change) values
  ('organizations', '{home,org}', '{home}', 'id',
    'id = {organization}',
    'insert into organizations (name, slug, created_by) values (''Probe'', ''probe-{n}'', {person})', null,
    'name = ''Changed'''),
  ('profiles', '{home}', null, 'id',
    'id = {person}',
    'insert into profiles (id) values ({stray})', null,
    'full_name = ''Changed'''),
  ('organization_members', '{home,work}', null, 'organization_id || '' '' || user_id',
    '(organization_id, user_id) = ({organization}, {person})',
    'insert into organization_members (organization_id, user_id, role, granted_by) values ({organization}, {newcomer}, ''viewer'', {person})', null,
    'permissions = ''{"changed": true}'''),
  ('organization_invitations', '{home,org}', null, 'id', null,
    'insert into organization_invitations (organization_id, email, role, token_hash, invited_by) values ({organization}, ''probe{n}@example.com'', ''viewer'', md5(''a{n}'') || md5(''b{n}''), {maker})', null,
    'role = ''member'''),
  ('mcp_sessions', '{home}', null, 'session_id', null,
    'insert into mcp_sessions (user_id) values ({person})', null,
    'mcp_state = ''{"changed": true}'''),
  ('oauth_providers', '{platform}', null, 'id', null,
    'insert into oauth_providers (id, name, token_endpoint) values (''probe_{n}'', ''Probe'', ''https://example.com/token'')', null,
    'name = ''Changed'''),
  ('notifications', '{home}', null, 'id', null,
    'insert into notifications (user_id, type, title, message) values ({person}, ''probe'', ''Probe'', ''Probe'')', null,
    'read_at = now()'),
  ('notification_settings', '{home}', null, 'user_id', null,
    'insert into notification_settings (user_id) values ({person}) on conflict (user_id) do update set timezone = ''UTC''', null,
    'timezone = ''Europe/Berlin'''),
  ('notification_preferences', '{home}', null, 'user_id', null,
    'insert into notification_preferences (user_id, type, channel, is_enabled) values ({person}, ''agent_error'', ''slack'', true) on conflict (user_id, type, channel) do update set is_enabled = true', null,
    'is_enabled = false'),
  ('plans', '{platform}', null, 'id', null,
    'insert into plans (id, name, requests_per_minute, user_requests_per_minute) values (''probe_{n}'', ''Probe'', 1, 1)', null,
    'name = ''Changed'''),
  ('vendors', '{platform}', null, 'id', null,
    'insert into vendors (id, name) values (''probe_{n}'', ''Probe'')', null,
    'name = ''Changed'''),
  ('vendor_services', '{platform}', null, 'id', null,
    'insert into vendor_services (id, vendor_id, service_name, display_name) values (''probe_{n}'', {vendors}, ''probe-{n}'', ''Probe'')', null,
    'display_name = ''Changed'''),
  ('service_aliases', '{platform}', null, 'alias', null,
    'insert into service_aliases (vendor_id, alias, service_id) select vendor_id, ''probe-{n}'', id from vendor_services where id = {vendor_services}', null,
    'created_at = ''2020-01-01'''),
  ('service_prices', '{platform}', null, 'id', null,
    'insert into service_prices (service_id, min_input_tokens) values ({vendor_services}, {n})', null,
    'input_rate = 1'),
  ('agent_features', '{platform}', null, 'id', null,
    'insert into agent_features (id, name) values (''probe_{n}'', ''Probe'')', null,
    'name = ''Changed'''),
  ('interaction_types', '{platform}', null, 'id', null,
    'insert into interaction_types (id, name) values (''probe_{n}'', ''Probe'')', null,
    'name = ''Changed'''),
  ('agents', '{home,org,public,published,"org published",platform}', '{home,org,platform}', 'id', null,
    'insert into agents (name, created_by, organization_id, is_public, is_published, is_platform) values (''Probe {n}'', {maker}, {tenant}, {public}, {published}, {platform})',
    'insert into agents (name, created_by, organization_id, is_public, is_published) values (''Probe {n}'', {maker}, {tenant}, {public}, {published})',
    'notes = ''Changed'''),
  ('models', '{home,org,public,published,"org published",platform}', null, 'id', null,
    'insert into models (agent_id, name) values ({agents}, ''probe-{n}'')', null,
    'display_name = ''Changed'''),
  ('agent_feature_mappings', '{home,org,public,published,"org published",platform}', null, 'id', null,
    'insert into agent_feature_mappings (agent_id, feature_id, user_id) values ({agents}, {feature}, {actor})', null,
    'is_primary = true'),
  ('ai_agent_configs', '{home,work,public,published}', '{home,work,public,published,"org published",platform}', 'id', null,
    'insert into ai_agent_configs (agent_id, config_key, config_value, user_id) values ({agents}, ''probe {n}'', ''1'', {writer})', null,
    'config_value = ''2'''),
  ('agent_templates', '{home,public,platform}', '{home,platform}', 'id', null,
    'insert into agent_templates (name, type, default_config, is_public, created_by) values (''Probe'', ''probe'', ''{}'', {public} or {person} is null, {maker})', null,
    'name = ''Changed'''),
  ('agent_health', '{home,org,public,published,"org published",platform}', null, 'id',
    'agent_id = {agents}',
    'insert into agent_health (agent_id) values ({bare})', null,
    'status = ''degraded'''),
  ('agent_health_checks', '{home,org,public,published,"org published",platform}', null, 'id', null,
    'insert into agent_health_checks (agent_id, status) values ({agents}, ''healthy'')', null,
    'status = ''degraded'''),
  ('user_api_keys', '{home,work}', null, 'id', null,
    'insert into user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview) values ({person}, {tenant}, ''openai'', ''v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA'', ''AAAA'')', null,
    'display_name = ''Changed'''),
  ('api_key_events', '{home,work}', null, 'id', null,
    'insert into api_key_events (key_id, user_id, organization_id, event) values (gen_random_uuid(), {person}, {tenant}, ''decrypted'')', null,
    'event = ''rejected'''),
  ('access_keys', '{home,work}', null, 'id', null,
    'insert into access_keys (organization_id, user_id, name, prefix, last_four) values ({organization}, {person}, ''Probe'', ''agb_AAAA'', ''AAAA'')', null,
    'name = ''Changed'''),
  ('access_key_events', '{home,work}', null, 'id', null,
    'insert into access_key_events (access_key_id, organization_id, user_id, event) values ({access_keys}, {organization}, {person}, ''changed'')', null,
    'event = ''rotated'''),
  ('audit_events', '{home,org,platform}', null, 'id', null,
    'insert into audit_events (organization_id, actor_type, action, table_name, row_id) values ({organization}, ''service'', ''changed'', ''agents'', ''Probe'')', null,
    'action = ''deleted'''),
  ('webhook_endpoints', '{home,org}', null, 'id', null,
    'insert into webhook_endpoints (organization_id, name, url_preview, encrypted_url, created_by) values ({organization}, ''Probe'', ''https://example.com'', ''v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA'', {maker})', null,
    'name = ''Changed'''),
  ('webhook_secrets', '{home,org}', null, 'id', null,
    'insert into webhook_secrets (endpoint_id, encrypted_secret) values ({webhook_endpoints}, ''v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA'')', null,
    'expires_at = now()'),
  ('webhook_deliveries', '{home,org}', null, 'id', null,
    'insert into webhook_deliveries (endpoint_id, organization_id, event_type) values ({webhook_endpoints}, {organization}, ''probe'')', null,
    'last_error = ''Changed'''),
  ('chat_sessions', '{home,work,org}', '{home,work,org,public,published,"org published",platform}', 'id', null,
    'insert into chat_sessions (user_id, org_id, agent_id, website_domain) values ({writer in person}, {organization}, {agents}, ''example.com'')', null,
    'title = ''Changed'''),
  ('chat_messages', '{home,work,org}', null, 'id', null,
    'insert into chat_messages (session_id, role, content) values ({chat_sessions}, ''user'', ''Probe'')', null,
    'content = ''Changed'''),
  ('ai_interactions', '{home,work,org}', '{home,work,org,public,published,"org published",platform}', 'id', null,
    'insert into ai_interactions (user_id, organization_id, agent_id, title) values ({writer in person}, {organization}, {agents}, ''Probe'')',
    'insert into ai_interactions (user_id, agent_id, title) values ({writer in person}, {agents}, ''Probe'')',
    'feedback_notes = ''Changed'''),
  ('agent_executions', '{home,work,org}', null, 'id', null,
    'insert into agent_executions (interaction_id, attempt, status) values ({ai_interactions}, {n}, ''succeeded'')', null,
    'status = ''failed'''),
  ('agent_versions', '{home,org,public,published,"org published",platform}', null, 'title', null,
    'insert into agent_versions (agent_id, version, title, configuration) values ({agents}, {n}, ''probe {n}'', ''{}'')', null,
    'created_at = now() + interval ''1 second'''),
  ('agent_metrics', '{home,org,public,published,"org published",platform}', null, 'id', null,
    'insert into agent_metrics (agent_id, metric_type, value) values ({agents}, ''cost'', 1)', null,
    'value = 2'),
  ('api_usage', '{home}', null, 'id', null,
    'insert into api_usage (user_id, endpoint, method, status_code) values ({person}, ''/probe'', ''GET'', 200)', null,
    'status_code = 404'),
  -- What is made of the interactions above.
  ('ai_usage_stats', '{home}', null, 'id',
    'user_id = {person}',
    'insert into ai_usage_stats (user_id) values ({person})', null,
    'total_interactions = 1'),
  ('agent_usage_daily', '{home,org}', null, 'agent_id || '' '' || organization_id || '' '' || date',
    'organization_id = {organization}',
    'insert into agent_usage_daily (organization_id) values ({organization})', null,
    'total_interactions = 1'),
  ('daily_usage', '{home,org}', null, 'organization_id',
    'organization_id = {organization}',
    'insert into daily_usage (organization_id) values ({organization})', null,
    'interactions = 1'),
  ('agent_usage', '{home,org}', null, 'organization_id',
    'organization_id = {organization}',
    'insert into agent_usage (organization_id) values ({organization})', null,
    'interactions = 1'),
  ('usage_calendars', '{home,org}', null, 'organization_id',
    'organization_id = {organization}',
    'insert into usage_calendars (organization_id, timezone) values ({organization}, ''UTC'')', null,
    'timezone = ''Asia/Tokyo'''),
  ('usage_daily_rollup', '{home,org}', null, 'id', null,
    'insert into usage_daily_rollup (calendar_id, organization_id, date) select id, organization_id, date ''2020-01-01'' + {n} from usage_calendars where organization_id = {organization}', null,
    'failed = 1'),
  ('usage_agent_rollup', '{home,org}', null, 'agent_id || '' '' || calendar_id', null,
    'insert into usage_agent_rollup (agent_id, calendar_id, organization_id) select {agents}, id, organization_id from usage_calendars where organization_id = {organization}', null,
    'interactions = 1'),
  ('usage_deltas', '{home,org}', null, 'id', null,
    'insert into usage_deltas (organization_id, started_at) values ({organization}, now())', null,
    'failed = 1'),
  ('usage_archive_rollup', '{home,org}', null, 'id', null,
    'insert into usage_archive_rollup (organization_id, started_at, model_name) values ({organization}, ''2026-01-01Z'', ''probe {n}'')', null,
    'failed = 1'),
  ('budgets', '{home,org}', null, 'id', null,
    'insert into budgets (organization_id, period, limit_usd, created_by) values ({organization}, {period}, 1, {actor})', null,
    'limit_usd = 2'),
  ('budget_reservations', '{home,org}', null, 'id', null,
    'with turn as (insert into private.running_turns (user_id, organization_id, source, title, lease_expires_at) select gen_random_uuid(), organization_id, ''chat'', ''x'', now() from budgets where id = {budgets} returning id) insert into budget_reservations (budget_id, interaction_id, amount_usd, expires_at) select {budgets}, id, 1, now() from turn', null,
    'amount_usd = 2'),
  ('deployments', '{home,org,public,published,"org published",platform}', null, 'id', null,
    'insert into deployments (agent_id) values ({agents})', null,
    'status = ''stopped'''),
  ('widgets', '{home,org,public,published,"org published",platform}', null, 'id', null,
    'insert into widgets (agent_id, name, created_by) values ({agents}, ''Probe'', {actor})', null,
    'greeting = ''Changed'''),
  ('widget_secrets', '{home,org}', null, 'id', null,
    'insert into widget_secrets (id, widget_id, encrypted_secret, last_four) values (gen_random_uuid(), {widgets}, ''v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA'', ''AAAA'')', null,
    'last_four = ''BBBB'''),
  ('workflows', '{home,org,public,published,"org published",platform}', null, 'id', null,
    'insert into workflows (agent_id, name) values ({agents}, ''Probe'')', null,
    'name = ''Changed'''),
  ('workflow_executions', '{home,org,public,published,"org published",platform}', null, 'id', null,
    'insert into workflow_executions (workflow_id) values ({workflows})', null,
    'status = ''success'''),
  ('agent_thoughts', '{home,org,public,published,"org published",platform}', null, 'id', null,
    'insert into agent_thoughts (agent_id, node_id, node_type, content) values ({agents}, ''probe'', ''input'', ''Probe'')', null,
    'content = ''Changed'''),
  ('job_status', '{platform}', null, 'name',
    'name = ''sweep-turns''',
    'insert into job_status (name) values (''probe'')', null,
    'name = ''changed''');
insert into subjects (relation, rows_of, key, asks_in, make, change) values
  ('organization_people', 'organization_members', 'organization_id || '' '' || user_id', null,
    'insert into organization_people (user_id) values ({person})', 'full_name = ''Changed'''),
  ('deleted_organizations', 'organizations', 'id', null,
    'insert into deleted_organizations (name) values (''Probe'')', 'name = ''Changed'''),
  ('public_agents', 'agents', 'id', null, 'insert into public_agents (name) values (''Probe'')', 'name = ''Changed'''),
  ('public_models', 'models', 'id', null, 'insert into public_models (name) values (''Probe'')', 'name = ''Changed'''),
  ('agent_summary', 'agents', 'id', null, 'insert into agent_summary (name) values (''Probe'')', 'name = ''Changed'''),
  ('recent_interactions', 'ai_interactions', 'id', null, 'insert into recent_interactions (title) values (''Probe'')', 'title = ''Changed'''),
  ('budget_status', 'budgets', 'id', null, 'insert into budget_status (period) values (''day'')', 'period = ''month'''),
  ('agent_dashboard', 'agents', 'id', null, 'insert into agent_dashboard (name) values (''Probe'')', 'name = ''Changed'''),
  ('ai_agents', 'agents', 'id', '{home}', 'insert into ai_agents (name, user_id) values (''Probe'', {person})', 'notes = ''Changed'''),
  ('users', 'profiles', 'id', null, 'insert into users (id) values ({stray})', 'full_name = ''Changed'''),
  ('teams', 'organizations', 'id', '{home}', 'insert into teams (name, slug, created_by) values (''Probe'', ''probe-{n}'', {person})', 'name = ''Changed'''),
  ('user_roles', 'organization_members', 'team_id || '' '' || user_id', null,
    'insert into user_roles (user_id, role, team_id, granted_by) values ({newcomer}, ''viewer'', {organization}, {person})', 'role = ''viewer'''),
  ('agent_sessions', 'chat_sessions', 'id', '{home,public,published,"org published",platform}',
    'insert into agent_sessions (agent_id, user_id, website_domain) values ({agents}, {writer in person}, ''example.com'')', 'context_data = ''{"changed": true}'''),
  ('agent_messages', 'chat_messages', 'id', null,
    'insert into agent_messages (session_id, role, content) values ({chat_sessions}, ''user'', ''Probe'')', 'content = ''Changed'''),
  ('bots', 'agents', 'id', '{home,org,platform}',
    'insert into bots (name, created_by, organization_id, is_published) values (''Probe'', {maker}, {tenant}, {published})', 'description = ''Changed''');

create temporary table probe_rows (relation text, world text, key text, content text, primary key (relation, world));

-- Two accounts that act nowhere: one to become a member, one that has no profile yet; and an agent
-- without its health row.
create temporary table bystanders (name text primary key, id text not null);
insert into bystanders values ('newcomer', gen_random_uuid()), ('stray', gen_random_uuid());
insert into auth.users (id, email) select id::uuid, name || '@example.com' from bystanders;
with gone as (delete from public.organizations where created_by = (select id::uuid from bystanders where name = 'stray'))
delete from public.profiles where id = (select id::uuid from bystanders where name = 'stray');
with bare as (
  insert into public.agents (name, created_by) values ('Without health', null) returning id
)
insert into bystanders select 'bare', id from bare;
delete from public.agent_health where agent_id = (select id::uuid from bystanders where name = 'bare');

create function pg_temp.fill(template text, place worlds, actor uuid, number integer, is_probe boolean)
returns text
language plpgsql
as $$
declare
  -- With a shared agent a caller writes at home; the rows that are there were written by the keeper.
  home uuid := case
    when is_probe and place.kind in ('public', 'published', 'org published', 'platform') then (
      select worlds.organization from worlds where worlds.kind = 'home' and worlds.keeper = actor
    )
    else place.organization
  end;
  filled text := template;
  value record;
begin
  for value in
    select * from (values
      ('person', place.person::text),
      ('actor', actor::text),
      -- A person's row is written in that person's name, any other in the caller's.
      ('writer', coalesce(place.person, actor)::text),
      -- The same, but that Acme's own row stays no one's.
      ('writer in person', case when place.kind = 'org' then null else coalesce(place.person, actor) end::text),
      ('maker', case when place.kind = 'platform' then null else coalesce(place.person, actor) end::text),
      ('organization', home::text),
      ('tenant', case when place.kind in ('work', 'org', 'org published') then place.organization end::text),
      ('public', (place.kind = 'public')::text),
      ('published', (place.kind in ('published', 'org published'))::text),
      ('platform', (place.kind = 'platform')::text),
      ('feature', case when is_probe then 'writing' else 'coding' end),
      ('period', case when is_probe then 'day' else 'month' end)
    ) as placeholders (name, replacement)
    union all
    select bystanders.name, bystanders.id from bystanders
    union all
    -- What the row belongs to: the one of its world, else of the world whose agent it uses.
    (
      select distinct on (parents.relation) parents.relation, parents.key
      from probe_rows parents
      where parents.world in (place.world, place.agents_of)
      order by parents.relation, parents.world = place.world desc
    )
  loop
    filled := replace(filled, '{' || value.name || '}', quote_nullable(value.replacement));
  end loop;
  return replace(filled, '{n}', number::text);
end
$$;

create function pg_temp.make_rows()
returns void
language plpgsql
as $$
declare
  subject subjects;
  place worlds;
  statement text;
  made text;
  number integer := 0;
begin
  for subject in select * from subjects where subjects.rows_of is null order by subjects.position loop
    for place in select * from worlds where worlds.kind = any (subject.kinds) order by worlds.world loop
      number := number + 1;
      statement := pg_temp.fill(coalesce(subject.find, subject.make), place, place.keeper, number, false);
      if subject.find is null then
        execute format('%s returning (%s)::text', statement, subject.key) into made;
      else
        execute format('select (%s)::text from public.%I where %s', subject.key, subject.relation, statement) into made;
      end if;
      insert into probe_rows
      select subject.relation, place.world, made where made is not null;
    end loop;
  end loop;
  insert into probe_rows
  select subjects.relation, probe_rows.world, probe_rows.key
  from subjects
  join probe_rows on probe_rows.relation = subjects.rows_of;
end
$$;
select pg_temp.make_rows();
-- What the rows themselves left to check is checked once, not with every attempt.
set constraints all immediate;
set constraints all deferred;

create function pg_temp.read_row(relation text, key_of text, key text)
returns text
language plpgsql
as $$
declare
  content text;
begin
  execute format('select to_jsonb(found)::text from public.%I found where (%s)::text = $1', relation, key_of)
  into content using key;
  return content;
end
$$;
update probe_rows
set content = pg_temp.read_row(probe_rows.relation, subjects.key, probe_rows.key)
from subjects
where subjects.relation = probe_rows.relation;

-- Attempts -----------------------------------------------------------------------

create temporary table callers (
  position integer generated always as identity, caller text primary key, api_role text not null, person uuid, role_in_acme text
);
insert into callers (caller, api_role, person, role_in_acme) values
  ('anon', 'anon', null, null),
  ('outsider', 'authenticated', tests.id('eve'), null),
  ('viewer', 'authenticated', tests.id('dave'), 'viewer'),
  ('member', 'authenticated', tests.id('dave'), 'member'),
  ('agent_manager', 'authenticated', tests.id('carol'), 'agent_manager'),
  ('admin', 'authenticated', tests.id('bob'), 'admin'),
  ('owner', 'authenticated', tests.id('alice'), 'owner'),
  ('service_role', 'service_role', null, null);

create function pg_temp.whose(place worlds, caller callers)
returns text
language sql
as $$
  select case place.kind
    when 'home' then case when place.keeper = caller.person then 'own' else 'other' end
    when 'work' then case when place.keeper = caller.person then 'work' else 'peer' end
    when 'org published' then case when caller.role_in_acme is null then 'published' else 'org' end
    when 'public' then case when place.keeper = caller.person then 'own' else 'public' end
    when 'published' then case when place.keeper = caller.person then 'own' else 'published' end
    else place.kind
  end
$$;

create function pg_temp.act_as(caller callers)
returns void
language plpgsql
as $$
begin
  if caller.person is not null then
    perform tests.act_as(caller.person);
  elsif caller.api_role = 'anon' then
    perform tests.act_as_anon();
  else
    perform tests.act_as_service();
  end if;
end
$$;

-- One write, undone again: 'reached', 'untouched', or the error's SQLSTATE.
create function pg_temp.outcome(caller callers, statement text, relation text, key_of text, key text, content text)
returns text
language plpgsql
as $$
declare
  touched bigint;
  is_changed boolean;
begin
  perform pg_temp.act_as(caller);
  execute statement;
  get diagnostics touched = row_count;
  set constraints all immediate;
  perform tests.reset();
  is_changed := case
    when key is null then touched = 1
    else pg_temp.read_row(relation, key_of, key) is distinct from content
  end;
  raise exception using errcode = 'ZZ001', message = case
    when touched = 1 and is_changed then 'reached'
    when touched = 0 and not is_changed then 'untouched'
    else format('%s rows and %s', touched, case when is_changed then 'a change' else 'no change' end)
  end;
exception
  when sqlstate 'ZZ001' then
    return sqlerrm;
  when others then
    return sqlstate;
end
$$;

create function pg_temp.visible_keys(caller callers, relation text, key_of text)
returns text[]
language plpgsql
as $$
declare
  keys text[];
begin
  perform pg_temp.act_as(caller);
  execute format('select coalesce(array_agg((%s)::text), ''{}'') from public.%I', key_of, relation) into keys;
  perform tests.reset();
  return keys;
end
$$;

create temporary table attempts (caller text, relation text, command text, whose text, outcome text);

create function pg_temp.try_reading(caller callers, subject subjects)
returns void
language plpgsql
as $$
declare
  keys text[];
  failure text;
begin
  begin
    keys := pg_temp.visible_keys(caller, subject.relation, subject.key);
  exception when others then
    failure := sqlstate;
  end;
  insert into attempts
  select
    caller.caller, subject.relation, 'select', pg_temp.whose(worlds, caller),
    coalesce(failure, case when probe_rows.key = any (keys) then 'reached' else 'untouched' end)
  from probe_rows
  join worlds on worlds.world = probe_rows.world
  where probe_rows.relation = subject.relation;
end
$$;

create function pg_temp.is_granted(caller callers, relation text, command text)
returns boolean
language sql
as $$
  select has_table_privilege(caller.api_role, format('public.%I', relation), command)
    or command <> 'delete' and has_any_column_privilege(caller.api_role, format('public.%I', relation), command)
$$;

-- A write is tried in one world of each sort, but with two peers: one is Acme's owner. A command that
-- is not granted is refused before it looks at any row, so one try tells.
create function pg_temp.worlds_to_write(caller callers, relation text, command text, kinds text[])
returns setof worlds
language sql
as $$
  select (ranked.place).*
  from (
    select
      worlds as place,
      row_number() over (
        partition by worlds.kind, pg_temp.whose(worlds, caller)
        order by worlds.kind = 'home' and worlds.keeper = tests.id('eve') desc, worlds.world
      ) as rank
    from worlds
    where worlds.kind = any (kinds)
  ) ranked
  where ranked.rank <= case (ranked.place).kind when 'work' then 2 else 1 end
  order by (ranked.place).world
  limit case when not pg_temp.is_granted(caller, relation, command) then 1 end
$$;

create function pg_temp.try_inserting(caller callers, subject subjects, kinds text[])
returns void
language plpgsql
as $$
declare
  place worlds;
  template text := case when caller.api_role = 'authenticated' then coalesce(subject.ask, subject.make) else subject.make end;
  number integer := 1000;
begin
  for place in
    select * from pg_temp.worlds_to_write(caller, subject.relation, 'insert', coalesce(subject.asks_in, kinds))
  loop
    -- What someone of Acme keeps with Acme's agents is tried at work.
    continue when place.kind = 'org published' and place.kind <> all (kinds) and caller.role_in_acme is not null;
    number := number + 1;
    insert into attempts values (
      caller.caller, subject.relation, 'insert', pg_temp.whose(place, caller),
      pg_temp.outcome(
        caller, pg_temp.fill(template, place, coalesce(caller.person, place.keeper, tests.id('alice')), number, true),
        subject.relation, subject.key, null, null
      )
    );
  end loop;
end
$$;

create function pg_temp.try_changing(caller callers, subject subjects, command text, kinds text[])
returns void
language sql
as $$
  insert into attempts
  select
    caller.caller, subject.relation, command, pg_temp.whose(worlds, caller),
    pg_temp.outcome(
      caller,
      format(
        case command when 'update' then 'update %1$I set %2$s' else 'delete from %1$I' end || ' where (%3$s)::text = %4$L',
        subject.relation, subject.change, subject.key, probe_rows.key
      ),
      subject.relation, subject.key, probe_rows.key, probe_rows.content
    )
  from pg_temp.worlds_to_write(caller, subject.relation, command, kinds) worlds
  -- Eve is no member of Acme, so there is no membership of hers to reach.
  join probe_rows on probe_rows.relation = subject.relation and probe_rows.world = worlds.world
$$;

create function pg_temp.try_everything()
returns void
language plpgsql
as $$
declare
  caller callers;
  subject subjects;
  kinds text[];
begin
  for caller in select * from callers order by callers.position loop
    -- Dave is a viewer, and once a member.
    update public.organization_members
    set role = caller.role_in_acme
    where organization_id = tests.id('acme') and user_id = caller.person;
    update probe_rows
    set content = pg_temp.read_row(probe_rows.relation, subjects.key, probe_rows.key)
    from subjects
    where subjects.relation = probe_rows.relation and subjects.relation in ('organization_members', 'user_roles');
    for subject in select * from subjects order by subjects.position loop
      kinds := (select tables.kinds from subjects tables where tables.relation = coalesce(subject.rows_of, subject.relation));
      perform pg_temp.try_reading(caller, subject);
      perform pg_temp.try_inserting(caller, subject, kinds);
      perform pg_temp.try_changing(caller, subject, 'update', kinds);
      perform pg_temp.try_changing(caller, subject, 'delete', kinds);
    end loop;
  end loop;
end
$$;
select pg_temp.try_everything();

-- Comparison ---------------------------------------------------------------------

create temporary view found_access as
with sorts as (
  select
    attempts.relation, attempts.command, attempts.caller, attempts.whose,
    bool_and(attempts.outcome = 'reached') as is_reached,
    bool_or(attempts.outcome = 'reached') as is_partly_reached,
    -- A business error refuses as a policy does; any other error is a mistake of this file or of the schema.
    string_agg(distinct attempts.outcome, ' ') filter (
      where attempts.outcome not in ('reached', 'untouched', '42501') and attempts.outcome not like 'PT%'
    ) as surprise,
    bool_and(attempts.outcome = '42501') as is_denied,
    bool_and(attempts.outcome = '55000') as is_fixed
  from attempts
  group by attempts.relation, attempts.command, attempts.caller, attempts.whose
),
cells as (
  select
    sorts.relation, sorts.command, sorts.caller,
    bool_and(sorts.is_reached) as is_all,
    bool_and(sorts.is_denied) as is_denied,
    bool_and(sorts.is_fixed) as is_fixed,
    string_agg(
      sorts.whose || case when sorts.is_reached then '' else '*' end, ' '
      order by array_position(array['own', 'work', 'org', 'peer', 'public', 'published', 'platform', 'other'], sorts.whose)
    ) filter (where sorts.is_partly_reached) as reached,
    string_agg(sorts.whose || ': ' || sorts.surprise, ', ') as surprises
  from sorts
  group by sorts.relation, sorts.command, sorts.caller
)
select
  cells.relation, cells.command, cells.caller,
  case
    when cells.is_fixed then 'fixed'
    when cells.surprises is not null then 'surprised by ' || cells.surprises
    when cells.is_denied and not pg_temp.is_granted(callers, cells.relation, cells.command) then '-'
    when not pg_temp.is_granted(callers, cells.relation, cells.command) then
      'not granted, and yet ' || coalesce(cells.reached, 'no denial')
    when cells.is_all then 'all'
    else coalesce(cells.reached, 'none')
  end as reached
from cells
join callers on callers.caller = cells.caller;

-- Fills in what "=" stands for.
create temporary view wanted_access as
select
  lines.relation, lines.command, cells.caller,
  (
    select earlier.reached
    from unnest(array[
      lines.anon, lines.outsider, lines.viewer, lines.member, lines.agent_manager, lines.admin, lines.owner, lines.service_role
    ]) with ordinality as earlier (reached, position)
    where earlier.position <= cells.position and earlier.reached <> '='
    order by earlier.position desc
    limit 1
  ) as reached
from expected_access lines
cross join callers as cells;

select set_eq(
  $$
    select relname::text collate "default" from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
  $$,
  'select relation from expected_access',
  'every table and view has its lines here, and every line its table or view'
);
select is_empty(
  $$
    select relation, array_agg(command) from expected_access
    group by relation having array_agg(command order by command) <> array['delete', 'insert', 'select', 'update']
  $$,
  'every table and view has a line for each command'
);
select set_eq(
  'select relation from subjects', 'select relation from expected_access',
  'every table and view is tried'
);

select is(
  coalesce(
    string_agg(
      format(
        '%s as %s: wanted %s, found %s', wanted.command, wanted.caller, wanted.reached, coalesce(found.reached, 'no attempt')
      ),
      E'\n' order by callers.position, wanted.command
    ) filter (where found.reached is distinct from wanted.reached),
    'as written'
  ),
  'as written',
  'each caller reaches what is written of ' || wanted.relation
)
from wanted_access wanted
join callers on callers.caller = wanted.caller
left join found_access found
  on found.relation = wanted.relation and found.command = wanted.command and found.caller = wanted.caller
group by wanted.relation
order by wanted.relation;

select * from finish();
rollback;
