begin;
select plan(17);

insert into public.webhook_endpoints (id, organization_id, name, kind, url_preview, encrypted_url) values
  ('e1000000-0000-4000-8000-000000000001', tests.id('acme'), 'One', 'webhook', 'https://one.example',
    'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA');

-- Every change of a delivery from every status to every status; clients make none.
create function pg_temp.try(old_status text, new_status text)
returns text
language plpgsql
as $$
declare
  refusal text;
  delivery uuid := private.enqueue_webhook('e1000000-0000-4000-8000-000000000001', 'probe.sent', '{}');
begin
  update public.webhook_deliveries
  set status = old_status, delivered_at = case old_status when 'delivered' then now() end
  where id = delivery and old_status <> 'pending';
  perform tests.act_as_service();
  begin
    update public.webhook_deliveries
    set status = new_status, delivered_at = case new_status when 'delivered' then now() end
    where id = delivery;
  exception when others then
    get stacked diagnostics refusal = pg_exception_detail;
  end;
  perform tests.reset();
  return format(
    '%s, %s', coalesce(refusal, 'taken'), (select status from public.webhook_deliveries where id = delivery)
  );
end
$$;
select is(
  pg_temp.try(old_status, new_status),
  case
    when old_status = new_status or old_status = 'pending' or (old_status, new_status) = ('dead', 'pending')
      then 'taken, ' || new_status
    else 'delivery_transition_refused, ' || old_status
  end,
  format('%s becomes %s', old_status, new_status)
)
from unnest(array['pending', 'delivered', 'dead', 'canceled']) old_status
cross join unnest(array['pending', 'delivered', 'dead', 'canceled']) new_status;
select tests.act_as('alice');
select tests.denied('update public.webhook_deliveries set status = ''delivered''', 'an owner changes none');

select * from finish();
rollback;
