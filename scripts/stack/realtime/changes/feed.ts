import postgres from "postgres";
import { z } from "zod";
import { explain } from "../../../common/explain.ts";
import { publication } from "./catalogue.ts";
import { PgoutputReader, type RowChange } from "./pgoutput.ts";

/** What a feed is given. */
export interface FeedOptions {
  /** Connection string of a role that may decode the log. */
  url: string;
  /**
   * Finds out who is to have a change. @returns sends it, which is done in the order of the commits,
   * while the next ones are prepared.
   */
  prepare: (change: RowChange) => Promise<() => void>;
  /** Called when changes may have been missed. */
  onGap: () => void;
  /** Whether anyone listens. */
  isWanted: () => boolean;
  report: (line: string) => void;
}

/** Committed changes of the published tables, from the write-ahead log. */
export interface Feed {
  /** Looks at once whether there are changes. */
  wake(): void;
  stop(): Promise<void>;
}

/** Publications that are decoded: rows that clients follow, and messages that are broadcast. */
const publications = [publication, "supabase_realtime_messages_publication"].join();

/** Pauses between two looks while someone listens, and while no one does, in milliseconds. */
const pause = { wanted: 25, unwanted: 1000, failed: 500 };

/** Changes per look; a transaction is never split. */
const batch = 500;

/** Changes that are prepared at the same time. */
const windowSize = 16;

const rowSchema = z.object({ data: z.instanceof(Uint8Array) });

/**
 * Follows the log by polling a temporary slot. It ends with its connection and retains nothing, so
 * nothing is left behind however this process ends; what happens without it is not sent later.
 */
export async function startFeed(options: FeedOptions): Promise<Feed> {
  const feed = new PollingFeed(options);
  await feed.open();
  feed.run();
  return feed;
}

class PollingFeed implements Feed {
  readonly #options: FeedOptions;
  readonly #sql: postgres.Sql;
  #slot = "";
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();
  #wake: () => void = () => {};

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#sql = postgres(options.url, {
      max: 1,
      // The slot belongs to the connection.
      max_lifetime: null,
      connection: { application_name: "agentbase realtime" },
      onnotice: () => {},
    });
  }

  async open(): Promise<void> {
    if (this.#slot !== "") {
      // Where the connection was lost, so is the slot.
      await this.#sql`
        select pg_drop_replication_slot(slot_name) from pg_catalog.pg_replication_slots
        where slot_name = ${this.#slot}`;
    }
    this.#slot = `agentbase_realtime_${crypto.randomUUID().replaceAll("-", "")}`;
    await this.#sql`select pg_create_logical_replication_slot(${this.#slot}, 'pgoutput', true)`;
  }

  run(): void {
    this.#running = this.#loop();
  }

  wake(): void {
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    await this.#running;
    await this.#sql.end({ timeout: 1 });
  }

  async #loop(): Promise<void> {
    let isOpen = true;
    while (!this.#isStopped) {
      try {
        if (!isOpen) await this.open();
        isOpen = true;
        const isWanted = this.#options.isWanted();
        const found = isWanted ? await this.#look() : await this.#skip();
        if (found === 0) await this.#rest(isWanted ? pause.wanted : pause.unwanted);
      } catch (error) {
        if (this.#isStopped) return;
        if (isOpen) this.#miss(error);
        isOpen = false;
        await this.#rest(pause.failed);
      }
    }
  }

  /** Takes what has been committed. @returns the number of messages. */
  async #look(): Promise<number> {
    const reader = new PgoutputReader();
    let count = 0;
    const messages = this.#sql`
      select data from pg_logical_slot_get_binary_changes(
        ${this.#slot}, null, ${batch}, 'proto_version', '1', 'publication_names', ${publications}
      )`.cursor(batch);
    const open: Promise<() => void>[] = [];
    for await (const rows of messages) {
      count += rows.length;
      for (const { data } of z.array(rowSchema).parse(rows)) {
        const change = reader.read(data);
        if (change === null) continue;
        open.push(this.#prepare(change));
        if (open.length >= windowSize) (await open.shift())?.();
      }
    }
    for (const prepared of open) (await prepared)();
    return count;
  }

  /** A change that cannot be sent does not keep the next ones back. */
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

  /** Passes over what no one listens to, so that the server need not keep it. */
  async #skip(): Promise<number> {
    await this.#sql`select pg_replication_slot_advance(${this.#slot}, pg_current_wal_lsn())`;
    return 0;
  }

  async #rest(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
