import type { Keyring } from "../_shared/crypto/envelope.ts";
import { UndecryptableError } from "../_shared/crypto/envelope.ts";
import { bindingOfUrl, openSecrets, signWebhook } from "../_shared/crypto/webhook_signature.ts";
import { readRetryAfter } from "../_shared/core/retry_after.ts";
import type { Log } from "../_shared/core/log.ts";
import { type GuardedFetch, GuardedFetchError } from "../_shared/net/guarded_fetch.ts";
import type { WebhooksDatabase } from "./db.ts";
import type { Claim, Outcome } from "./schema.ts";

/** Limits of a round of deliveries. Milliseconds and bytes. */
export interface DeliveryLimits {
  /** Concurrent calls. */
  parallel: number;
  /** One call, from the look-up of the name to the head of the answer: its body is not read. */
  callMs: number;
  /** The round; no call is started that could exceed it. */
  roundMs: number;
  /** Time after which an empty outbox is checked once more. */
  lingerMs: number;
}

/** The production limits. A round takes less than the minute that the scheduler waits for it. */
export const DELIVERY_LIMITS: DeliveryLimits = {
  parallel: 16,
  callMs: 15_000,
  roundMs: 50_000,
  lingerMs: 2_000,
};

/** The dependencies of {@linkcode runDeliveries}. */
export interface DeliverDeps {
  database: Pick<WebhooksDatabase, "claim" | "record">;
  keyring: Pick<Keyring, "decrypt">;
  guardedFetch: GuardedFetch;
  limits: DeliveryLimits;
  log: Log;
  /** Milliseconds since the epoch. */
  now: () => number;
  sleep: (milliseconds: number) => Promise<void>;
}

/** The result of a round of deliveries. */
export interface Round {
  delivered: number;
  failed: number;
}

/**
 * Sends the deliveries that are due until none is left or the time limit is reached. Each sender
 * takes one delivery at a time, so that a hanging endpoint blocks only one sender.
 */
export async function runDeliveries(deps: DeliverDeps): Promise<Round> {
  const { database, limits, now, sleep } = deps;
  const lastStart = now() + limits.roundMs - limits.callMs;
  const round: Round = { delivered: 0, failed: 0 };

  async function drain(): Promise<void> {
    while (now() < lastStart) {
      const [claim] = await database.claim(1);
      if (!claim) return;
      const outcome = await attempt(claim, deps);
      await database.record(claim, outcome);
      round[outcome.error === null ? "delivered" : "failed"]++;
    }
  }

  await Promise.all(Array.from({ length: limits.parallel }, drain));
  if (now() < lastStart) {
    await sleep(limits.lingerMs);
    await drain();
  }
  return round;
}

/** Makes one attempt. Never throws for an error of the receiver. */
async function attempt(claim: Claim, deps: DeliverDeps): Promise<Outcome> {
  try {
    const { url, headers } = await openClaim(claim, deps);
    const response = await deps.guardedFetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": "Agentbase-Webhooks/1",
        ...headers,
      },
      body: claim.body,
    });
    return {
      status_code: response.status,
      error: response.ok ? null : `The receiver answered ${response.status}.`,
      retry_after_ms: readRetryAfter(response.headers, deps.now()),
    };
  } catch (thrown) {
    return { status_code: null, error: reasonOf(thrown, claim, deps.log), retry_after_ms: null };
  }
}

/** The address of a delivery, and the secrets that sign it. */
async function openClaim(
  claim: Claim,
  deps: DeliverDeps,
): Promise<{ url: string; headers: Record<string, string> }> {
  const { id, endpoint_id, organization_id, body } = claim;
  const url = await deps.keyring.decrypt(
    claim.encrypted_url,
    bindingOfUrl(endpoint_id, organization_id),
  );
  const secrets = await openSecrets(endpoint_id, claim.secrets, deps);
  // Slack's calls are authenticated by their address.
  const signed = secrets.length > 0 && await signWebhook({ id, at: deps.now(), body }, secrets);
  return { url, headers: { ...signed || {} } };
}

/** Why an attempt failed, for those who manage the endpoint. */
function reasonOf(thrown: unknown, { id, endpoint_id }: Claim, log: Log): string {
  if (thrown instanceof GuardedFetchError) return REASONS[thrown.code];
  if (thrown instanceof UndecryptableError) return "Its address or secret cannot be decrypted.";
  const cause = thrown instanceof Error ? thrown.message : typeof thrown;
  log("error", { event: "webhook_not_sent", delivery_id: id, endpoint_id, cause });
  return "It could not be sent.";
}

const REASONS: Readonly<Record<GuardedFetchError["code"], string>> = {
  url_forbidden: "The address may not be called: only https is allowed.",
  port_forbidden: "The address may not be called: only port 443 is allowed.",
  address_forbidden: "The address may not be called: it is not a public one.",
  redirect_refused: "The receiver redirects elsewhere, which is not followed.",
  answer_too_large: "The answer of the receiver is too large.",
  answer_unreadable: "The answer of the receiver cannot be read.",
  timeout: "The receiver did not answer in time.",
  unreachable: "The receiver cannot be reached.",
};
