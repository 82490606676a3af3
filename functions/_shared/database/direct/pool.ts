import { sleep } from "../../core/sleep.ts";
import type { Connection } from "./connection.ts";
import { ConnectionFailure } from "./failure.ts";

/** A few connections that many calls share, each for one statement. */
export interface Pool {
  /**
   * Lends a connection to `work`. Calls are served in the order in which they come.
   *
   * @param signal Ends waiting and work; a connection in use is then dropped.
   * @throws {ConnectionFailure} if there is no connection in time; otherwise what `work` throws.
   */
  run<Value>(work: (connection: Connection) => Promise<Value>, signal: AbortSignal): Promise<Value>;
  /** Opens the first connection before a request waits for it. */
  warm(): void;
  /**
   * From now on closes each connection as soon as it is idle. Calls are still served. Resolves when
   * the idle connections are closed.
   */
  retire(): Promise<void>;
}

/** Options of {@linkcode createPool}. */
export interface PoolOptions {
  /** @throws {ConnectionFailure} */
  open: () => Promise<Connection>;
  /** Connections at most. */
  size: number;
  /** Called once with the reason when connections fail, and with null when they succeed again. */
  report: (failure: ConnectionFailure | null) => void;
  limits?: Partial<typeof POOL_LIMITS>;
}

/** Milliseconds, but for the first. */
const POOL_LIMITS = {
  /** Calls that may wait for a connection; one more is refused at once. */
  waiting: 256,
  /** How long a call waits for a connection. */
  waitMs: 5_000,
  /** How long a call waits for the next attempt to connect. */
  retryWaitMs: 1_000,
  /** The pause after an attempt that failed; it doubles up to the other. */
  firstPauseMs: 100,
  /** No longer than a call waits: the first call after an outage is answered. */
  longestPauseMs: 1_000,
  /** The pause after a refused user or password: poolers ban clients that repeat it. */
  refusedPauseMs: 15_000,
  /**
   * How long an unused connection stays open. After longer, a network may have dropped it silently.
   */
  idleMs: 20_000,
};

interface Waiting {
  take(connection: Connection): void;
  refuse(failure: ConnectionFailure): void;
}

/** Makes an empty pool; nothing is opened before it is needed. */
export function createPool(options: PoolOptions): Pool {
  return new ConnectionPool(options);
}

class ConnectionPool implements Pool {
  readonly #open: PoolOptions["open"];
  readonly #size: number;
  readonly #report: PoolOptions["report"];
  readonly #limits: typeof POOL_LIMITS;
  readonly #idle = new Map<Connection, ReturnType<typeof setTimeout>>();
  readonly #waiting = new Set<Waiting>();
  #atWork = 0;
  #opening = 0;
  /** Attempts to connect that failed since the last one that did not. */
  #failures = 0;
  #lastFailure: ConnectionFailure | null = null;
  #mayTryAt = 0;
  #isRetired = false;

  constructor({ open, size, report, limits }: PoolOptions) {
    this.#open = open;
    this.#size = size;
    this.#report = report;
    this.#limits = { ...POOL_LIMITS, ...limits };
  }

  async run<Value>(
    work: (connection: Connection) => Promise<Value>,
    signal: AbortSignal,
  ): Promise<Value> {
    const connection = this.#takeIdle() ?? await this.#wait(signal);
    const drop = () => connection.destroy();
    signal.addEventListener("abort", drop, { once: true });
    try {
      signal.throwIfAborted();
      return await work(connection);
    } catch (thrown) {
      throw signal.aborted ? outOfTime(signal, false) : thrown;
    } finally {
      signal.removeEventListener("abort", drop);
      this.#atWork--;
      this.#offer(connection);
    }
  }

