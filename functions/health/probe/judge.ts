import type { Reply } from "./call_vendor.ts";

/** The result of a probe for an agent. */
export interface Finding {
  status: "healthy" | "degraded" | "unhealthy";
  error_code: string | null;
  error_message: string | null;
  latency_ms: number | null;
  /** The vendor's Retry-After, in milliseconds. */
  retry_after_ms: number | null;
}

/** Messages for people; none quotes the vendor. */
const MESSAGES: Readonly<Record<string, string>> = {
  slow: "The vendor answers slowly.",
  rate_limited: "The vendor limits how often it may be called.",
  credential_refused: "The vendor refuses this server's credential. The operator must renew it.",
  vendor_not_configured: "This server has no credential for the vendor. The operator must set it.",
  vendor_token_unavailable: "The vendor's token endpoint did not return an access token.",
  upstream_error: "The vendor reports an error of its own.",
  answer_unreadable: "The vendor's answer cannot be read.",
  answer_too_large: "The vendor's answer is too large.",
  timeout: "The vendor did not answer in time.",
  unreachable: "The vendor cannot be reached.",
  redirect_refused: "The vendor's address leads elsewhere, and is not followed.",
  address_forbidden: "The vendor's address is not one of the public internet.",
  url_forbidden: "The vendor's address may not be called.",
  port_forbidden: "The vendor's port may not be called.",
};

/**
 * Judges an agent by its vendor's answer. A person's agent is called with their own key, about
 * which the platform's credential shows nothing: a probe of it only shows whether its vendor
 * answers.
 *
 * @returns null if the answer shows nothing about the agent, for instance if the vendor does not
 * support the probe.
 */
export function judge(reply: Reply, { isPlatform, isCall, slowMs }: {
  isPlatform: boolean;
  /** Whether a model was called rather than a free request. */
  isCall: boolean;
  slowMs: number;
}): Finding | null {
  if (reply.kind === "not_called") return isPlatform ? finding("unhealthy", reply.code) : null;
  if (reply.isAnonymous && isPlatform) return finding("unhealthy", "vendor_not_configured");
  const { latencyMs } = reply;
  // With a key the demo upstream is not called.
  if (reply.kind === "answered" && reply.isDemo && !isPlatform) return null;
  if (reply.kind === "failed") return finding("unhealthy", reply.code, latencyMs);

  const { status } = reply;
  if (status === 408 || status >= 500) return finding("unhealthy", "upstream_error", latencyMs);
  if (status >= 200 && status < 300) {
    if (!reply.isReadable) return finding("unhealthy", "answer_unreadable", latencyMs);
    if (latencyMs > slowMs) return finding("degraded", "slow", latencyMs);
    return finding("healthy", null, latencyMs);
  }
  if (!isPlatform) return finding("healthy", null, latencyMs);
  // A restricted credential may call models without being allowed to list them.
  if (status === 403 && !isCall) return null;
  if (status === 401 || status === 402 || status === 403) {
    return finding("unhealthy", "credential_refused", latencyMs);
  }
  if (status !== 429) return null;
  return { ...finding("degraded", "rate_limited", latencyMs), retry_after_ms: reply.retryAfterMs };
}

function finding(
  status: Finding["status"],
  code: string | null,
  latencyMs: number | null = null,
): Finding {
  return {
    status,
    error_code: code,
    error_message: code === null ? null : MESSAGES[code] ?? "The vendor cannot be called.",
    latency_ms: latencyMs,
    retry_after_ms: null,
  };
}
