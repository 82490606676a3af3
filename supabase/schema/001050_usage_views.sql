-- The current state of what 001050_usage_views.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Views ------------------------------------------------------------------------------------------

create view private.usage_realtime with (security_invoker=true) as
 SELECT ((deltas.started_at AT TIME ZONE calendars.timezone))::date AS date,
    calendars.organization_id,
    deltas.user_id,
    deltas.agent_id,
    deltas.vendor_id,
    deltas.model_name,
    deltas.interactions,
    deltas.failed,
    deltas.unpriced,
    deltas.recorded,
    deltas.input_tokens,
    deltas.output_tokens,
    deltas.total_cost,
    deltas.recorded_cost,
    deltas.duration_minutes,
    deltas.satisfaction_sum,
    deltas.satisfaction_count,
    deltas.usefulness_sum,
    deltas.usefulness_count
   FROM (public.usage_deltas deltas
     JOIN public.usage_calendars calendars ON ((calendars.organization_id = deltas.organization_id)))
  WHERE (deltas.started_at < LEAST(calendars.rolled_up_until, ( SELECT private.current_watermark() AS current_watermark)))
UNION ALL
 SELECT ((usage.started_at AT TIME ZONE calendars.timezone))::date AS date,
    calendars.organization_id,
    usage.user_id,
    usage.agent_id,
    usage.vendor_id,
    usage.model_name,
    usage.interactions,
    usage.failed,
    usage.unpriced,
    usage.recorded,
    usage.input_tokens,
    usage.output_tokens,
    usage.total_cost,
    usage.recorded_cost,
    usage.duration_minutes,
    usage.satisfaction_sum,
    usage.satisfaction_count,
    usage.usefulness_sum,
    usage.usefulness_count
   FROM (private.interaction_usage usage
     JOIN public.usage_calendars calendars ON ((calendars.organization_id = usage.organization_id)))
  WHERE ((usage.started_at >= ( SELECT private.current_watermark() AS current_watermark)) AND (usage.started_at <= 'infinity'::timestamp with time zone))
UNION ALL
 SELECT ((usage.started_at AT TIME ZONE calendars.timezone))::date AS date,
    calendars.organization_id,
    usage.user_id,
    usage.agent_id,
    usage.vendor_id,
    usage.model_name,
    usage.interactions,
    usage.failed,
    usage.unpriced,
    usage.recorded,
    usage.input_tokens,
    usage.output_tokens,
    usage.total_cost,
    usage.recorded_cost,
    usage.duration_minutes,
    usage.satisfaction_sum,
    usage.satisfaction_count,
    usage.usefulness_sum,
    usage.usefulness_count
   FROM (public.usage_calendars calendars
     JOIN private.interaction_usage usage ON (((usage.organization_id = calendars.organization_id) AND (usage.started_at >= calendars.rolled_up_until) AND (usage.started_at < ( SELECT private.current_watermark() AS current_watermark)))))
  WHERE ((calendars.rolled_up_until < 'infinity'::timestamp with time zone) AND ( SELECT (EXISTS ( SELECT
                   FROM public.usage_calendars behind
                  WHERE (behind.rolled_up_until < 'infinity'::timestamp with time zone))) AS "exists"));
grant select on private.usage_realtime to authenticated;
grant select on private.usage_realtime to service_role;

create view public.agent_usage with (security_invoker=true) as
 SELECT rollup.agent_id,
    rollup.organization_id,
    rollup.interactions,
    rollup.failed,
    rollup.unpriced,
    rollup.recorded,
    rollup.input_tokens,
    rollup.output_tokens,
    rollup.total_cost,
    rollup.recorded_cost,
    rollup.duration_minutes,
    rollup.satisfaction_sum,
    rollup.satisfaction_count,
    rollup.usefulness_sum,
    rollup.usefulness_count
   FROM public.usage_agent_rollup rollup
  WHERE (rollup.calendar_id <> ALL (ARRAY( SELECT private.stale_calendars() AS stale_calendars)))
