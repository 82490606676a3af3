-- The jobs themselves.

insert into private.jobs (name, schedule, items, command, timeout, description) values
  ('sweep-turns', '* * * * *', 'private.turns_to_sweep()', 'select private.sweep_turn($1::uuid)',
  '50 seconds',
    'Fails the turns of chat that nobody settled, and frees what was set aside for them'),
  ('purge-organizations', '35 * * * *', 'private.organizations_to_purge()',
    'select private.purge_organization($1::uuid)', '5 minutes',
    'Removes organizations that were deleted longer ago than they can be restored, with '
    'everything in them'),
  ('begin-budget-periods', '* * * * *', 'private.budgets_to_begin()',
  'select private.begin_budget_periods($1::uuid)', '50 seconds',
    'Begins a new day or month in budgets'),
  ('release-reservations', '*/5 * * * *', 'private.reservations_to_release()',
  'select private.release_reservations($1::uuid)', '50 seconds',
    'Frees what is set aside in budgets for turns that no longer run'),
  ('catch-up-usage', '*/10 * * * *', 'private.calendars_to_catch_up()',
  'select private.catch_up_calendar($1::bigint)', '5 minutes',
    'Counts late changes of usage, and organizations whose time zone changed'),
  ('remove-orphaned-usage', '*/10 * * * *', 'private.orphaned_usage()',
  'select private.remove_orphaned_usage($1::bigint)', '2 minutes',
    'Removes counts of usage that came to nothing, or belong to a time zone that an organization '
    'had before'),
  -- By then yesterday is over in the westernmost time zone too.
  ('record-agent-metrics', '25 12 * * *', 'private.unmeasured_days()',
  'select public.record_agent_metrics($1::date)', '5 minutes',
    'Measures the days of the last week that are not measured yet, agent by agent'),
  ('score-agents', '20 * * * *', 'private.agents_to_score()',
  'select private.score_agents_of($1::uuid)', '2 minutes',
    'Computes the activity scores of agents'),
  ('delete-expired', '*/10 * * * *', 'private.expired_rows()', 'select private.delete_expired($1)',
  '2 minutes',
    'Ends idle sessions; deletes those of MCP, invitations, replaced secrets, notifications and '
    'stored answers that are over'),
  ('apply-retention', '*/10 * * * *', 'private.organizations_to_trim()',
  'select private.apply_retention($1::uuid)', '5 minutes',
    'Removes conversations and interactions that plans keep no longer'),
  ('remove-old-thoughts', '*/10 * * * *', 'private.agents_to_trim()',
  'select private.trim_agent($1::uuid)', '5 minutes',
    'Removes what agents thought and executed and plans keep no longer');

insert into private.jobs (name, schedule, command, timeout, description) values
  ('refresh-usage', '*/10 * * * *', 'select private.advance_watermark()', '2 minutes',
    'Counts the usage that is old enough to be counted'),
  ('drop-partitions', '45 * * * *', 'select private.drop_old_measurements()', '1 minute',
    'Drops the months of measurements that no plan keeps any longer'),
  ('create-partitions', '15 0 * * *', 'select private.create_partitions_ahead()', '1 minute',
    'Makes the partitions of the next three months'),
  ('clean-job-log', '40 3 * * *', 'select private.clean_job_log()', '2 minutes',
    'Deletes runs of jobs that are older than a week');

insert into private.jobs (name, schedule, command, timeout, description) values
  ('probe-agents', '*/5 * * * *', 'select private.dispatch(''/health/probe'')', '30 seconds',
    'Has the agents probed that no call has proved healthy'),
  ('reconcile-dispatches', '* * * * *', 'select private.reconcile_dispatches()', '30 seconds',
    'Writes down what became of calls to edge functions');
