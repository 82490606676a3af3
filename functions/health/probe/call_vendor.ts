import { z } from "zod";
import { ApiError } from "../../_shared/errors.ts";
import {
  type GuardCode,
  type GuardedFetch,
  GuardedFetchError,
} from "../../_shared/guarded_fetch.ts";
import { readRetryAfter } from "../../_shared/retry_after.ts";
import { type TargetDeps, targetsOf } from "../../_shared/turn/target.ts";
import type { Route } from "../../_shared/turn/database.ts";
import type { TurnUsage } from "../../_shared/turn/outcome.ts";
import { readUsage } from "../../_shared/turn/usage.ts";
import type { Claim } from "./claim.ts";

/** What a vendor said to a probe. Of its words nothing is kept. */
export type Reply =
  | {
    kind: "answered";
    status: number;
    latencyMs: number;
    /** Whether the body is what was asked for, as far as its shape goes. */
    isReadable: boolean;
    retryAfterMs: number | null;
    /** What the call used, where it was one that is paid for. */
    usage: TurnUsage | null;
    /** Whether it was the demo upstream, which stands in for vendors without a credential. */
    isDemo: boolean;
  }
  | { kind: "failed"; code: GuardCode; latencyMs: number }
  /** Nothing was sent: the operator has not set what it takes. */
  | { kind: "not_called"; code: string };

/** What calling a vendor needs from outside. */
export interface CallDeps extends TargetDeps {
  guardedFetch: GuardedFetch;
  /** Milliseconds since the epoch. */
  now: () => number;
}

const completionSchema = z.looseObject({ choices: z.array(z.unknown()).min(1) });

/** Reasoning models answer nothing at all with fewer. */
const MAX_TOKENS = 16;

/**
 * Calls a vendor with the platform's credential: its list of models, or whatever else it offers free
 * of charge; a model only where there is nothing else.
 */
export async function callVendor(claim: Claim, deps: CallDeps): Promise<Reply> {
  const { now } = deps;
  const isCall = claim.probe_path === null;
  try {
    const target = await targetOf(claim, deps);
    const startedAt = now();
    try {
      const response = await deps.guardedFetch(target.url, {
        headers: {
          ...target.headers,
          accept: "application/json",
          ...isCall && { "content-type": "application/json" },
        },
        ...isCall && { method: "POST", body: JSON.stringify(smallestCall(claim)) },
      });
      const body = parseJson(await response.text());
      const usage = isCall ? readUsage(body?.usage)?.usage ?? null : null;
      return {
        kind: "answered",
        status: response.status,
        latencyMs: now() - startedAt,
        isReadable: isCall ? completionSchema.safeParse(body).success : body !== null,
        retryAfterMs: readRetryAfter(response.headers, now()),
        usage,
        isDemo: target.secret === "",
      };
    } catch (thrown) {
      if (!(thrown instanceof GuardedFetchError)) throw thrown;
      return { kind: "failed", code: thrown.code, latencyMs: now() - startedAt };
    }
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    return { kind: "not_called", code: thrown.code };
  }
}

async function targetOf(claim: Claim, deps: CallDeps) {
  const { vendor_id, base_url, auth_type, auth_header, auth_scheme, max_tokens_field } = claim;
  const route = {
    ...{ vendor_id, base_url, auth_type, auth_header, auth_scheme, max_tokens_field },
    api_format: "openai",
    cancel_stops_billing: true,
    model: claim.model ?? "",
    credential: "platform" as const,
    keys: [],
  } satisfies Route;
  const prepare = (path: string) => targetsOf(route, path, deps)[0]?.prepare();
  const path = claim.probe_path ?? "/chat/completions";
  const target = await prepare(path);
  // The demo upstream has no credential, and offers its models only.
  const found = target?.secret === "" && claim.probe_path !== null
    ? await prepare("/models")
    : target;
  if (!found) throw new Error("a platform route has one target");
  return found;
}

function smallestCall({ model, max_tokens_field }: Claim): object {
  return {
    model,
    messages: [{ role: "user", content: "Say ok." }],
    [max_tokens_field]: MAX_TOKENS,
  };
}

/** The body as an object; null for anything else. */
function parseJson(text: string): Record<string, unknown> | null {
  try {
    return z.union([
      z.record(z.string(), z.unknown()),
      z.array(z.unknown()).transform((data) => ({ data })),
    ])
      .safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
