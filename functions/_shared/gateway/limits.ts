/** Limits of a turn. Milliseconds and bytes. */
export interface TurnLimits {
  /** Body of a request. */
  requestBytes: number;
  /** Body of a request for embeddings: 2,048 texts, or 300,000 tokens of up to seven digits. */
  embeddingRequestBytes: number;
  /** Body of a request for chat, whose messages may hold images and documents. */
  chatRequestBytes: number;
  /** Bodies of requests for chat that an isolate works on at a time. */
  chatBytesInFlight: number;
  /** Everything that an upstream sends for one turn. */
  upstreamBytes: number;
  /** Until the head of an upstream's answer. */
  firstByteMs: number;
  /** The same over all attempts of a turn. The platform itself gives up after 150 s of silence. */
  beginMs: number;
  /** Calls of upstreams in a turn, the first included. */
  attempts: number;
  /** The pause before a second call is random up to this; doubled each time. */
  backoffMs: number;
  /**
   * The longest `retry-after` of an upstream that a turn waits for; beyond it, the next route is
   * called.
   */
  retryAfterMs: number;
  /** Between two reads of the upstream's answer. */
  idleMs: number;
  /** The whole upstream call; the platform stops a worker after 400 s. */
  totalMs: number;
  /**
   * How long the status is held back, so that a stream that fails at once gets an error status
   * instead of a 200.
   */
  commitAfterMs: number;
  /** Silence towards the client after which a comment keeps the connection open. */
  keepaliveMs: number;
  /** Bytes that are buffered for a slow client before its upstream is throttled. */
  queueBytes: number;
  /** A client that reads nothing for this long counts as disconnected. */
  clientStallMs: number;
  /** After the model has finished: how long to wait for usage if the client has disconnected. */
  drainMs: number;
  /** After a stream's finish reason: how long to wait for usage. */
  afterEndMs: number;
  /**
   * How long an answer is read after its client disconnected, if aborting would not stop its cost.
   */
  readOnMs: number;
  /** How many bytes of it are read. */
  readOnBytes: number;
  /**
   * How much of a stream is recorded chunk by chunk for replay; the rest is recorded as one chunk.
   */
  recordingBytes: number;
  /** How long the end of an answer waits for its turn to be settled. */
  settleMs: number;
  /** How long the database may work on a statement whose caller has stopped waiting. */
  statementMs: number;
  /** Pauses before a vendor is queried for the usage of an aborted answer. */
  lateUsagePausesMs: readonly number[];
  /** The timeout of one such query. */
  lateUsageMs: number;
  /** After the request: when these queries end, as the platform stops a worker after 400 s. */
  lateUsageUntilMs: number;
  /**
   * The first pause before settling is tried again is at random half to all of this; doubled each
   * time,
   */
  settleBackoffMs: number;
  /** up to this. */
  settlePauseMs: number;
  /** After the request: when retries end, as the platform stops a worker after 400 s. */
  settleUntilMs: number;
}

/** The production values. */
export const DEFAULT_LIMITS: TurnLimits = {
  requestBytes: 1024 * 1024,
  embeddingRequestBytes: 3 * 1024 * 1024,
  chatRequestBytes: 20 * 1024 * 1024,
  chatBytesInFlight: 24 * 1024 * 1024,
  upstreamBytes: 64 * 1024 * 1024,
  firstByteMs: 120_000,
  beginMs: 140_000,
  attempts: 3,
  backoffMs: 500,
  retryAfterMs: 10_000,
  idleMs: 120_000,
  totalMs: 380_000,
  commitAfterMs: 2_000,
  keepaliveMs: 15_000,
  queueBytes: 256 * 1024,
  clientStallMs: 60_000,
  drainMs: 5_000,
  afterEndMs: 100,
  readOnMs: 120_000,
  readOnBytes: 16 * 1024 * 1024,
  recordingBytes: 1024 * 1024,
  settleMs: 2_000,
  statementMs: 10_000,
  lateUsagePausesMs: [1_000, 3_000, 6_000, 10_000],
  lateUsageMs: 5_000,
  lateUsageUntilMs: 390_000,
  settleBackoffMs: 200,
  settlePauseMs: 10_000,
  settleUntilMs: 390_000,
};
