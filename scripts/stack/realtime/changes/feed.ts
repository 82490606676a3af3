import { explain } from "../../../common/explain.ts";
import { settledWithin } from "../../process/settled-within.ts";
import { publication } from "./catalogue.ts";
import { PgoutputReader, type RowChange } from "./pgoutput.ts";
import { openReplication, type Replication } from "./replication.ts";

/** What a feed is given. */
export interface FeedOptions {
  /** Connection string of a role that may replicate. */
  url: string;
  /**
   * Finds the subscribers of a change. @returns sends it, which is done in the order of the
   * commits, while the next ones are prepared.
   */
  prepare: (change: RowChange) => Promise<() => void>;
  /** Called when changes may have been missed. */
  onGap: () => void;
  report: (line: string) => void;
}

/** Committed changes of the published tables, from the write-ahead log. */
export interface Feed {
  stop(): Promise<void>;
}

/** Publications that are followed: rows that clients see, and messages that are broadcast. */
const publications = [publication, "supabase_realtime_messages_publication"];

/** Changes that are prepared at the same time. */
const windowSize = 16;

/** Changes that may wait for it; beyond, the server waits. */
const mostWaiting = 1_000;

/** Pause before the stream is opened again, in milliseconds. */
const retryPause = 500;

/** Follows the log. What happens while the stream is closed is not sent later. */
export async function startFeed(options: FeedOptions): Promise<Feed> {
  const feed = new LogFeed(options);
  await feed.open();
  return feed;
}

class LogFeed implements Feed {
  readonly #options: FeedOptions;
  #replication: Replication | null = null;
  #isStopped = false;
  #waiting: RowChange[] = [];
  #work: Promise<void> | null = null;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const reader = new PgoutputReader();
    const replication = await openReplication({
      url: this.#options.url,
      publications,
      onMessage: (message) => {
        const change = reader.read(message);
        if (change !== null) this.#take(change);
      },
    });
    if (this.#isStopped) return await replication.close();
    this.#replication = replication;
    void replication.ended.then((error) => this.#reopen(error));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#replication?.close();
    this.#waiting = [];
    await settledWithin(this.#work ?? Promise.resolve(), 1000);
  }

  async #reopen(error: Error | null): Promise<void> {
    if (this.#isStopped) return;
    this.#miss(error);
    while (!this.#isStopped) {
      await new Promise((resolve) => setTimeout(resolve, retryPause));
      try {
        return await this.open();
      } catch {
        // The database starts again, or the stack ends.
      }
    }
  }

  #take(change: RowChange): void {
    this.#waiting.push(change);
    if (this.#waiting.length >= mostWaiting) this.#replication?.pause();
    this.#work ??= this.#drain().finally(() => this.#work = null);
  }

  async #drain(): Promise<void> {
    const open: Promise<() => void>[] = [];
    while (this.#waiting.length + open.length > 0) {
      const change = open.length < windowSize ? this.#waiting.shift() : undefined;
      if (change !== undefined) {
        open.push(this.#prepare(change));
        continue;
      }
      (await open.shift())?.();
      if (this.#waiting.length < mostWaiting / 2) this.#replication?.resume();
    }
  }

  /** A change that cannot be sent does not delay the next ones. */
  async #prepare(change: RowChange): Promise<() => void> {
    try {
      return await this.#options.prepare(change);
    } catch (error) {
      return () => this.#miss(error);
    }
  }

  #miss(error: unknown): void {
    if (this.#isStopped) return;
    this.#options.report(`  Realtime     ${explain(error)}`);
    this.#options.onGap();
  }
}
