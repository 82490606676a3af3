import type postgres from "postgres";
import { z } from "zod";
import type { Caller } from "./callers.ts";
import type { Table } from "./changes/catalogue.ts";
import type { RowChange } from "./changes/pgoutput.ts";

/** What a private channel is used for. */
export type Extension = "broadcast" | "presence";

const answerSchema = z.array(z.boolean());

/** Claims that change with each token of a session; no policy decides by them. */
const fleeting = new Set(["exp", "iat", "nbf", "jti"]);

/** Asks the policies of the database as callers, each question once for all tokens of a user. */
export class Policies {
  readonly #sql: postgres.Sql;

  constructor(sql: postgres.Sql) {
    this.#sql = sql;
  }

  /** Which callers see a row that was inserted or updated, by its primary key. */
  async whoSees(
    table: Table,
    { row, transaction }: RowChange,
    callers: readonly Caller[],
  ): Promise<Set<Caller>> {
    const keys = table.key.map((name) => ({
      name,
      type: table.columns.get(name)?.sqlType ?? "text",
      value: row?.get(name) ?? null,
    }));
    return await askOnce(callers, async (readers) => {
      const [row] = await this.#sql`
        select realtime.visible_to(
          ${table.id}::oid::regclass, ${String(transaction)}::text::xid8,
          ${this.#sql.json(keys)}, ${this.#sql.json(readers)}
        ) as answers`;
      return answerSchema.parse(row?.answers);
    });
  }

  /** Which callers may receive on a private channel, or send on it. */
  async whoMay(
    use: "receive" | "send",
    topic: string,
    extension: Extension,
    callers: readonly Caller[],
  ): Promise<Set<Caller>> {
    return await askOnce(callers, async (readers) => {
      const [row] = await this.#sql`
        select realtime.may_use(
          ${topic}, ${extension}, ${use === "send"}, ${this.#sql.json(readers)}
        ) as answers`;
      return answerSchema.parse(row?.answers);
    });
  }
}

type Reader = {
  role: string;
  claims: string;
};

/** Readers of one question; several questions are answered at the same time. */
const readersPerQuestion = 50;

/** Asks for each distinct reader. @returns the callers for whom the answer is yes. */
async function askOnce(
  callers: readonly Caller[],
  ask: (readers: Reader[]) => Promise<boolean[]>,
): Promise<Set<Caller>> {
  const byReader = Map.groupBy(callers, readerOf);
  if (byReader.size === 0) return new Set();
  const claims = [...byReader.keys()];
  const readers = claims.map((text) => ({
    role: byReader.get(text)?.[0]?.role ?? "anon",
    claims: text,
  }));
  const questions: Promise<boolean[]>[] = [];
  for (let at = 0; at < readers.length; at += readersPerQuestion) {
    questions.push(ask(readers.slice(at, at + readersPerQuestion)));
  }
  const answers = (await Promise.all(questions)).flat();
  return new Set(
    claims.filter((_, index) => answers[index]).flatMap((text) => byReader.get(text) ?? []),
  );
}

const texts = new WeakMap<Caller, string>();

/** The claims of a caller as a text, equal for all tokens of a session. */
function readerOf(caller: Caller): string {
  const known = texts.get(caller);
  if (known !== undefined) return known;
  const lasting = Object.entries(caller.claims).filter(([name]) => !fleeting.has(name)).sort();
  const text = JSON.stringify(Object.fromEntries(lasting));
  texts.set(caller, text);
  return text;
}
