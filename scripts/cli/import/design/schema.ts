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
  /** Columns of the source by which rows are ordered; alternatives are separated by "|". */
  order: z.array(z.string()).default([]),
  /** A list in a row of the source whose elements become rows: element.value, element.place. */
  each: z.string().optional(),
  /** Conditions for rows of the source that are not imported, and why. */
  skip: z.array(z.strictObject({ when: z.string(), why: z.string() })).default([]),
  /** The expression of each column of the target. */
  columns: z.record(z.string(), z.string()),
  /** Whether other columns with the same name on both sides are copied unchanged. */
  same: z.boolean().default(false),
  /** The column of the target that stores the columns of the source that no expression reads. */
  rest: z.string().optional(),
  /** Whether columns of the source that no expression reads are added to the target. */
  keeps: z.boolean().default(false),
  /** Columns of the source that are not imported, and why. */
  ignored: z.record(z.string(), z.string()).default({}),
  /** Columns of the target that must reference an existing row if they are not null. */
  required: z.record(z.string(), z.string()).default({}),
  /** Columns that become null if the referenced row does not exist in the source either. */
  optional: z.record(z.string(), z.string()).default({}),
  /** For some of these, the mapping whose rows in the quarantine they wait for. */
  waits: z.record(z.string(), z.string()).default({}),
  /** Conditions for rows that cannot be imported, over columns of the target. */
  checks: z.array(
    z.strictObject({ bad: z.string(), reason: z.string(), value: z.string().optional() }),
  ).default([]),
  /** Conditions for values that are left out of imported rows, which the quarantine records. */
  warnings: z.array(
    z.strictObject({ when: z.string(), reason: z.string(), value: z.string().optional() }),
  ).default([]),
  /**
   * Columns whose value is known only after the import of their parents; --plan does not report
   * them as missing.
   */
  late: z.array(z.string()).default([]),
  /** Columns that triggers change later, which --verify does not compare. */
  derived: z.array(z.string()).default([]),
  /** Columns of the source, and the column of the target from which --follow updates them. */
  back: z.record(z.string(), z.string()).optional(),
});

/** The design of an old database: how it is recognised, and how its tables are mapped. */
export const designSchema = z.strictObject({
  design: z.string().regex(/^[a-z-]+$/),
  title: z.string(),
  /** Tables and columns that identify the design, each with alternatives. */
  signature: z.record(z.string(), z.array(z.string())),
  labels: z.record(z.string(), z.record(z.string(), z.string())).default({}),
  /** Whether it excludes other designs that match too. */
  alone: z.boolean().default(false),
  /**
   * Rows ("gone") of the target that the migrations or new accounts created and that the source has
   * with other ids, children first. They are removed, kept in agentbase_import.replaced, and
   * restored by --revert.
   */
  replaces: z.array(z.strictObject({ table: z.string(), rows: z.string() })).default([]),
  tables: z.array(tableSchema),
  /** Tables that are not imported, and why. */
  left: z.record(z.string(), z.string()).default({}),
});

/** Some fields of a mapping. There are no defaults: missing fields keep the value of the design. */
const changedTableSchema = z.strictObject(Object.fromEntries(
  Object.entries(tableSchema.shape).map(([name, field]) => [
    name,
    z.optional(field instanceof z.ZodDefault ? field.unwrap() : field),
  ]),
));

/** The operator's changes to the designs. */
export const overrideSchema = z.strictObject({
  timezone: z.string().optional(),
  labels: z.record(z.string(), z.record(z.string(), z.string())).default({}),
  /** By the name of the mapping (`as`, else `from`). Fields are replaced; columns are merged. */
  tables: z.record(
    z.string(),
    changedTableSchema.transform((change) =>
      // SAFETY: the fields are those of the table's schema, some of them missing.
      change as Partial<TableMapping>
    ),
  ).default({}),
});

/** The operator's choices for an import, which are stored with it. */
export const choicesSchema = z.strictObject({
  mapping: overrideSchema.default(overrideSchema.parse({})),
  /** The time zone of times without one, if an option named it. */
  timezone: z.string().nullable().default(null),
});

export type TableMapping = z.infer<typeof tableSchema>;
export type Design = z.infer<typeof designSchema>;
export type Override = z.infer<typeof overrideSchema>;
export type Choices = z.infer<typeof choicesSchema>;
