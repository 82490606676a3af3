import { ApiError } from "../_shared/core/errors.ts";
import { type Keyring, requireKeyring } from "../_shared/crypto/envelope.ts";
import { bindingOfSecret, verifyWebhook } from "../_shared/crypto/webhook_signature.ts";
import type { ReportSubject, WorkflowEventsDatabase } from "./db.ts";

/** What verifying a report needs from outside. */
export interface SignatureDeps {
  database: Pick<WorkflowEventsDatabase, "secrets">;
  /** null where the operator has set no keys. */
  keyring: Pick<Keyring, "decrypt"> | null;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Whether a request is signed, and so needs no access key. */
export function isSigned(request: Request): boolean {
  return request.headers.has("webhook-signature");
}

/**
 * Finds the webhook whose secret signed a report about a subject. An unknown subject has no secrets,
 * so that it is answered like a wrong signature.
 *
 * @returns The id of the webhook.
 * @throws {ApiError} 401 `invalid_signature`, `signature_expired`; 503 `keys_not_configured`.
 */
export async function signerOf(
  headers: Headers,
  body: string,
  subject: ReportSubject,
  { database, keyring, now }: SignatureDeps,
): Promise<string> {
  const { decrypt } = requireKeyring(keyring, "Cannot verify the signature");
  const secrets = await database.secrets(subject);
  const plain = await Promise.all(
    secrets.map(({ id, endpoint_id, ciphertext }) =>
      decrypt(ciphertext, bindingOfSecret(id, endpoint_id))
    ),
  );
  const verdict = await verifyWebhook(headers, body, plain, now());
  const signer = secrets[0]?.endpoint_id;
  if (verdict === "valid" && signer !== undefined) return signer;
  if (verdict === "stale") {
    throw new ApiError(
      "signature_expired",
      "Cannot accept the report: its webhook-timestamp is more than five minutes off.",
    );
  }
  throw new ApiError(
    "invalid_signature",
    "Cannot accept the report: no secret of the webhook that the workflow or deployment calls signed it.",
  );
}
