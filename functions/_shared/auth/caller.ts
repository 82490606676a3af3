import type { Authenticate } from "./person.ts";
import { readAccessKey } from "./access_key.ts";
import type { Env } from "../core/env.ts";
import type { LogFields } from "../core/log.ts";

/**
 * The sender of a request: a person, a program with a person's access key, or a website visitor.
 */
export type Caller =
  | { userId: string; accessKey?: undefined; visitor?: undefined }
  | {
    userId?: undefined;
    visitor?: undefined;
    /** SHA-256 of the key's secret in hexadecimal; the secret itself is not kept. */
    accessKey: string;
    /** Network address that the request came from; null where the host's proxy does not tell. */
    address: string | null;
  }
  | { userId?: undefined; accessKey?: undefined; visitor: Visitor };

/** A website visitor as claimed by the request; the database verifies the claim. */
export interface Visitor {
  /** The public key of the widget. */
  key: string;
  /** The origin of the page, as its browser states it. */
  origin: string;
  /** SHA-256 of the session's token in hexadecimal. */
  token_hash: string;
  /** Network address that the request came from; null where the host's proxy does not tell. */
  address: string | null;
}

/**
 * Identifies the sender of a request, or throws. The database decides whether an access key is
 * valid.
 */
export type AuthenticateCaller = (request: Request) => Promise<Caller>;

/** Accepts access keys as well as access tokens. */
export function acceptAccessKeys(
  authenticate: Authenticate,
  { clientAddressHeader }: Pick<Env, "clientAddressHeader">,
): AuthenticateCaller {
  return async (request) => {
    const accessKey = await readAccessKey(request);
    if (accessKey === null) return await authenticate(request);
    return { accessKey, address: clientAddress(request, clientAddressHeader) };
  };
}

/** The caller as an argument of the database's functions. */
export function callerArgument(caller: Caller): Record<string, string | null> {
  if (caller.visitor) return { ...caller.visitor };
  return caller.accessKey === undefined
    ? { user_id: caller.userId }
    : { access_key: caller.accessKey };
}

/** Identifies this caller uniquely, without a database call. */
export function callerId(caller: Caller): string {
  if (caller.visitor) return caller.visitor.token_hash;
  return caller.accessKey ?? caller.userId;
}

/**
 * The caller in a log line. Of an access key only the start of its hash, which finds the key but
 * cannot be used.
 */
export function callerFields(caller: Caller): LogFields {
  if (caller.visitor) return { visitor_token_hash: caller.visitor.token_hash.slice(0, 8) };
  return caller.accessKey === undefined
    ? { user_id: caller.userId }
    : { access_key_hash: caller.accessKey.slice(0, 8) };
}

/**
 * The network address that a request came from; null where the host's proxy does not tell. Of a
 * list the last entry, written by the nearest proxy; a client can forge the others.
 *
 * @param header The header that the proxy sets.
 */
export function clientAddress(request: Request, header: string): string | null {
  return request.headers.get(header)?.split(",").at(-1)?.trim() || null;
}
