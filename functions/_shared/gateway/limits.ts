/** Bounds of a turn. Milliseconds and bytes. */
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
  /** Longest wait that an upstream's `retry-after` is granted. One that asks for more is passed over. */
  retryAfterMs: number;
  /** Between two reads of the upstream's answer. */
  idleMs: number;
  /** The whole upstream call; the platform stops a worker after 400 s. */
  totalMs: number;
  /** How long a stream's first event may turn into an error status instead of a 200. */
  commitAfterMs: number;
  /** Silence towards the client after which a comment keeps the connection open. */
  keepaliveMs: number;
  /** What may wait for a client that reads slowly, before its upstream is read slowly too. */
  queueBytes: number;
  /** A client that reads nothing for this long is gone. */
  clientStallMs: number;
  /** After the model has finished: how long its usage is waited for when the client has left. */
  drainMs: number;
  /** After a stream's end: how long usage is waited for that did not come before it. */
  afterEndMs: number;
  /** How long an answer is read on after its client left, where leaving would not end its cost. */
  readOnMs: number;
  /** How many bytes of it. */
  readOnBytes: number;
  /** How much of a stream is kept chunk by chunk, to repeat it; what follows, in one chunk. */
  recordingBytes: number;
  /** How long the end of an answer waits for its turn to be settled. */
  settleMs: number;
  /** How long the database may work on a statement whose caller has stopped waiting. */
  statementMs: number;
  /** Pauses before a vendor is asked what an answer used that was ended early. */
  lateUsagePausesMs: readonly number[];
  /** How long one such question may take. */
  lateUsageMs: number;
  /** After the request: when no more of them are asked, for the platform stops a worker after 400 s. */
  lateUsageUntilMs: number;
  /** The first pause before settling is tried again is at random half to all of this; doubled each time, */
  settleBackoffMs: number;
  /** up to this. */
  settlePauseMs: number;
  /** After the request: when that ends, for the platform stops a worker after 400 s. */
  settleUntilMs: number;
}

/** What production uses. */
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