UNION ALL
 SELECT usage.agent_id,
    usage.organization_id,
    usage.interactions,
    usage.failed,
    usage.unpriced,
    usage.recorded,
    usage.input_tokens,
    usage.output_tokens,
    usage.total_cost,
    usage.recorded_cost,
    usage.duration_minutes,
    usage.satisfaction_sum,
    usage.satisfaction_count,
    usage.usefulness_sum,
    usage.usefulness_count
   FROM private.usage_realtime usage
  WHERE (usage.agent_id IS NOT NULL);
grant select on public.agent_usage to authenticated;
grant select on public.agent_usage to service_role;

create view public.agent_usage_daily with (security_invoker=true) as
 SELECT agent_id,
    organization_id,
    date,
    (sum(interactions))::integer AS total_interactions,
    (sum(failed))::integer AS failed_interactions,
    (count(user_id))::integer AS unique_users,
    sum(total_cost) AS total_cost,
    sum(recorded_cost) AS recorded_cost,
    (sum(input_tokens))::bigint AS total_input_tokens,
    (sum(output_tokens))::bigint AS total_output_tokens
   FROM ( SELECT usage.agent_id,
            usage.organization_id,
            usage.date,
            usage.user_id,
            sum(usage.interactions) AS interactions,
            sum(usage.failed) AS failed,
            sum(usage.unpriced) AS unpriced,
            sum(usage.recorded) AS recorded,
            sum(usage.input_tokens) AS input_tokens,
            sum(usage.output_tokens) AS output_tokens,
            sum(usage.total_cost) AS total_cost,
            sum(usage.recorded_cost) AS recorded_cost,
            sum(usage.duration_minutes) AS duration_minutes,
            sum(usage.satisfaction_sum) AS satisfaction_sum,
            sum(usage.satisfaction_count) AS satisfaction_count,
            sum(usage.usefulness_sum) AS usefulness_sum,
            sum(usage.usefulness_count) AS usefulness_count
           FROM public.daily_usage usage
          WHERE (usage.agent_id IS NOT NULL)
          GROUP BY usage.agent_id, usage.organization_id, usage.date, usage.user_id
         HAVING (sum(usage.interactions) > (0)::numeric)) people
  GROUP BY agent_id, organization_id, date;
grant select on public.agent_usage_daily to authenticated;
grant select on public.agent_usage_daily to service_role;

