import type { DataApi } from "../_shared/database.ts";
import { databaseError } from "../_shared/database_error.ts";

/** The database call of the health function. */
export interface HealthDatabase {
  /** Resolves when the database answers; rejects when it does not. */
  ping(): Promise<void>;
}

/** Longer than a healthy database ever takes, shorter than a prober waits. */
const PING_TIMEOUT_MS = 3_000;

/**
 * The call, made by a client with the secret key: the cheapest read of a table that always exists.
 * Anyone may ask for health, so requests at the same time share one read.
 */
export function healthDatabase(client: DataApi): HealthDatabase {
  let running: Promise<void> | undefined;

  async function read(): Promise<void> {
    const { error, status } = await client.from("agents").select("id").limit(1)
      .abortSignal(AbortSignal.timeout(PING_TIMEOUT_MS));
    if (error) throw databaseError(error, status);
  }

  return {
    ping: () => running ??= read().finally(() => running = undefined),
  };
}
