import { z } from "zod";
import { asJson } from "../_shared/database/client.ts";
import type { SqlCaller } from "../_shared/database/sql_caller.ts";

/** A registered encrypted column. */
export interface EncryptedColumn {
  table: string;
  column: string;
}

const columnSchema = z.object({ table_name: z.string(), column_name: z.string() })
  .transform(({ table_name, column_name }) => ({ table: table_name, column: column_name }));

const countsSchema = z.array(
  z.object({
    table_name: z.string(),
    column_name: z.string(),
    key_id: z.string(),
    amount: z.int().nonnegative(),
  }).transform(({ table_name, column_name, ...rest }) => ({
    table: table_name,
    column: column_name,
    ...rest,
  })),
);

const valuesSchema = z.array(z.object({
  row_id: z.string(),
  owner: z.string(),
  scope: z.string(),
  blob: z.string(),
}));

/** How many values of a column are encrypted with a key. */
export type EncryptedCount = z.infer<typeof countsSchema>[number];

/** An encrypted value and where it belongs. */
export type EncryptedValue = z.infer<typeof valuesSchema>[number];

/** A value encrypted again. */
export interface Swap {
  row_id: string;
  /** The blob that it replaces: if the column has another one now, nothing is written. */
  old: string;
  blob: string;
  fingerprint: string;
}

/** The database calls of a rotation. */
export interface RotationDatabase {
  /** The registered columns, in the order of the rotation. */
  columns(): Promise<EncryptedColumn[]>;
  /** Reads every row. */
  count(): Promise<EncryptedCount[]>;
  /** Values that are encrypted with a key other than the active one, in the order of their rows. */
  list(
    activeId: string,
    column: EncryptedColumn,
    after: string | null,
    batch: number,
  ): Promise<EncryptedValue[]>;
  /** Writes the values that have not changed in the meantime; returns their number. */
  swap(column: EncryptedColumn, swaps: Swap[]): Promise<number>;
}

/** The calls. */
export function rotationDatabase(call: SqlCaller): RotationDatabase {
  return {
    columns: () => call("list_encrypted_columns", {}, z.array(columnSchema)),
    count: () => call("count_encrypted_values", {}, countsSchema),
    list: (active_key, { table, column }, after, batch) =>
      call("list_values_to_rotate", {
        active_key,
        table_name: table,
        column_name: column,
        // SAFETY: the argument takes null, which the generated types do not know.
        after: after as string,
        batch,
      }, valuesSchema),
    swap: ({ table, column }, swaps) =>
      call("swap_rotated_values", {
        table_name: table,
        column_name: column,
        swaps: asJson(swaps),
      }, z.int()),
  };
}