  warm(): void {
    if (this.#idle.size + this.#atWork + this.#opening === 0) void this.#grow();
  }

  async retire(): Promise<void> {
    this.#isRetired = true;
    await Promise.all([...this.#idle.keys()].map((connection) => this.#close(connection)));
  }

  /** The connection that was used last: the caches of its backend are warm. */
  #takeIdle(): Connection | null {
    for (const connection of [...this.#idle.keys()].reverse()) {
      clearTimeout(this.#idle.get(connection));
      this.#idle.delete(connection);
      if (!connection.isOpen()) continue;
      this.#atWork++;
      return connection;
    }
    return null;
  }

  async #wait(signal: AbortSignal): Promise<Connection> {
    const pause = this.#mayTryAt - Date.now();
    const hasOthers = this.#atWork + this.#opening > 0;
    if (!hasOthers && this.#lastFailure && pause > this.#limits.retryWaitMs) {
      throw this.#lastFailure;
    }
    if (this.#waiting.size >= this.#limits.waiting) throw tooMany(this.#waiting.size);
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const waiting: Waiting = {
      take: resolve,
      refuse: (failure) => {
        this.#waiting.delete(waiting);
        reject(failure);
      },
    };
    const giveUp = () => waiting.refuse(outOfTime(signal, true));
    const timer = setTimeout(
      () => waiting.refuse(this.#lastFailure ?? tooLong(this.#limits.waitMs)),
      this.#limits.waitMs,
    );
    signal.addEventListener("abort", giveUp, { once: true });
    this.#waiting.add(waiting);
    if (signal.aborted) giveUp();
    else void this.#grow();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
    }
  }

  /** Opens one more connection if calls wait for one and the limit allows it. */
  async #grow(): Promise<void> {
    if (this.#idle.size + this.#atWork + this.#opening >= this.#size) return;
    this.#opening++;
    try {
      const pause = this.#mayTryAt - Date.now();
      if (pause > 0) await sleep(pause);
      const connection = await this.#open();
      if (this.#lastFailure) this.#report(null);
      this.#failures = 0;
      this.#lastFailure = null;
      this.#opening--;
      this.#offer(connection);
    } catch (thrown) {
      this.#opening--;
      this.#fail(thrown);
    }
  }

  #fail(thrown: unknown): void {
    const failure = thrown instanceof ConnectionFailure
      ? thrown
      : new ConnectionFailure(String(thrown), { wasNotSent: true });
    if (failure.message !== this.#lastFailure?.message) this.#report(failure);
    this.#lastFailure = failure;
    const { firstPauseMs, longestPauseMs, refusedPauseMs } = this.#limits;
    const pause = Math.min(firstPauseMs * 2 ** this.#failures++, longestPauseMs);
    this.#mayTryAt = Date.now() + (failure.isRefused ? refusedPauseMs : pause);
    // Connections in use will be handed to the waiting calls.
    if (this.#atWork + this.#opening > 0) return;
    for (const waiting of [...this.#waiting]) waiting.refuse(failure);
  }

  /** Gives an idle connection to the call that waits longest, or keeps it. */
  #offer(connection: Connection): void {
    const [next] = this.#waiting;
    if (!connection.isOpen()) {
      if (next) void this.#grow();
    } else if (next) {
      this.#waiting.delete(next);
      this.#atWork++;
      next.take(connection);
    } else if (this.#isRetired) {
      void connection.end();
    } else {
      const timer = setTimeout(() => void this.#close(connection), this.#limits.idleMs);
      this.#idle.set(connection, timer);
    }
  }

  async #close(connection: Connection): Promise<void> {
    clearTimeout(this.#idle.get(connection));
    this.#idle.delete(connection);
    await connection.end();
  }
}

function outOfTime(signal: AbortSignal, wasNotSent: boolean): ConnectionFailure {
  const reason = signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
  return new ConnectionFailure(`The call was given up (${reason}).`, { wasNotSent });
}

function tooMany(waiting: number): ConnectionFailure {
  return new ConnectionFailure(`${waiting} calls wait for a connection already.`, {
    code: "53300",
    wasNotSent: true,
  });
}

function tooLong(milliseconds: number): ConnectionFailure {
  return new ConnectionFailure(`No connection was free for ${milliseconds} ms.`, {
    code: "53300",
    wasNotSent: true,
  });
}