create view public.ai_usage_stats with (security_invoker=true) as
 SELECT (md5(((people.id)::text || (days.date)::text)))::uuid AS id,
    people.id AS user_id,
    days.date,
    days.total_interactions,
    days.unique_agents_used,
    days.total_duration_minutes,
    COALESCE(features.usage, '{}'::jsonb) AS feature_usage,
    COALESCE(vendors.usage, '{}'::jsonb) AS vendor_usage,
    days.total_cost,
    days.recorded_cost,
    days.total_input_tokens,
    days.total_output_tokens,
    days.avg_satisfaction,
    days.avg_usefulness
   FROM (((public.profiles people
     CROSS JOIN LATERAL ( SELECT parts.date,
            (sum(parts.interactions))::integer AS total_interactions,
            (count(DISTINCT parts.agent_id))::integer AS unique_agents_used,
            (sum(parts.duration_minutes))::bigint AS total_duration_minutes,
            sum(parts.total_cost) AS total_cost,
            sum(parts.recorded_cost) AS recorded_cost,
            (sum(parts.input_tokens))::bigint AS total_input_tokens,
            (sum(parts.output_tokens))::bigint AS total_output_tokens,
            ((sum(parts.satisfaction_sum) / NULLIF(sum(parts.satisfaction_count), (0)::numeric)))::real AS avg_satisfaction,
            ((sum(parts.usefulness_sum) / NULLIF(sum(parts.usefulness_count), (0)::numeric)))::real AS avg_usefulness,
            array_agg(parts.agent_id) AS agents,
            array_agg(parts.vendor_id) AS vendors,
            array_agg(parts.interactions) AS interactions,
            array_agg(parts.total_cost) AS costs
           FROM ( SELECT usage.date,
                    usage.agent_id,
                    usage.vendor_id,
                    sum(usage.interactions) AS interactions,
                    sum(usage.failed) AS failed,
                    sum(usage.unpriced) AS unpriced,
                    sum(usage.recorded) AS recorded,
                    sum(usage.input_tokens) AS input_tokens,
                    sum(usage.output_tokens) AS output_tokens,
                    sum(usage.total_cost) AS total_cost,
                    sum(usage.recorded_cost) AS recorded_cost,
                    sum(usage.duration_minutes) AS duration_minutes,
                    sum(usage.satisfaction_sum) AS satisfaction_sum,
                    sum(usage.satisfaction_count) AS satisfaction_count,
                    sum(usage.usefulness_sum) AS usefulness_sum,
                    sum(usage.usefulness_count) AS usefulness_count
                   FROM public.daily_usage usage
                  WHERE (usage.user_id = people.id)
                  GROUP BY usage.date, usage.agent_id, usage.vendor_id
                 HAVING (sum(usage.interactions) > (0)::numeric)) parts
          GROUP BY parts.date) days)
     LEFT JOIN LATERAL ( SELECT jsonb_object_agg(per_feature.feature_id, per_feature.interactions) AS usage
           FROM ( SELECT mappings.feature_id,
                    sum(per_agent.interactions) AS interactions
                   FROM (UNNEST(days.agents, days.interactions) per_agent(agent_id, interactions)
                     JOIN public.agent_feature_mappings mappings ON ((mappings.agent_id = per_agent.agent_id)))
                  GROUP BY mappings.feature_id) per_feature) features ON (true))
     LEFT JOIN LATERAL ( SELECT jsonb_object_agg(per_vendor.vendor_id, jsonb_build_object('interactions', per_vendor.interactions, 'cost', trim_scale(per_vendor.cost))) AS usage
           FROM ( SELECT parts.vendor_id,
                    sum(parts.interactions) AS interactions,
                    sum(parts.cost) AS cost
                   FROM UNNEST(days.vendors, days.interactions, days.costs) parts(vendor_id, interactions, cost)
                  WHERE (parts.vendor_id IS NOT NULL)
                  GROUP BY parts.vendor_id) per_vendor) vendors ON (true));
grant select on public.ai_usage_stats to authenticated;
grant select on public.ai_usage_stats to service_role;

create view public.daily_usage with (security_invoker=true) as
 SELECT rollup.date,
    rollup.organization_id,
    rollup.user_id,
    rollup.agent_id,
    rollup.vendor_id,
    rollup.model_name,
    rollup.interactions,
    rollup.failed,
    rollup.unpriced,
    rollup.recorded,
    rollup.input_tokens,
    rollup.output_tokens,
    rollup.total_cost,
    rollup.recorded_cost,
    rollup.duration_minutes,
    rollup.satisfaction_sum,
    rollup.satisfaction_count,
    rollup.usefulness_sum,
    rollup.usefulness_count
   FROM public.usage_daily_rollup rollup
  WHERE (rollup.calendar_id <> ALL (ARRAY( SELECT private.stale_calendars() AS stale_calendars)))
UNION ALL
 SELECT usage_realtime.date,
    usage_realtime.organization_id,
    usage_realtime.user_id,
    usage_realtime.agent_id,
    usage_realtime.vendor_id,
    usage_realtime.model_name,
    usage_realtime.interactions,
    usage_realtime.failed,
    usage_realtime.unpriced,
    usage_realtime.recorded,
    usage_realtime.input_tokens,
    usage_realtime.output_tokens,
    usage_realtime.total_cost,
    usage_realtime.recorded_cost,
    usage_realtime.duration_minutes,
    usage_realtime.satisfaction_sum,
    usage_realtime.satisfaction_count,
    usage_realtime.usefulness_sum,
    usage_realtime.usefulness_count
   FROM private.usage_realtime;
grant select on public.daily_usage to authenticated;
grant select on public.daily_usage to service_role;
