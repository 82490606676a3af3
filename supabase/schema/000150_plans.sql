-- The current state of what 000150_plans.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.plans (
  id text not null,
  name text not null,
  requests_per_minute integer not null,
  user_requests_per_minute integer not null,
  conversation_days integer,
  interaction_days integer,
  measurement_days integer,
  audit_days integer,
  platform_credential text default 'none'::text not null,
  platform_credential_usd numeric(20,10) default 10 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint plans_pkey PRIMARY KEY (id),
  constraint plan_id_is_lower_case_words CHECK ((id ~ '^[a-z][a-z0-9_]{0,49}$'::text)),
  constraint plan_keeps_interactions_for_two_months CHECK ((interaction_days >= 62)),
  constraint plan_keeps_the_rest_for_a_day CHECK (((conversation_days >= 1) AND (measurement_days >= 1) AND (audit_days >= 1))),
  constraint plan_limits_are_positive CHECK (((requests_per_minute > 0) AND (user_requests_per_minute > 0))),
  constraint platform_credential_is_known CHECK ((platform_credential = ANY (ARRAY['none'::text, 'priced_catalogue'::text]))),
  constraint platform_credential_limit_is_positive CHECK (((platform_credential_usd > (0)::numeric) AND (platform_credential_usd <> 'NaN'::numeric)))
);
alter table public.plans enable row level security;
create policy "Anyone reads plans" on public.plans
  as permissive for select to anon, authenticated
  using (true);
grant delete, insert, select, update on public.plans to service_role;
grant select on public.plans to anon;
grant select on public.plans to authenticated;
CREATE TRIGGER record_audit_change AFTER UPDATE OF name, requests_per_minute, user_requests_per_minute, conversation_days, interaction_days, measurement_days, audit_days, platform_credential, platform_credential_usd ON public.plans FOR EACH ROW WHEN (((((((((((old.name IS DISTINCT FROM new.name) OR (old.requests_per_minute IS DISTINCT FROM new.requests_per_minute)) OR (old.user_requests_per_minute IS DISTINCT FROM new.user_requests_per_minute)) OR (old.conversation_days IS DISTINCT FROM new.conversation_days)) OR (old.interaction_days IS DISTINCT FROM new.interaction_days)) OR (old.measurement_days IS DISTINCT FROM new.measurement_days)) OR (old.audit_days IS DISTINCT FROM new.audit_days)) OR (old.platform_credential IS DISTINCT FROM new.platform_credential)) OR (old.platform_credential_usd IS DISTINCT FROM new.platform_credential_usd)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.plans FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER update_plans_updated_at BEFORE UPDATE ON public.plans FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();
