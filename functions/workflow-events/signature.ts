import { clientAddress } from "../_shared/auth/caller.ts";
import type { TryLimiter } from "../_shared/auth/try_limiter.ts";
import { ApiError } from "../_shared/core/errors.ts";
import type { Log } from "../_shared/core/log.ts";
import { type Keyring, requireKeyring } from "../_shared/crypto/envelope.ts";
import { openSecrets, readSignature, verifyWebhook } from "../_shared/crypto/webhook_signature.ts";
import type { ReportSubject, WorkflowEventsDatabase } from "./db.ts";

/** What verifying a report needs from outside. */
export interface SignatureDeps {
  database: Pick<WorkflowEventsDatabase, "secrets">;
  /** null where the operator has set no keys. */
  keyring: Pick<Keyring, "decrypt"> | null;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Log;
  /** Wrong signatures that each address sent. */
  signatureTries: TryLimiter;
  /** The header in which the host's proxy tells the address of a client. */
  clientAddressHeader: string;
}

/** Whether a request is signed, and so needs no access key. */
export function isSigned(request: Request): boolean {
  return request.headers.has("webhook-signature");
}

/**
 * Refuses, before the body is read, a request whose signature is malformed or stale, and an address
 * that sent many wrong signatures.
 *
 * @throws {ApiError} 401 `invalid_signature`, `signature_expired`; 429
 * `too_many_invalid_signatures`.
 */
export function checkSignatureHeaders(request: Request, deps: SignatureDeps): void {
  const address = clientAddress(request, deps.clientAddressHeader);
  deps.signatureTries.demand(address);
  const signed = readSignature(request.headers, deps.now());
  if (signed === "invalid" || signed === "stale") throw refusal(signed, address, deps);
}

/**
 * Finds the webhook whose secret signed a report about a subject. An unknown subject has no secrets,
 * so that it is answered like a wrong signature.
 *
 * @returns The id of the webhook.
 * @throws {ApiError} 401 `invalid_signature`, `signature_expired`; 503 `keys_not_configured`.
 */
export async function signerOf(
  request: Request,
  body: string,
  subject: ReportSubject,
  deps: SignatureDeps,
): Promise<string> {
  const keyring = requireKeyring(deps.keyring, "Cannot verify the signature");
  const secrets = await deps.database.secrets(subject);
  const signer = secrets[0]?.endpoint_id ?? "";
  const opened = await openSecrets(signer, secrets, { keyring, log: deps.log });
  const verdict = await verifyWebhook(request.headers, body, opened, deps.now());
  if (verdict === "valid") return signer;
  throw refusal(verdict, clientAddress(request, deps.clientAddressHeader), deps);
}

function refusal(
  verdict: "stale" | "invalid",
  address: string | null,
  { signatureTries }: SignatureDeps,
): ApiError {
  signatureTries.note(address);
  return verdict === "stale"
    ? new ApiError(
      "signature_expired",
      "Cannot accept the report: its webhook-timestamp is more than five minutes off.",
    )
    : new ApiError(
      "invalid_signature",
      "Cannot accept the report: no secret of the webhook that the workflow or deployment calls signed it.",
    );
}
