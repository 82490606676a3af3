import { z } from "zod";

/** How rows of a table of the source become rows of a table of Agentbase. */
const tableSchema = z.strictObject({
  /** The table of the source; alternatives are separated by "|". */
  from: z.string().min(1),
  /** Distinguishes several mappings of one table of the source. */
  as: z.string().regex(/^[a-z_]+$/).optional(),
  /** The table of Agentbase, in schema public where none is named. */
  into: z.string().regex(/^(private\.)?[a-z_]+$/),
  /** Columns of the target that identify a row. */
  key: z.array(z.string()).min(1),
  /** "insert" skips rows that exist; "update" changes them, and --revert changes them back. */
  mode: z.enum(["insert", "update"]).default("insert"),
  /** Columns of the source by which rows are ordered, each with alternatives. */
  order: z.array(z.string()).default([]),
  /** A list of the source, each element of which is a row of the target: element.value, element.place. */
  each: z.string().optional(),
  /** Rows of the source that are no rows of the target. */
  skip: z.array(z.strictObject({ when: z.string(), why: z.string() })).default([]),
  /** The expression of each column of the target. */
  columns: z.record(z.string(), z.string()),
  /** Whether further columns that both have are copied as they are. */
  same: z.boolean().default(false),
  /** The column of the target that keeps the columns of the source that no expression reads. */
  rest: z.string().optional(),
  /** Whether the target gets the columns of the source that no expression reads. */
  keeps: z.boolean().default(false),
  /** Columns of the source that are not imported, and why. */
  ignored: z.record(z.string(), z.string()).default({}),
  /** Columns whose row must exist, where they are not null. */
  required: z.record(z.string(), z.string()).default({}),
  /** Columns that become null where their row does not exist in the source either. */
  optional: z.record(z.string(), z.string()).default({}),
  /** Of these, the mapping whose rows in the quarantine they wait for. */
  waits: z.record(z.string(), z.string()).default({}),
  /** Rows that cannot be imported, by expressions over columns of the target. */
  checks: z.array(
    z.strictObject({ bad: z.string(), reason: z.string(), value: z.string().optional() }),
  ).default([]),
  /** What is left out of rows that are imported: it is noted in the quarantine. */
  warnings: z.array(
    z.strictObject({ when: z.string(), reason: z.string(), value: z.string().optional() }),
  ).default([]),
  /** Columns whose value is known only once their parents are imported: --plan does not miss them. */
  late: z.array(z.string()).default([]),
  /** Columns that triggers change later: --verify leaves them out. */
  derived: z.array(z.string()).default([]),
  /** Columns of the source, by those of the target: how what the new system writes goes back. */
  back: z.record(z.string(), z.string()).optional(),
});

/** A design of an old database: how it is recognised, and where its data go. */
export const designSchema = z.strictObject({
  design: z.string().regex(/^[a-z-]+$/),
  title: z.string(),
  /** Tables and columns by which it is recognised, each with alternatives. */
  signature: z.record(z.string(), z.array(z.string())),
  labels: z.record(z.string(), z.record(z.string(), z.string())).default({}),
  /** Whether other designs whose signatures match too are not applied. */
  alone: z.boolean().default(false),
  /**
   * Rows ("gone") that the migrations, or accounts, have made in the target and that the source has with
   * other ids, children first: they are removed, kept in agentbase_import.replaced, and restored by --revert.
   */
  replaces: z.array(z.strictObject({ table: z.string(), rows: z.string() })).default([]),
  tables: z.array(tableSchema),
  /** Tables that are not imported, and why. */
  left: z.record(z.string(), z.string()).default({}),
});

/** Some fields of a mapping. Those that are missing stay as the design has them: no defaults here. */
const changedTableSchema = z.strictObject(Object.fromEntries(
  Object.entries(tableSchema.shape).map(([name, field]) => [
    name,
    z.optional(field instanceof z.ZodDefault ? field.unwrap() : field),
  ]),
));

/** What a file of the operator's changes about the designs. */
export const overrideSchema = z.strictObject({
  timezone: z.string().optional(),
  labels: z.record(z.string(), z.record(z.string(), z.string())).default({}),
  /** By the name of the mapping (`as`, else `from`): what is replaced; columns are merged. */
  tables: z.record(
    z.string(),
    changedTableSchema.transform((change) =>
      // SAFETY: the fields are those of the table's schema, without the ones that are missing.
      change as Partial<TableMapping>
    ),
  ).default({}),
});

/** What an operator chose for an import. The import remembers it. */
export const choicesSchema = z.strictObject({
  mapping: overrideSchema.default(overrideSchema.parse({})),
  /** The time zone of times without one, where an option named it. */
  timezone: z.string().nullable().default(null),
});

export type TableMapping = z.infer<typeof tableSchema>;
export type Design = z.infer<typeof designSchema>;
export type Override = z.infer<typeof overrideSchema>;
export type Choices = z.infer<typeof choicesSchema>;
