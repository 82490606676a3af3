-- The current state of what 000808_refused_routes.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.refuse_kind(kind text, target private.chat_target)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  obstacle jsonb := private.unroutable_reason(refuse_kind.target);
  message text := obstacle ->> 'message';
  hint text := obstacle ->> 'hint';
begin
  perform case refuse_kind.kind
    when 'embedding' then private.refuse(
      'agent_cannot_embed', coalesce(message, 'This model does not support embeddings.'),
      coalesce(
        hint, 'Choose an embedding model; GET /models lists the models that you may use.'
      )
    )
    when 'image' then private.refuse(
      'agent_cannot_make_images',
      coalesce(message, 'This model does not support image generation.'),
      coalesce(
        hint, 'Choose an image model; GET /models lists the models that you may use.'
      )
    )
    when 'moderation' then private.refuse(
      'agent_cannot_moderate', coalesce(message, 'This model does not support moderation.'),
      coalesce(
        hint, 'Choose a moderation model; GET /models lists the models that you may use.'
      )
    )
    when 'speech' then private.refuse(
      'agent_cannot_speak', coalesce(message, 'This model does not support speech.'),
      coalesce(
        hint, 'Choose a speech model; GET /models lists the models that you may use.'
      )
    )
    when 'transcription' then private.refuse(
      'agent_cannot_transcribe',
      coalesce(message, 'This model does not support transcription.'),
      coalesce(
        hint, 'Choose a transcription model; GET /models lists the models that you may use.'
      )
    )
    else private.refuse(
      'agent_cannot_chat', coalesce(message, 'This model does not support chat.'),
      coalesce(hint, 'GET /models lists the models that you may use.')
    )
  end;
end
$body$;
grant execute on function private.refuse_kind(text,private.chat_target) to service_role;

create function private.refuse_routes(refused_until timestamp with time zone, without_key text, without_price text, kind text, target private.chat_target)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if refuse_routes.refused_until is not null then
    perform private.refuse(
      'circuit_open', 'This agent''s model keeps failing and is not called for a short time.',
      'Try again later, or choose another model.',
      jsonb_build_object(
        'retry_after_ms',
        greatest(
          ceil(extract(epoch from refuse_routes.refused_until - clock_timestamp()) * 1000), 1000
        )
      )
    );
  elsif without_price is not null then
    perform private.refuse(
      'model_not_priced',
      format(
        'The model of "%s" has no known price, so it can only be called with your own key.',
        refuse_routes.without_price
      ),
      'Store your own key for its vendor, or choose another model.'
    );
  elsif refuse_routes.without_key is not null then
    perform private.refuse(
      'no_vendor_key', format('You have no key for the vendor "%s".', refuse_routes.without_key),
      'Store one, switch to an organization that shares one, or choose a platform agent''s model.'
    );
  end if;
  perform private.refuse_kind(refuse_routes.kind, refuse_routes.target);
end
$body$;
grant execute on function private.refuse_routes(timestamp with time zone,text,text,text,private.chat_target) to service_role;

create function private.unroutable_reason(target private.chat_target)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  agent public.agents;
  service public.vendor_services;
  vendor public.vendors;
begin
  select agents.* into agent from public.agents where agents.id = unroutable_reason.target.agent_id;
  if private.is_stranger_to(agent) or private.visitor_session_id() is not null then
    return null;
  end if;
  agent := private.agent_for_caller(agent);
  select services.* into service
  from public.vendor_services services
  where services.id = unroutable_reason.target.service_id;
  select vendors.* into vendor
  from public.vendors
  where vendors.id = coalesce(service.vendor_id, agent.vendor_id);
  return case
    when vendor.id is null then jsonb_build_object(
      'message', format('The agent "%s" has no vendor to call.', agent.name),
      'hint', 'Set agents.vendor_id and agents.model_name, or choose another model.'
    )
    when not vendor.is_active then jsonb_build_object(
      'message', format('The vendor "%s" of this model is disabled.', vendor.id),
      'hint', 'Choose a model of another vendor; GET /models lists the models that you may use.'
    )
    when service.id is not null and private.current_service(service.id) is null
      then jsonb_build_object(
        'message', case when service.retired_on <= current_date
          then format(
            'The model "%s" was retired on %s, and no successor is available.',
            service.service_name, service.retired_on
          )
          else format('The model "%s" is disabled.', service.service_name) end,
        'hint', 'Choose another model; GET /models lists the models that you may use.'
      )
    when service.id is null and agent.model_name is null
      and unroutable_reason.target.model_id is null
      then jsonb_build_object(
        'message', format('The agent "%s" has no model.', agent.name),
        'hint', 'Set agents.model_name, or choose another model.'
      )
  end;
end
$body$;
grant execute on function private.unroutable_reason(private.chat_target) to service_role;
