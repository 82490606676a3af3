import ipaddr from "ipaddr.js";
import { clientAddress } from "../_shared/auth/caller.ts";

/**
 * The network address that a request came from, as Postgres reads one; null where the host's proxy does
 * not tell, or tells something else.
 *
 * @param header The header in which the proxy tells.
 */
export function readAddress(request: Request, header: string): string | null {
  const told = clientAddress(request, header)?.replace(/%.*$/, "");
  return told && ipaddr.isValid(told) ? ipaddr.process(told).toString() : null;
}
