import ipaddr from "ipaddr.js";

/** In a public range, but only reachable inside a cloud: Azure's metadata server. */
const METADATA = new Set(["168.63.129.16"]);

/** The range of public addresses; the rest of IPv6 is reserved. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * Whether an address belongs to the public internet: not to this machine, a private or a link-local
 * network, a cloud's metadata server, or one of the ranges that wrap another address.
 *
 * @param address As a resolver or a URL's `hostname` writes it, without brackets.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== "unicast" || METADATA.has(parsed.toString())) return false;
  return parsed.kind() === "ipv4" || parsed.match(GLOBAL_UNICAST);
}

/** Whether a host is an address, and not a name. */
export function isAddress(host: string): boolean {
  return ipaddr.isValid(host);
}
