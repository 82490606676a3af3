-- Voices of agents: each is one of its vendor's.

create function private.check_agent_voice()
returns trigger
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.check_agent_voice() is
  'Trigger: refuses a voice that the vendor voice_provider does not have, where its services list '
  'their voices. Not for the owner of the database, who imports agents as they are. Errors: PT400 '
  'agent_config_invalid.';
create trigger check_agent_voice before insert or update of voice_provider, voice_id
  on public.agents
  for each row
  when (
    new.voice_provider is not null and new.voice_id is not null
    and nullif(current_setting('request.jwt.claims', true), '') is not null
  )
  execute function private.check_agent_voice();
