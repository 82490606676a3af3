begin;
select plan(3);

select private.notify(
  tests.id('alice'), types.id, 'Title', 'Message.', jsonb_build_object('about', 'this')
) from private.notification_types types;

select set_eq(
  $$ select type, priority, expires_at - created_at as kept_for, data ->> 'about' as about from public.notifications $$,
  $$ values
    ('agent_degraded', 'medium', interval '30 days', 'this'),
    ('agent_error', 'high', '30 days', 'this'),
    ('agent_recovered', 'medium', '30 days', 'this'),
    ('agent_status_change', 'low', '30 days', 'this'),
    ('api_key_out_of_credit', 'high', '30 days', 'this'),
    ('api_key_rejected', 'high', '90 days', 'this'),
    ('api_key_undecryptable', 'high', '90 days', 'this'),
    ('deployment_failed', 'high', '30 days', 'this'),
    ('deployment_success', 'medium', '30 days', 'this'),
    ('oauth_connection_expired', 'medium', '30 days', 'this'),
    ('oauth_needs_reauth', 'high', '30 days', 'this'),
    ('rate_limit_warning', 'medium', '1 day', 'this'),
    ('service_ending', 'medium', '90 days', 'this'),
    ('budget_warning', 'medium', '30 days', 'this'),
    ('api_key_out_of_credit', 'high', '30 days', 'this'),
    ('invitation_accepted', 'low', '30 days', 'this'),
    ('webhook_disabled', 'high', '90 days', 'this'),
    ('webhook_failed', 'high', '30 days', 'this'),
    ('workflow_error', 'high', '30 days', 'this') $$,
  'the type gives priority and expiry'
);

delete from public.notifications;
select private.notify(tests.id('alice'), 'agent_status_change', 'Title', 'Message.', '{}', 'critical');
select is(
  (select priority from public.notifications), 'critical', 'a priority that is named goes first'
);

update public.notifications
set created_at = created_at - interval '31 days', expires_at = expires_at - interval '31 days';
select private.delete_expired('notifications:' || tests.id('alice'));
select is_empty('select from public.notifications', 'and what has expired is deleted');

select * from finish();
rollback;
