import type postgres from "postgres";
import {
  completion,
  type Received,
  startUpstream,
  type UpstreamServer,
} from "../../functions/support/upstream_server.ts";

/** A vendor that is called with users' own keys: rows, and a provider on a loopback port. */
export interface KeyVendor extends AsyncDisposable {
  id: string;
  service: string;
  /** The name of the model in requests. */
  model: string;
  upstream: UpstreamServer;
  /** Valid keys; all others are refused with a message that quotes them. */
  good: Set<string>;
}

/** The key that a provider was called with. */
export function keyOf({ headers }: Received): string | undefined {
  return headers.get("authorization")?.replace("Bearer ", "");
}

/** Adds such a vendor, as an operator does: by rows alone. */
export async function startKeyVendor(sql: postgres.Sql): Promise<KeyVendor> {
  const id = `e2e_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
  const good = new Set<string>();
  const upstream = startUpstream((received) => {
    const key = keyOf(received);
    if (key === undefined || !good.has(key)) {
      const message = `Incorrect API key provided: ${key}`;
      return Response.json({ error: { message, code: "invalid_api_key" } }, { status: 401 });
    }
    return received.path.endsWith("/models") ? Response.json({ data: [] }) : completion("hi");
  });
  await sql`
    insert into public.vendors (id, name, base_url, key_pattern)
    values (${id}, ${`Vendor ${id}`}, ${upstream.baseUrl}, '^sk-e2e-[!-~]{8,}$')`;
  const service = `${id}_one`;
  await sql`
    insert into public.vendor_services (id, vendor_id, service_name, display_name)
    values (${service}, ${id}, 'one', 'One'), (${`${id}_two`}, ${id}, 'two', 'Two')`;
  // Shared keys can be used only for services with a price.
  await sql`
    insert into public.service_prices (service_id, valid_during, input_rate, output_rate)
    select services.id, tstzrange(now() - interval '1 hour', null), 1, 2
    from public.vendor_services services where services.vendor_id = ${id}`;
  return {
    id,
    service,
    model: `${id}/one`,
    upstream,
    good,
    async [Symbol.asyncDispose]() {
      // One with a history is retired, not deleted.
      await sql`update public.vendors set is_active = false where id = ${id}`;
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** A key that looks like one of the vendor's. */
export function newKey(good?: Set<string>): string {
  const key = `sk-e2e-${crypto.randomUUID()}`;
  good?.add(key);
  return key;
}
