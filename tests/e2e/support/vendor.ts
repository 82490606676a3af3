import {
  type Answer,
  startUpstream,
  type UpstreamServer,
} from "../../functions/support/upstream_server.ts";
import { addVendor, removeVendor } from "./fault_vendor.ts";
import { openDatabase } from "./stack.ts";

/** The vendor for whose calls the stack under test has a credential. */
const VENDOR = "e2e_upstream";

/** A separate vendor for a test: rows in the catalogue, and a provider on a loopback port. */
export interface OwnVendor extends AsyncDisposable {
  /** The name of the model in requests. */
  model: string;
  /** Id of the platform agent that sells it. */
  agentId: string;
  upstream: UpstreamServer;
}

/** Adds a vendor that answers as given. */
export async function startVendor(answer: Answer, kind = "chat"): Promise<OwnVendor> {
  const upstream = startUpstream(answer);
  const database = openDatabase();
  const vendor = await addVendor(database.sql, VENDOR, upstream.baseUrl);
  await database.sql`
    update public.vendor_services set service_kind = ${kind} where id = ${vendor.service}`;
  return {
    model: vendor.agent.name,
    agentId: vendor.agent.id,
    upstream,
    async [Symbol.asyncDispose]() {
      await removeVendor(database.sql, vendor);
      await database[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}
