import type postgres from "postgres";
import type { ChangeRequest } from "../join-request.ts";
import { Catalogue, type Table } from "./catalogue.ts";
import { typeCondition, type TypedCondition } from "./conditions.ts";
import { readFilter } from "./filters.ts";
import type { RowChange } from "./pgoutput.ts";

/** Which changes a channel wants: one entry of its `postgres_changes`. */
export interface Subscription {
  /** Names the entry to the client; equal entries have equal ids. */
  id: number;
  event: RowChange["type"] | "*";
  /** `*` stands for any. */
  schema: string;
  table: string;
  conditions: TypedCondition[];
  /** Names of the columns to send beside the primary key; null for all. */
  select: string[] | null;
}

/** Why there is no subscription. */
export class SubscriptionRefused extends Error {
  override name = "SubscriptionRefused";
}

const events = ["INSERT", "UPDATE", "DELETE"] as const;

/** The id of an entry. */
export function subscriptionId(request: ChangeRequest): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(JSON.stringify(request))) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0) % 2 ** 27;
}

/**
 * Checks the entries of a channel as a role: the table is published, the role may read the columns of
 * the filter, and its values are of their types.
 *
 * @throws {SubscriptionRefused} for the first entry that fails: then the channel has none.
 */
export async function prepareSubscriptions(
  sql: postgres.Sql,
  catalogue: Catalogue,
  role: string,
  requests: readonly ChangeRequest[],
): Promise<Subscription[]> {
  const prepared: Subscription[] = [];
  for (const request of requests) prepared.push(await prepare(sql, catalogue, role, request));
  return prepared;
}

async function prepare(
  sql: postgres.Sql,
  catalogue: Catalogue,
  role: string,
  request: ChangeRequest,
): Promise<Subscription> {
  const schema = request.schema ?? "public";
  const table = request.table ?? "*";
  const event = events.find((name) => name === request.event?.toUpperCase()) ?? "*";
  if (!await catalogue.isPublished(schema, table)) {
    throw new SubscriptionRefused(
      `Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect parameters: [${
        describe(request)
      }]`,
    );
  }
  const found = table === "*" ? null : await catalogue.table(schema, table);
  const select = request.select ?? null;
  const conditions: TypedCondition[] = [];
  try {
    const readable = found === null ? null : await catalogue.readableColumns(role, found);
    for (const name of select ?? []) columnOf(found, readable, name, "select");
    for (const condition of request.filter ? readFilter(request.filter) : []) {
      const column = columnOf(found, readable, condition.column, "filter");
      conditions.push(await typeCondition(sql, condition, column));
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason.startsWith("Error parsing")) throw new SubscriptionRefused(reason);
    throw new SubscriptionRefused(
      `Unable to subscribe to changes with given parameters. An exception happened so please check your connect parameters: [${
        describe(request)
      }]. Exception: ${reason}`,
    );
  }
  return { id: subscriptionId(request), event, schema, table, conditions, select };
}

function columnOf(table: Table | null, readable: Set<string> | null, name: string, use: string) {
  const column = table?.columns.get(name);
  if (column === undefined || !readable?.has(name)) {
    throw new Error(`invalid column for ${use} ${name}`);
  }
  return column;
}

function describe({ event, schema, table, filter, select }: ChangeRequest): string {
  return [
    `event: ${event ?? "*"}`,
    `schema: ${schema ?? "public"}`,
    `table: ${table ?? "*"}`,
    `filters: ${filter ?? "[]"}`,
    `select: ${select ? JSON.stringify(select) : "[]"}`,
  ].join(", ");
}
