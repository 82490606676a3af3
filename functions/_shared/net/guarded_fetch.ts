import { lookup } from "node:dns/promises";
import { ExchangeError, exchangeHttp } from "./http1_client.ts";
import { isAddress, isPublicAddress } from "./public_address.ts";

/** Why a call was not made, or failed. */
export type GuardCode =
  /** Neither https nor the http of a trusted host, or a URL that carries a name or a password. */
  | "url_forbidden"
  /** A port other than 443, on a host that is not trusted. */
  | "port_forbidden"
  /** An address outside of the public internet. Nothing was sent. */
  | "address_forbidden"
  /** The answer is a redirect, which is not followed. */
  | "redirect_refused"
  | "answer_too_large"
  | "answer_unreadable"
  | "timeout"
  /**
   * The name does not resolve, the connection failed or broke, or the certificate does not match.
   */
  | "unreachable";

/** A guarded call that failed. Its message names the host and quotes nothing of the answer. */
export class GuardedFetchError extends Error {
  override readonly name = "GuardedFetchError";
  readonly code: GuardCode;

  constructor(code: GuardCode, host: string | undefined, reason: string, cause?: unknown) {
    const address = host === undefined ? "this address" : `"${host}"`;
    super(`Cannot call ${address}: ${reason}.`, { cause });
    this.code = code;
  }
}

/** Options of {@linkcode createGuardedFetch}. */
export interface GuardedFetchOptions {
  /**
   * Hosts that the operator trusts, as `host` or `host:port`. They may be private, use any port,
   * and use http.
   */
  trustedHosts?: readonly string[];
  /** Milliseconds for the whole call, from the look-up of the name to the end of the answer. */
  timeoutMs?: number;
  /** Most bytes of an answer; null to read only its status and headers. */
  maxBytes?: number | null;
  /** All addresses of a name. */
  resolve?: (hostname: string) => Promise<string[]>;
  /** Opens a connection to an address; `startTls` verifies the certificate for the name. */
  connect?: (options: { hostname: string; port: number }) => Promise<Deno.TcpConn>;
  startTls?: (connection: Deno.TcpConn, options: Deno.StartTlsOptions) => Promise<Deno.TlsConn>;
}

/** As `fetch`, but guarded: see {@linkcode createGuardedFetch}. */
export type GuardedFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

const HTTPS_PORT = 443;

/** Default limits of a call: milliseconds, and bytes of an answer. */
export const GUARDED_FETCH_LIMITS = { timeoutMs: 10_000, maxBytes: 1024 * 1024 };

/**
 * Creates a `fetch` for URLs from users, which must not reach the server's own network (SSRF).
 *
 * The name is resolved here, every address of it must be public, and the connection goes to one of
 * exactly these, which prevents DNS rebinding. TLS is checked against the name. No redirect is
 * followed, no proxy is used. The answer is returned whole, within limits of time and size.
 *
 * @returns Rejects with {@linkcode GuardedFetchError}.
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const {
    trustedHosts = [],
    timeoutMs = GUARDED_FETCH_LIMITS.timeoutMs,
    maxBytes = GUARDED_FETCH_LIMITS.maxBytes,
    resolve = resolveAll,
    connect = Deno.connect,
    startTls = Deno.startTls,
  } = options;
  const trusted = new Set(trustedHosts.map((host) => host.toLowerCase()));

  async function open(url: URL, signal: AbortSignal): Promise<Deno.Conn> {
    const hostname = hostnameOf(url);
    const addresses = await addressesOf(url, hostname);
    const port = Number(url.port || (url.protocol === "https:" ? HTTPS_PORT : 80));
    let failure: unknown;
    for (const address of addresses) {
      try {
        signal.throwIfAborted();
        const connection = await connect({ hostname: address, port });
        if (url.protocol === "http:") return connection;
        return await secure(connection, hostname, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        failure = thrown;
      }
    }
    throw failure;
  }

  async function addressesOf(url: URL, hostname: string): Promise<string[]> {
    const addresses = await resolve(hostname);
    if (!isTrusted(url, trusted) && !addresses.every(isPublicAddress)) {
      throw new GuardedFetchError("address_forbidden", url.host, "its address is not a public one");
    }
    return addresses;
  }

  async function secure(
    connection: Deno.TcpConn,
    hostname: string,
    signal: AbortSignal,
  ): Promise<Deno.TlsConn> {
    const end = () => close(connection);
    signal.addEventListener("abort", end);
    try {
      return await startTls(connection, { hostname, alpnProtocols: ["http/1.1"] });
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  async function call(request: Request, url: URL, signal: AbortSignal): Promise<Response> {
    const connection = await open(url, signal);
    const end = () => close(connection);
    signal.addEventListener("abort", end);
    try {
      signal.throwIfAborted();
      return await exchangeHttp(connection, request, maxBytes);
    } finally {
      signal.removeEventListener("abort", end);
      end();
    }
  }

  return async (input, init = {}) => {
    const url = checkedUrl(input, trusted);
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([timeout, init.signal]) : timeout;
    const request = new Request(url, { ...init, signal: null, redirect: "manual" });
    try {
      const response = await orAbort(call(request, url, signal), signal);
      if (response.status < 300 || response.status > 399 || response.status === 304) {
        return response;
      }
      throw new GuardedFetchError("redirect_refused", url.host, "its answer leads elsewhere");
    } catch (thrown) {
      throw explain(thrown, url.host, { timeout, given: init.signal });
    }
  };
}

/**
 * Validates a URL that is called later, when its name is resolved and checked again.
 *
 * @throws {GuardedFetchError} for one that would be refused for any address that its name resolves
 * to.
 */
