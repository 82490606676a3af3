-- The current state of what 000556_agent_voices.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.check_agent_voice()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  voices text[];
begin
  select array_agg(distinct voice order by voice) into voices
  from public.vendor_services services
  cross join lateral unnest(services.voices) as voice
  where services.vendor_id = new.voice_provider
    and services.service_kind = 'speech'
    -- Where one of them takes any voice, so does the vendor.
    and not exists (
      select from public.vendor_services others
      where others.vendor_id = services.vendor_id and others.service_kind = 'speech'
        and others.is_active and others.voices is null
    );
  if new.voice_id <> all (voices) then
    perform private.refuse(
      'agent_config_invalid',
      format('The configuration of the agent is invalid: %s has no voice "%s".',
        new.voice_provider, left(new.voice_id, 100)),
      'Use one of ' || array_to_string(voices, ', ') || '.',
      jsonb_build_object('problems', jsonb_build_array(
        format('voice.voice_id must be a voice of %s', new.voice_provider)
      ))
    );
  end if;
  return new;
end
$body$;
