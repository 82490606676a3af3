import type { Log } from "../core/log.ts";
import { type Binding, type Keyring, UndecryptableError } from "./envelope.ts";

/** The headers of a signed call, as Standard Webhooks names them. */
export interface SignatureHeaders {
  "webhook-id": string;
  "webhook-timestamp": string;
  "webhook-signature": string;
}

const PREFIX = "whsec_";
const SECRET_BYTES = 32;
const encoder = new TextEncoder();

/** The clock difference that is tolerated, and the maximum age of a call, in seconds. */
const SIGNATURE_TOLERANCE_SECONDS = 300;

/** Makes a secret: `whsec_` and 32 random bytes in base64. */
export function createWebhookSecret(): string {
  return PREFIX + crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toBase64();
}

/** The binding (AAD) of a secret, as `private.encrypted_columns` states it for key rotation. */
export function bindingOfSecret(id: string, endpointId: string): Binding {
  const [row, owner] = [id.toLowerCase(), endpointId.toLowerCase()];
  return { table: "webhook_secrets", row, owner, scope: "encrypted_secret" };
}

/** The binding (AAD) of an endpoint's address. */
export function bindingOfUrl(endpointId: string, organizationId: string): Binding {
  const [row, owner] = [endpointId.toLowerCase(), organizationId.toLowerCase()];
  return { table: "webhook_endpoints", row, owner, scope: "encrypted_url" };
}

/** A secret as the database stores it. */
export interface StoredSecret {
  id: string;
  ciphertext: string;
}

/**
 * Decrypts the secrets of an endpoint. One that cannot be decrypted is logged and left out: the
 * others still sign and verify.
 *
 * @throws {UndecryptableError} If there are secrets and none can be decrypted.
 */
export async function openSecrets(
  endpointId: string,
  stored: readonly StoredSecret[],
  { keyring, log }: { keyring: Pick<Keyring, "decrypt">; log: Log },
): Promise<string[]> {
  const opened: string[] = [];
  let failure: UndecryptableError | null = null;
  for (const { id, ciphertext } of stored) {
    try {
      opened.push(await keyring.decrypt(ciphertext, bindingOfSecret(id, endpointId)));
    } catch (thrown) {
      if (!(thrown instanceof UndecryptableError)) throw thrown;
      failure = thrown;
      log("error", {
        event: "webhook_secret_undecryptable",
        endpoint_id: endpointId,
        secret_id: id,
        key_is_missing: thrown.keyIsMissing,
      });
    }
  }
  if (failure && opened.length === 0) throw failure;
  return opened;
}

/**
 * Signs a body with each of the secrets, so that a receiver that knows one of them accepts it.
 *
 * @param at Milliseconds since the epoch, of this attempt.
 */
export async function signWebhook(
  { id, at, body }: { id: string; at: number; body: string },
  secrets: readonly string[],
): Promise<SignatureHeaders> {
  const timestamp = String(Math.floor(at / 1000));
  const signatures = await Promise.all(secrets.map(async (secret) => {
    const key = await importSecret(secret);
    const mac = await crypto.subtle.sign("HMAC", key, signedText(id, timestamp, body));
    return `v1,${new Uint8Array(mac).toBase64()}`;
  }));
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}

/** The parsed headers of a signed call. */
export interface SignedHeaders {
  id: string;
  timestamp: string;
  signatures: Uint8Array<ArrayBuffer>[];
}

/**
 * Reads the headers of a signed call, before its body.
 *
 * @param now Milliseconds since the epoch.
 * @returns `stale` for a time outside of the tolerance, `invalid` for malformed headers.
 */
export function readSignature(headers: Headers, now: number): SignedHeaders | "stale" | "invalid" {
  const id = headers.get("webhook-id") ?? "";
  const timestamp = headers.get("webhook-timestamp") ?? "";
  if (id === "" || id.includes(".") || !/^\d{1,12}$/.test(timestamp)) return "invalid";
  const signatures = (headers.get("webhook-signature") ?? "").split(" ", MAX_SIGNATURES)
    .map((one) => decode(one)).filter((one) => one !== null);
  if (signatures.length === 0) return "invalid";
  const age = Math.abs(now / 1000 - Number(timestamp));
  return age > SIGNATURE_TOLERANCE_SECONDS ? "stale" : { id, timestamp, signatures };
}

/**
 * Whether one of the secrets made one of the signatures in the headers. Compared in constant time.
 *
 * @param now Milliseconds since the epoch.
 * @returns `stale` for a time outside of the tolerance, whatever signed it.
 */
export async function verifyWebhook(
  headers: Headers,
  body: string,
  secrets: readonly string[],
  now: number,
): Promise<"valid" | "stale" | "invalid"> {
  const signed = readSignature(headers, now);
  if (signed === "stale" || signed === "invalid") return signed;
  const text = signedText(signed.id, signed.timestamp, body);
  for (const secret of secrets) {
    const key = await importSecret(secret);
    for (const signature of signed.signatures) {
      if (await crypto.subtle.verify("HMAC", key, signature, text)) return "valid";
    }
  }
  return "invalid";
}

/** Signatures of a header that are checked; a limit, since each check costs time. */
const MAX_SIGNATURES = 5;

function decode(signature: string): Uint8Array<ArrayBuffer> | null {
  const [version, encoded] = signature.split(",", 2);
  if (version !== "v1" || encoded === undefined) return null;
  try {
    return Uint8Array.fromBase64(encoded);
  } catch {
    return null;
  }
}

function signedText(id: string, timestamp: string, body: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${id}.${timestamp}.${body}`);
}

function importSecret(secret: string): Promise<CryptoKey> {
  const bytes = Uint8Array.fromBase64(secret.slice(PREFIX.length));
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
}