export function checkUrl(input: string, trustedHosts: readonly string[]): URL {
  const trusted = new Set(trustedHosts.map((host) => host.toLowerCase()));
  const url = checkedUrl(input, trusted);
  const hostname = hostnameOf(url);
  if (isAddress(hostname) && !isPublicAddress(hostname) && !isTrusted(url, trusted)) {
    throw new GuardedFetchError("address_forbidden", url.host, "its address is not a public one");
  }
  return url;
}

/** @throws {GuardedFetchError} for a URL that may not be called, regardless of its address. */
function checkedUrl(input: string | URL, trusted: ReadonlySet<string>): URL {
  let url: URL;
  try {
    url = new URL(input);
  } catch {
    throw new GuardedFetchError("url_forbidden", undefined, "it is not a URL");
  }
  const isLocal = url.protocol === "http:" && isTrusted(url, trusted);
  if (url.protocol !== "https:" && !isLocal) {
    throw new GuardedFetchError("url_forbidden", url.host, "only https is allowed");
  }
  if (url.username !== "" || url.password !== "") {
    throw new GuardedFetchError("url_forbidden", url.host, "the URL carries a name or a password");
  }
  if (url.port !== "" && !isTrusted(url, trusted)) {
    throw new GuardedFetchError("port_forbidden", url.host, `only port ${HTTPS_PORT} is allowed`);
  }
  return url;
}

/** The name or address of a URL, an IPv6 address without its brackets. */
function hostnameOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

function isTrusted(url: URL, trusted: ReadonlySet<string>): boolean {
  return trusted.has(url.hostname) || trusted.has(url.host);
}

/** IPv4 first: not every network that resolves IPv6 addresses can also reach them. */
async function resolveAll(hostname: string): Promise<string[]> {
  const found = await lookup(hostname, { all: true });
  return found.sort((a, b) => a.family - b.family).map(({ address }) => address);
}

/** Closes a connection; one that is closed already is not an error. */
function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // The other promise of the race has settled.
  }
}

/** Waits for the work until the signal aborts; its result is then ignored. */
async function orAbort<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop);
  work.catch(() => {});
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function explain(
  thrown: unknown,
  host: string,
  { timeout, given }: { timeout: AbortSignal; given: AbortSignal | null | undefined },
): unknown {
  if (thrown instanceof GuardedFetchError) return thrown;
  if (given?.aborted) return given.reason;
  if (timeout.aborted) {
    return new GuardedFetchError("timeout", host, "it did not answer in time", thrown);
  }
  if (!(thrown instanceof ExchangeError)) {
    return new GuardedFetchError("unreachable", host, "it cannot be reached", thrown);
  }
  return thrown.reason === "too_large"
    ? new GuardedFetchError("answer_too_large", host, "its answer is too large", thrown)
    : new GuardedFetchError("answer_unreadable", host, "its answer cannot be read", thrown);
}
