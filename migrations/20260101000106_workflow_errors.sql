-- Codes of errors of webhooks, workflows, deployments and recordings, in the registry of the
-- chapter errors.

insert into private.error_codes (code, status, meaning, remedy)
values
  ('cron_never_fires', 400, 'The cron expression names a day that no month has.',
    'Choose a day that the month has.'),
  ('delivery_transition_refused', 409, 'A delivery cannot go from its status to this one.',
    'Send a dead delivery again with replay_webhook_deliveries().'),
  ('execution_of_another_organization', 422,
    'The execution that a request names belongs to another organization than the one that pays.',
    'Use an access key and an agent of the organization of the execution.'),
  ('invalid_cron', 400, 'The text is not a cron expression of five fields.',
    'Write minute, hour, day of the month, month and day of the week.'),
  ('invalid_signature', 401, 'No valid secret of the webhook signed the request.',
    'Sign "id.timestamp.body" with the current secret of the webhook.'),
  ('signature_expired', 401, 'The signature of the request is more than five minutes off.',
    'Sign each attempt again, with a clock that is right.'),
  ('storage_unavailable', 503, 'The project''s Storage does not answer.',
    'Try again later.'),
  ('too_many_invalid_signatures', 429, 'Too many invalid signatures came from this address.',
    'Send the request again after the time in Retry-After.'),
  ('too_many_webhooks', 409, 'The organization has as many webhooks as are allowed.',
    'Delete webhooks that are no longer used.'),
  ('webhook_not_found', 404, 'There is no such webhook, or the caller may not manage it.',
    'Use an id from the table webhook_endpoints.'),
  ('webhook_url_refused', 400, 'The platform does not call this address.',
    'Use an https address of a public host, without a user name and without a port.'),
  ('workflow_not_callable', 409, 'The workflow has no webhook to call, or is paused.',
    'Set its webhook_endpoint_id and its status.');
