import { z } from "zod";
import type { Env } from "../../../../functions/_shared/core/env.ts";
import { type Finding, findingsOf } from "../finding.ts";

const dataApi = findingsOf("data-api");
const redis = findingsOf("redis");
const vendors = findingsOf("vendors");

/** Milliseconds within which a server must answer. */
const patience = 5_000;

const vendorsSchema = z.array(z.object({ id: z.string(), auth_type: z.string() }));

/** Asks the Data API for the vendors, and looks for their credentials. */
export async function checkDataApi(env: Env): Promise<Finding[]> {
  const url = `${env.supabaseUrl}/rest/v1/vendors?select=id,auth_type&is_active=is.true&order=id`;
  const headers = { apikey: env.secretKey };
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(patience) });
    const body: unknown = await response.json().catch(() => null);
    if (response.status === 401 || response.status === 403) {
      return [dataApi.error(
        "The secret key is refused. Set SUPABASE_SECRET_KEYS to the keys of this project.",
      )];
    }
    const known = vendorsSchema.safeParse(body);
    if (!response.ok || !known.success) {
      return [dataApi.error(
        `SUPABASE_URL answers with status ${response.status}. Check the address and the migrations.`,
      )];
    }
    return [dataApi.ok("The Data API accepts the secret key."), ...checkVendors(known.data, env)];
  } catch (thrown) {
    return [
      dataApi.error(`SUPABASE_URL does not answer (${reasonOf(thrown)}). Check the address.`),
    ];
  }
}

function checkVendors(known: z.infer<typeof vendorsSchema>, env: Env): Finding[] {
  const without = known.filter(({ id, auth_type }) => {
    const kind = auth_type === "oauth" ? "SERVICE_ACCOUNT" : "API_KEY";
    return !env.variables.has(`${id.toUpperCase()}_${kind}`);
  }).map(({ id }) => id);
  if (without.length === 0) return [vendors.ok("Every vendor has a credential.")];
  if (env.demoUpstreamUrl) return [vendors.ok("The demo model answers for other vendors.")];
  return [vendors.warning(
    `No credential of the platform for ${
      without.join(", ")
    }: only users' own keys work there. Set <VENDOR>_API_KEY.`,
  )];
}

/** Sends PING to Redis, where there is one. */
export async function checkRedis({ variables }: Env): Promise<Finding[]> {
  const url = variables.get("UPSTASH_REDIS_REST_URL");
  const token = variables.get("UPSTASH_REDIS_REST_TOKEN");
  if (!url || !token) {
    return [redis.ok("Redis is not configured: Postgres counts rate limits, nothing is cached.")];
  }
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(["PING"]),
      signal: AbortSignal.timeout(patience),
    });
    await response.body?.cancel();
    if (response.ok) return [redis.ok("Redis answers.")];
    const advice = response.status === 401 ? "UPSTASH_REDIS_REST_TOKEN" : "UPSTASH_REDIS_REST_URL";
    return [redis.error(`Redis answers with status ${response.status}. Check ${advice}.`)];
  } catch (thrown) {
    return [redis.error(
      `Redis does not answer (${reasonOf(thrown)}). Check UPSTASH_REDIS_REST_URL.`,
    )];
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
