/** Limits of a call of a token endpoint: milliseconds, and bytes of its answer. */
export const TOKEN_ENDPOINT_LIMITS = { timeoutMs: 10_000, maxBytes: 64 * 1024 };
