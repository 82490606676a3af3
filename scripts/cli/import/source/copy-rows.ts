import type { TransactionSql } from "postgres";
import { copyInto } from "../../../common/copy-into.ts";
import { readRows } from "./read-rows.ts";

/** Copies the rows of an export, as text, into the temporary table "raw_texts". */
export async function copyRows(sql: TransactionSql, path: string): Promise<void> {
  const lines = (async function* () {
    for await (const row of readRows(path)) yield `${row}\n`;
  })();
  // As CSV whose quote and delimiter are in no JSON.
  await copyInto(
    sql,
    "copy raw_texts (text) from stdin (format csv, quote e'\\x01', delimiter e'\\x02')",
    lines,
  );
}
