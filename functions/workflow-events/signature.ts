import { clientAddress } from "../_shared/auth/caller.ts";
import type { TryLimiter } from "../_shared/auth/try_limiter.ts";
import { ApiError } from "../_shared/core/errors.ts";
import type { Log } from "../_shared/core/log.ts";
import { type Keyring, requireKeyring } from "../_shared/crypto/envelope.ts";
import { openSecrets, readSignature, verifyWebhook } from "../_shared/crypto/webhook_signature.ts";
import type { ReportSubject, WorkflowEventsDatabase } from "./db.ts";

/** The dependencies of verifying a report. */
export interface SignatureDeps {
  database: Pick<WorkflowEventsDatabase, "secrets">;
  /** null if the operator has set no keys. */
  keyring: Pick<Keyring, "decrypt"> | null;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Log;
  /** Counts wrong signatures per address. */
  signatureTries: TryLimiter;
  /** The header in which the host's proxy sends the client's address. */
  clientAddressHeader: string;
}

/** Whether a request is signed, and so needs no access key. */
export function isSigned(request: Request): boolean {
  return request.headers.has("webhook-signature");
}

/**
 * Refuses, before the body is read, a request whose signature is malformed or stale.
 *
 * @throws {ApiError} 401 `invalid_signature`, `signature_expired`.
 */
export function checkSignatureHeaders(request: Request, deps: SignatureDeps): void {
  const signed = readSignature(request.headers, deps.now());
  if (signed === "invalid" || signed === "stale") throw refusal(signed, request, deps);
}

/**
 * Finds the webhook whose secret signed a report about a subject. An unknown subject has no
 * secrets, so it is refused like a wrong signature. An address that sent many wrong signatures is
 * refused, except for subjects whose reports were verified before: customers of a host share its
 * addresses.
 *
 * @returns The id of the webhook.
 * @throws {ApiError} 401 `invalid_signature`, `signature_expired`; 429
 * `too_many_invalid_signatures`; 503 `keys_not_configured`.
 */
export async function signerOf(
  request: Request,
  body: string,
  subject: ReportSubject,
  deps: SignatureDeps,
): Promise<string> {
  const keyring = requireKeyring(deps.keyring, "Cannot verify the signature");
  const about = "workflow" in subject ? subject.workflow : subject.deployment;
  deps.signatureTries.demand(clientAddress(request, deps.clientAddressHeader), about);
  const secrets = await deps.database.secrets(subject);
  const signer = secrets[0]?.endpoint_id ?? "";
  const opened = await openSecrets(signer, secrets, { keyring, log: deps.log });
  const verdict = await verifyWebhook(request.headers, body, opened, deps.now());
  if (verdict !== "valid") throw refusal(verdict, request, deps);
  deps.signatureTries.accept(about);
  return signer;
}

function refusal(
  verdict: "stale" | "invalid",
  request: Request,
  { signatureTries, clientAddressHeader }: SignatureDeps,
): ApiError {
  signatureTries.note(clientAddress(request, clientAddressHeader));
  return verdict === "stale"
    ? new ApiError(
      "signature_expired",
      "Cannot accept the report: its webhook-timestamp is more than five minutes off.",
    )
    : new ApiError(
      "invalid_signature",
      "Cannot accept the report: it is not signed with a secret of the webhook that the workflow or deployment calls.",
    );
}
