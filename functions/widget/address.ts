import ipaddr from "ipaddr.js";
import { clientAddress } from "../_shared/auth/caller.ts";

/**
 * The client's network address, in a form that Postgres accepts; null if the host's proxy does not
 * send a valid one.
 *
 * @param header The header that the proxy sets.
 */
export function readAddress(request: Request, header: string): string | null {
  const address = clientAddress(request, header)?.replace(/%.*$/, "");
  return address && ipaddr.isValid(address) ? ipaddr.process(address).toString() : null;
}
