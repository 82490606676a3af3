import { parseJson } from "../../_shared/core/json.ts";
import { z } from "zod";
import { ApiError } from "../../_shared/core/errors.ts";
import {
  type GuardCode,
  type GuardedFetch,
  GuardedFetchError,
} from "../../_shared/net/guarded_fetch.ts";
import { readRetryAfter } from "../../_shared/core/retry_after.ts";
import { addressOf, type EndpointDeps, endpointsOf } from "../../_shared/gateway/call/endpoint.ts";
import { vendorApiOf } from "../../_shared/gateway/formats/vendor_apis.ts";
import type { Route } from "../../_shared/gateway/turn_database.ts";
import type { TurnUsage } from "../../_shared/gateway/settle/outcome.ts";
import { readUsage } from "../../_shared/gateway/quirks/usage_shapes.ts";
import type { Claim } from "./claim.ts";

/** A vendor's answer to a probe. Its text is not kept. */
export type Reply =
  | {
    kind: "answered";
    status: number;
    latencyMs: number;
    /** Whether the body has the expected shape. */
    isReadable: boolean;
    retryAfterMs: number | null;
    /** The usage of the call, if it is billed. */
    usage: TurnUsage | null;
    /** Whether it was the demo upstream, which replaces vendors without a credential. */
    isDemo: boolean;
    /**
     * Whether the call was made without a credential, because the platform has none for the vendor.
     */
    isAnonymous: boolean;
  }
  | { kind: "failed"; code: GuardCode; latencyMs: number; isAnonymous: boolean }
  /** Nothing was sent: a setting of the operator is missing. */
  | { kind: "not_called"; code: string };

/** The dependencies of {@linkcode callVendor}. */
export interface CallDeps extends EndpointDeps {
  guardedFetch: GuardedFetch;
  /** Milliseconds since the epoch. */
  now: () => number;
}

const completionSchema = z.looseObject({ choices: z.array(z.unknown()).min(1) });

/** Reasoning models return an empty answer with fewer. */
const MAX_TOKENS = 16;

/**
 * Calls a vendor with the platform's credential: its list of models or another free request; a
 * model only if it has none.
 *
 * @param orAnonymously Whether to call without a credential if the platform has none: this shows
 * whether the vendor answers, which is all that a probe of an agent with its own key can show.
 */
export async function callVendor(
  claim: Claim,
  orAnonymously: boolean,
  deps: CallDeps,
): Promise<Reply> {
  const { now } = deps;
  const isCall = claim.probe_path === null;
  try {
    const target = await targetOf(claim, orAnonymously, deps);
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
      const text = await response.text();
      const body = objectIn(isCall ? vendorApiOf(claim)?.completionText(text) ?? text : text);
      const usage = isCall ? readUsage(body?.usage)?.usage ?? null : null;
      return {
        kind: "answered",
        status: response.status,
        latencyMs: now() - startedAt,
        isReadable: isCall ? completionSchema.safeParse(body).success : body !== null,
        retryAfterMs: readRetryAfter(response.headers, now()),
        usage,
        isDemo: target.secret === "",
        isAnonymous: target.secret === null,
      };
    } catch (thrown) {
      if (!(thrown instanceof GuardedFetchError)) throw thrown;
      const isAnonymous = target.secret === null;
      return { kind: "failed", code: thrown.code, latencyMs: now() - startedAt, isAnonymous };
    }
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    return { kind: "not_called", code: thrown.code };
  }
}

async function targetOf(
  claim: Claim,
  orAnonymously: boolean,
  deps: CallDeps,
): Promise<{ url: string; headers: Record<string, string>; secret: string | null }> {
  const { vendor_id, base_url, api_format, auth_type, auth_header, auth_scheme } = claim;
  const route = {
    ...{ vendor_id, base_url, api_format, auth_type, auth_header, auth_scheme },
    max_tokens_field: claim.max_tokens_field,
    cancel_stops_billing: true,
    model: claim.model ?? "",
    credential: "platform" as const,
    keys: [],
  } satisfies Route;
  const prepare = async (path: string) => {
    const target = await endpointsOf(route, path, deps)[0]?.prepare();
    if (!target) throw new Error("a platform route has one target");
    return target;
  };
  if (claim.probe_path === null) return await prepare("/chat/completions");
  try {
    const target = await prepare(claim.probe_path);
    // The demo upstream has no credential, and only lists its models.
    return target.secret === "" ? await prepare("/models") : target;
  } catch (thrown) {
    if (!orAnonymously || !(thrown instanceof ApiError)) throw thrown;
    return { url: addressOf(route, claim.probe_path, deps), headers: {}, secret: null };
  }
}

function smallestCall({ model, max_tokens_field }: Claim): object {
  return {
    model,
    messages: [{ role: "user", content: "Say ok." }],
    [max_tokens_field]: MAX_TOKENS,
  };
}

/** The body as an object; null for anything else. */
function objectIn(text: string): Record<string, unknown> | null {
  return z.union([
    z.record(z.string(), z.unknown()),
    z.array(z.unknown()).transform((data) => ({ data })),
  ])
    .safeParse(parseJson(text)).data ?? null;
}
