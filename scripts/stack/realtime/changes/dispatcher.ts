import type postgres from "postgres";
import type { Caller } from "../callers.ts";
import type { Policies } from "../policies.ts";
import { Catalogue, type Table } from "./catalogue.ts";
import { meets, type TypedCondition } from "./conditions.ts";
import { changePayload } from "./payload.ts";
import type { Row, RowChange } from "./pgoutput.ts";
import type { Subscription } from "./subscriptions.ts";

/** A channel that follows changes. */
export interface Follower {
  readonly caller: Caller;
  readonly subscriptions: readonly Subscription[];
  /** Takes a change that the caller may see, for the subscriptions with these ids. */
  receive(ids: number[], data: unknown): void;
}

/** A subscription that a change is for. */
interface Match {
  follower: Follower;
  caller: Caller;
  subscription: Subscription;
}

/** Brings each change to those who subscribed to it and may see it. */
export class Dispatcher {
  readonly followers = new Set<Follower>();
  readonly #sql: postgres.Sql;
  readonly #catalogue: Catalogue;
  readonly #policies: Policies;

  constructor(sql: postgres.Sql, catalogue: Catalogue, policies: Policies) {
    this.#sql = sql;
    this.#catalogue = catalogue;
    this.#policies = policies;
  }

  /**
   * Finds the subscribers of a change.
   *
   * @returns a function that sends it to those that are still connected.
   */
  async prepare(change: RowChange): Promise<() => void> {
    const { schema, table: name } = change.relation;
    const subscribed = this.#subscribed(change);
    if (subscribed.length === 0) return () => {};
    const table = await this.#catalogue.table(schema, name);
    if (table === null) return () => {};
    const wanted = await this.#wanted(change, subscribed);
    const seen = await this.#visible(change, table, wanted);
    const roles = [...new Set(seen.map(({ caller }) => caller.role))];
    const readable = new Map(
      await Promise.all(
        roles.map(async (role) =>
          [role, await this.#catalogue.readableColumns(role, table)] as const
        ),
      ),
    );
    return () => this.#send(change, table, readable, seen);
  }

  #subscribed({ type, relation }: RowChange): Match[] {
    const matches: Match[] = [];
    const now = Date.now();
    for (const follower of this.followers) {
      const { caller } = follower;
      if (caller.expiresAt <= now) continue;
      for (const subscription of follower.subscriptions) {
        const { event, schema, table } = subscription;
        if (
          (event === "*" || event === type) && (schema === "*" || schema === relation.schema) &&
          (table === "*" || table === relation.table)
        ) matches.push({ follower, caller, subscription });
      }
    }
    return matches;
  }

  async #wanted({ row, old }: RowChange, matches: readonly Match[]): Promise<Match[]> {
    // Of a deletion only the replica identity is known.
    const values = row ?? old ?? new Map();
    const answers = new Map<string, Promise<boolean>>();
    const isMet = (condition: TypedCondition): Promise<boolean> => {
      const key = JSON.stringify(condition);
      const answer = answers.get(key) ?? this.#meets(condition, values);
      answers.set(key, answer);
      return answer;
    };
    const wanted = await Promise.all(
      matches.map(async ({ subscription: { conditions } }) =>
        (await Promise.all(conditions.map(isMet))).every(Boolean)
      ),
    );
    return matches.filter((_, index) => wanted[index]);
  }

  async #meets(condition: TypedCondition, values: Row): Promise<boolean> {
    const value = values.get(condition.column);
    return value !== undefined && await meets(this.#sql, condition, value);
  }

  async #visible(change: RowChange, table: Table, matches: Match[]): Promise<Match[]> {
    // A deleted row, or one of a table without a key, cannot be checked.
    if (change.row === null || !table.hasRowSecurity || table.key.length === 0) {
      return matches;
    }
    const callers = [...new Set(matches.map(({ caller }) => caller))];
    const seers = await this.#policies.whoSees(table, change, callers);
    return matches.filter(({ caller }) => seers.has(caller));
  }

  #send(
    change: RowChange,
    table: Table,
    readable: ReadonlyMap<string, ReadonlySet<string>>,
    matches: readonly Match[],
  ): void {
    const view = ({ caller, subscription: { select } }: Match) =>
      JSON.stringify([caller.role, select]);
    for (const same of Map.groupBy(matches, view).values()) {
      const [{ caller, subscription: { select } }] = nonEmpty(same);
      const columns = readable.get(caller.role) ?? new Set();
      const data = changePayload(change, table, columns, select);
      for (const [follower, its] of Map.groupBy(same, ({ follower }) => follower)) {
        // It may have been closed since the policies were asked.
        if (!this.followers.has(follower)) continue;
        follower.receive([...new Set(its.map(({ subscription }) => subscription.id))], data);
      }
    }
  }
}

function nonEmpty<Item>(items: Item[]): [Item, ...Item[]] {
  const [first, ...others] = items;
  if (first === undefined) throw new Error("a group has no members");
  return [first, ...others];
}
