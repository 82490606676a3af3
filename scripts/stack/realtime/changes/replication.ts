import { Buffer } from "node:buffer";
import pg from "pg";

/** What a stream of the log is opened with. */
export interface ReplicationOptions {
  /** Connection string of a role that may replicate. */
  url: string;
  /** Publications whose changes are sent. */
  publications: readonly string[];
  /** Takes one message of the plugin `pgoutput`. */
  onMessage: (message: Uint8Array) => void;
}

/** An open stream of the log. */
export interface Replication {
  /** Resolves when the stream has ended, with the reason where it did not end by `close`. */
  ended: Promise<Error | null>;
  /** Lets the server wait, until `resume`. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

/** The part of the driver's protocol layer that is used here: the package comes without types. */
interface Protocol {
  readonly stream: { pause(): void; resume(): void; destroy(): void };
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
}

/** A query that speaks for itself: the driver's `Submittable`. */
interface Submittable {
  submit(protocol: Protocol): void;
  handleCopyData(message: { chunk: Uint8Array }, protocol: Protocol): void;
  handleError(error: Error): void;
  handleReadyForQuery(): void;
}

interface Client {
  connect(): Promise<unknown>;
  query(query: string | Submittable): Promise<unknown>;
  on(event: "error" | "end", listener: (error?: Error) => void): unknown;
}

/**
 * How often the position is reported to the server, in milliseconds; it disconnects after a minute
 * without.
 */
const statusInterval = 10_000;

/** First bytes of messages within the stream: changes, and a question whether this side is there. */
const kind = { data: 0x77, keepAlive: 0x6b, status: 0x72 };

/**
 * Opens a temporary slot and streams from it. The slot ends with the connection, so nothing is retained
 * for this process once it has ended, however it does.
 */
export async function openReplication(options: ReplicationOptions): Promise<Replication> {
  // SAFETY: the interfaces above are parts of the documented ones; the tests fail without them.
  const driver = pg as {
    Client: new (config: Record<string, string | boolean>) => Client;
  };
  const client = new driver.Client({
    connectionString: options.url,
    replication: "database",
    application_name: "agentbase realtime",
    keepAlive: true,
  });
  const ended = Promise.withResolvers<Error | null>();
  client.on("error", (error) => ended.resolve(error ?? new Error("the stream has ended")));
  client.on("end", () => ended.resolve(new Error("the stream has ended")));
  await client.connect();
  const slot = `agentbase_realtime_${crypto.randomUUID().replaceAll("-", "")}`;
  await client.query(
    `CREATE_REPLICATION_SLOT ${slot} TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`,
  );
  const stream = new LogStream(slot, options, ended.resolve);
  void client.query(stream);
  return {
    ended: ended.promise.finally(() => stream.end()),
    pause: () => stream.protocol?.stream.pause(),
    resume: () => stream.protocol?.stream.resume(),
    async close() {
      ended.resolve(null);
      stream.end();
      stream.protocol?.stream.destroy();
      await ended.promise;
    },
  };
}

class LogStream implements Submittable {
  protocol: Protocol | null = null;
  readonly #slot: string;
  readonly #options: ReplicationOptions;
  readonly #fail: (error: Error) => void;
  #position = 0n;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(slot: string, options: ReplicationOptions, fail: (error: Error) => void) {
    this.#slot = slot;
    this.#options = options;
    this.#fail = fail;
  }

  submit(protocol: Protocol): void {
    this.protocol = protocol;
    protocol.query(
      `START_REPLICATION SLOT ${this.#slot} LOGICAL 0/0 (proto_version '1', publication_names '${this.#options.publications.join()}')`,
    );
    this.#timer = setInterval(() => this.#report(), statusInterval);
  }

  handleCopyData({ chunk }: { chunk: Uint8Array }): void {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (view.getUint8(0) === kind.data) {
      this.#position = view.getBigUint64(9);
      this.#options.onMessage(chunk.subarray(25));
    } else if (view.getUint8(0) === kind.keepAlive) {
      this.#position = view.getBigUint64(1);
      if (view.getUint8(17) === 1) this.#report();
    }
  }

  handleError(error: Error): void {
    this.#fail(error);
  }

  handleReadyForQuery(): void {
    this.#fail(new Error("the server ended the stream"));
  }

  end(): void {
    clearInterval(this.#timer);
  }

  /** Reports that everything up to the position has been processed. */
  #report(): void {
    const status = new DataView(new ArrayBuffer(34));
    status.setUint8(0, kind.status);
    // Written, flushed and applied; then the time, which the server ignores.
    for (const offset of [1, 9, 17]) status.setBigUint64(offset, this.#position);
    this.protocol?.sendCopyFromChunk(Buffer.from(status.buffer));
  }
}
