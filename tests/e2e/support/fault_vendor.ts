import { ok } from "node:assert/strict";
import type postgres from "postgres";

/** Dollars per million tokens, and per request. The odd values make sums use all decimals. */
export const RATES = {
  input: "3.33333333",
  cached: "0.77777777",
  output: "13.13131313",
  request: "0.00000007",
} as const;

/** A vendor with one service and one platform agent that sells it, created for a test. */
export interface FaultVendor {
  vendor: string;
  service: string;
  agent: { id: string; name: string };
}

/**
 * Adds a vendor as an operator does: by rows alone. One that an earlier test added is as a new one.
 *
 * @param id Short name; the credential is `<ID>_API_KEY`.
 * @param baseUrl Where its API begins.
 * @param probePath What the health job calls, at a minute of its own; by default nothing, so that it
 * is not among the calls that a test counts.
 */
export async function addVendor(
  sql: postgres.Sql,
  id: string,
  baseUrl: string,
  probePath: string | null = null,
): Promise<FaultVendor> {
  await sql`
    insert into public.vendors (id, name, base_url, probe_path)
    values (${id}, ${id}, ${baseUrl}, ${probePath})
    on conflict (id) do update
    set base_url = excluded.base_url, probe_path = excluded.probe_path, usage_path = default,
      is_active = true`;
  const service = `${id}_${crypto.randomUUID().replaceAll("-", "")}`;
  await sql`
    insert into public.vendor_services (id, vendor_id, service_name, display_name, context_window)
    values (${service}, ${id}, ${service}, ${service}, 32000)`;
  await sql`
    insert into public.service_prices
      (service_id, valid_during, input_rate, cached_input_rate, output_rate, request_rate)
    values (${service}, tstzrange(now() - interval '1 hour', null),
      ${RATES.input}::numeric, ${RATES.cached}::numeric, ${RATES.output}::numeric, ${RATES.request}::numeric)`;
  return { vendor: id, service, agent: await addAgent(sql, id, service) };
}

/** Adds a platform agent that sells a service, with a circuit of its own. */
export async function addAgent(
  sql: postgres.Sql,
  vendor: string,
  service: string,
): Promise<{ id: string; name: string }> {
  const name = `agent-${crypto.randomUUID()}`;
  const [agent] = await sql<{ id: string }[]>`
    insert into public.agents (name, status, vendor_id, service_id, is_platform)
    values (${name}, 'active', ${vendor}, ${service}, true)
    returning id`;
  ok(agent);
  return { id: agent.id, name };
}

/** Retires a vendor's services and agents; the ledger keeps its rows. */
export async function removeVendor(
  sql: postgres.Sql,
  { vendor }: Pick<FaultVendor, "vendor">,
): Promise<void> {
  await sql`delete from public.agents where vendor_id = ${vendor}`;
  // Successful calls to this address must not count for the next test.
  await sql`update public.agent_executions set vendor_id = null where vendor_id = ${vendor}`;
  // One with a history is retired, not deleted.
  await sql`update public.vendors set is_active = false where id = ${vendor}`;
}

/** The cost of a call in units of 10⁻¹⁰ dollars, computed independently of the database. */
export function costOf(
  usage: { input_tokens: number; output_tokens: number; cached_input_tokens?: number },
): bigint {
  const cached = usage.cached_input_tokens ?? 0;
  // Rates have eight decimals and are for a million tokens: fourteen decimals in all.
  const lines = units(RATES.input) * BigInt(usage.input_tokens - cached) +
    units(RATES.cached) * BigInt(cached) +
    units(RATES.output) * BigInt(usage.output_tokens) +
    units(RATES.request) * 1_000_000n;
  return (lines + 5_000n) / 10_000n;
}

/** Dollars as the database writes them, in units of 10⁻¹⁰. */
export function dollars(text: string): bigint {
  const [whole = "0", decimals = ""] = text.split(".");
  return BigInt(whole + decimals.padEnd(10, "0"));
}

function units(rate: string): bigint {
  return BigInt(rate.replace(".", ""));
}
