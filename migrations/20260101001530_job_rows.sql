-- The jobs: their schedules, commands and time limits.

insert into private.jobs (name, schedule, items, command, timeout, description) values
  ('sweep-turns', '* * * * *', 'private.turns_to_sweep()', 'select private.sweep_turn($1::uuid)',
  '50 seconds',
    'Fails turns that were never settled, and releases their reservations'),
  ('purge-organizations', '35 * * * *', 'private.organizations_to_purge()',
    'select private.purge_organization($1::uuid)', '5 minutes',
    'Removes organizations that were deleted longer ago than they can be restored, with '
    'everything in them'),
  ('begin-budget-periods', '* * * * *', 'private.budgets_to_begin()',
  'select private.begin_budget_periods($1::uuid)', '50 seconds',
    'Starts the new day or month of budgets'),
  ('release-reservations', '*/5 * * * *', 'private.reservations_to_release()',
  'select private.release_reservations($1::uuid)', '50 seconds',
    'Releases reservations of turns that no longer run'),
  ('catch-up-usage', '*/10 * * * *', 'private.calendars_to_catch_up()',
  'select private.catch_up_calendar($1::bigint)', '5 minutes',
    'Counts late changes of usage, and organizations whose time zone changed'),
  ('remove-orphaned-usage', '*/10 * * * *', 'private.orphaned_usage()',
  'select private.remove_orphaned_usage($1::bigint)', '2 minutes',
    'Removes usage counts that are zero, or belong to a former time zone of an organization'),
  -- By then yesterday has ended in the westernmost time zone too.
  ('record-agent-metrics', '25 12 * * *', 'private.unmeasured_days()',
  'select public.record_agent_metrics($1::date)', '5 minutes',
    'Measures the days of the last week that are not measured yet, agent by agent'),
  ('score-agents', '20 * * * *', 'private.agents_to_score()',
  'select private.score_agents_of($1::uuid)', '2 minutes',
    'Computes the activity scores of agents'),
  ('delete-expired', '*/10 * * * *', 'private.expired_rows()', 'select private.delete_expired($1)',
  '2 minutes',
    'Ends idle sessions; deletes expired MCP sessions, invitations, replaced secrets, '
    'notifications, stored answers and tickets of widgets'),
  ('delete-old-records', '50 * * * *', 'private.old_records()',
  'select private.delete_old_records($1)', '5 minutes',
    'Deletes notifications without expires_at after half a year, accepted invitations after a '
    'year, and events of keys after two'),
  ('apply-retention', '*/10 * * * *', 'private.organizations_to_trim()',
  'select private.apply_retention($1::uuid)', '5 minutes',
    'Removes conversations and interactions that are older than the plan keeps'),
  ('time-out-executions', '*/5 * * * *', 'private.workflows_to_time_out()',
  'select private.time_out_executions($1::uuid)', '1 minute',
    'Ends executions of workflows that run without a report for a day'),
  ('announce-endings', '10 6 * * *', 'private.endings_to_announce()',
  'select private.announce_ending($1)', '1 minute',
    'Notifies owners of agents of models that end within 30 days'),
  ('remove-old-thoughts', '*/10 * * * *', 'private.agents_to_trim()',
  'select private.trim_agent($1::uuid)', '5 minutes',
    'Removes thoughts and executions of agents that are older than the plan keeps');

insert into private.jobs (name, schedule, command, timeout, description) values
  ('refresh-usage', '*/10 * * * *', 'select private.advance_watermark()', '2 minutes',
    'Rolls up usage that is old enough to be final'),
  ('drop-partitions', '45 * * * *', 'select private.drop_old_measurements()', '1 minute',
    'Drops the months of measurements that no plan keeps any longer'),
  ('create-partitions', '15 0 * * *', 'select private.create_partitions_ahead()', '1 minute',
    'Creates the partitions of the next three months'),
  ('clean-job-log', '40 3 * * *', 'select private.clean_job_log()', '2 minutes',
    'Deletes runs of jobs that are older than a week');

insert into private.jobs (name, schedule, command, timeout, description) values
  ('probe-agents', '*/5 * * * *', 'select private.enqueue_function_call(''/health/probe'')',
  '30 seconds',
    'Probes agents that no recent call has shown to be healthy'),
  ('reconcile-function-calls', '* * * * *', 'select private.reconcile_function_calls()',
  '30 seconds',
    'Records the results of calls to edge functions');
