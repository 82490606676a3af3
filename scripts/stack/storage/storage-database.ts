import postgres from "postgres";
import { z } from "zod";
import type { Caller } from "../realtime/callers.ts";
import type { ObjectAddress } from "./address.ts";
import { refusals, StorageError } from "./storage-error.ts";

const count = z.union([z.number(), z.string()]).transform(Number);

const bucketSchema = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string().nullable(),
  public: z.boolean(),
  file_size_limit: count.nullable(),
  allowed_mime_types: z.array(z.string()).nullable(),
  created_at: z.date(),
  updated_at: z.date(),
});

/** A bucket, as a row of `storage.buckets`. */
export type Bucket = z.infer<typeof bucketSchema>;

const metadataSchema = z.object({
  eTag: z.string(),
  size: z.number(),
  mimetype: z.string(),
  cacheControl: z.string(),
  lastModified: z.string(),
  contentLength: z.number(),
  httpStatusCode: z.number(),
});

/** What is known of a file, as `storage.objects.metadata` has it. */
export type FileMetadata = z.infer<typeof metadataSchema>;

const objectSchema = z.object({
  id: z.string(),
  bucket_id: z.string(),
  name: z.string(),
  owner_id: z.string().nullable(),
  version: z.string(),
  metadata: metadataSchema,
  user_metadata: z.record(z.string(), z.unknown()).nullable(),
  created_at: z.date(),
  updated_at: z.date(),
  last_accessed_at: z.date(),
});

/** A file, as a row of `storage.objects`. */
export type StoredObject = z.infer<typeof objectSchema>;

/** A file that is about to have a row. */
export interface NewObject extends ObjectAddress {
  version: string;
  metadata: FileMetadata;
  userMetadata: Record<string, unknown> | null;
}

/** The rows behind the files. Statements run as the caller, so policies decide. */
export interface StorageDatabase {
  /** @throws {StorageError} 404 */
  bucket(id: string): Promise<Bucket>;
  /** Buckets that the caller sees. */
  buckets(caller: Caller): Promise<Bucket[]>;
  /** @throws {StorageError} 404 for one that is absent or not the caller's to see. */
  find(caller: Caller | null, address: ObjectAddress): Promise<StoredObject>;
  /** Objects of a bucket whose names begin so, that the caller sees, by name. */
  list(caller: Caller, bucket: string, prefix: string): Promise<StoredObject[]>;
  /**
   * Writes the row of a file.
   *
   * @returns its id, and the version that it replaces.
   * @throws {StorageError} 403, 409
   */
  write(
    caller: Caller,
    object: NewObject,
    replaces: boolean,
  ): Promise<{ id: string; replaced: string | null }>;
  /** Whether the caller might add an object. @throws {StorageError} 403, 409 */
  tryToWrite(caller: Caller, address: ObjectAddress, replaces: boolean): Promise<void>;
  /** Renames an object. @throws {StorageError} 403, 404, 409 */
  move(caller: Caller, from: ObjectAddress, name: string): Promise<void>;
  /** Deletes the rows that the caller may delete. @returns these. */
  remove(caller: Caller, bucket: string, names: readonly string[]): Promise<StoredObject[]>;
  close(): Promise<void>;
}

/**
 * Opens the rows.
 *
 * @param url Connection string of `authenticator`.
 * @param ownerUrl Connection string of a role that sees all rows, for what policies do not decide.
 */
export function openStorageDatabase(url: string, ownerUrl: string): StorageDatabase {
  const settings = { max: 5, onnotice: () => {} };
  const sql = postgres(url, settings);
  const owner = postgres(ownerUrl, { ...settings, max: 2 });

  const as = <Result>(caller: Caller, work: Work<Result>) => runAs(sql, caller, work);

  return {
    async bucket(id) {
      const [row] = await owner`select * from storage.buckets where id = ${id}`;
      if (!row) throw refusals.bucketNotFound();
      return bucketSchema.parse(row);
    },
    buckets: (caller) =>
      as(caller, async (transaction) =>
        z.array(bucketSchema).parse([
          ...await transaction`select * from storage.buckets order by name`,
        ])),
    async find(caller, { bucket, name }) {
      const read = async (from: postgres.Sql | postgres.TransactionSql) => [
        ...await from`
          select * from storage.objects where bucket_id = ${bucket} and name = ${name}`,
      ];
      const [row] = caller ? await as(caller, read) : await read(owner);
      if (!row) throw refusals.notFound();
      return objectSchema.parse(row);
    },
    list: (caller, bucket, prefix) =>
      as(caller, async (transaction) =>
        z.array(objectSchema).parse([
          ...await transaction`
            select * from storage.objects
            where bucket_id = ${bucket} and starts_with(name, ${prefix}) order by name`,
        ])),
    write: (caller, object, replaces) =>
      as(caller, async (transaction) => {
        const { bucket, name } = object;
        await lockName(transaction, object);
        // Row level security may hide the version that is replaced from its writer.
        const [before] = await owner<{ version: string }[]>`
          select version from storage.objects where bucket_id = ${bucket} and name = ${name}`;
        const id = await insert(transaction, object, subjectOf(caller), replaces);
        return { id, replaced: before?.version ?? null };
      }),
    async tryToWrite(caller, address, replaces) {
      const undone = new Error("undone");
      const trial = { ...address, version: "", metadata: NO_FILE, userMetadata: null };
      await as(caller, async (transaction) => {
        await insert(transaction, trial, subjectOf(caller), replaces);
        throw undone;
      }).catch((thrown) => {
        if (thrown !== undone) throw thrown;
      });
    },
    async move(caller, from, to) {
      const { bucket, name } = from;
      const rows = await as(caller, async (transaction) => {
        await lockName(transaction, from);
        return await transaction`
          update storage.objects set name = ${to}, updated_at = now()
          where bucket_id = ${bucket} and name = ${name} returning id`;
      });
      if (rows.length === 0) throw refusals.notFound();
    },
    remove: (caller, bucket, names) =>
      as(caller, async (transaction) =>
        z.array(objectSchema).parse([
          ...await transaction`
            delete from storage.objects
            where bucket_id = ${bucket} and name = any (${[...names]}) returning *`,
        ])),
    async close() {
      await Promise.all([sql.end({ timeout: 1 }), owner.end({ timeout: 1 })]);
    },
  };
}

/** Statements of one transaction. */
type Work<Result> = (transaction: postgres.TransactionSql) => Promise<Result>;

/** Runs statements as the caller, whose rights policies read from the settings of the transaction. */
async function runAs<Result>(
  sql: postgres.Sql,
  caller: Caller,
  work: Work<Result>,
): Promise<Result> {
  const run = async (transaction: postgres.TransactionSql) => {
    await transaction`select
      set_config('request.jwt.claims', ${JSON.stringify(caller.claims)}, true),
      set_config('storage.allow_delete_query', 'true', true),
      set_config('role', ${caller.role}, true)`;
    return { result: await work(transaction) };
  };
  try {
    return (await sql.begin(run)).result;
  } catch (thrown) {
    throw translate(thrown);
  }
}

/** Writes the row of a file. @returns Its id. */
async function insert(
  transaction: postgres.TransactionSql,
  { bucket, name, version, metadata, userMetadata }: NewObject,
  ownerId: string | null,
  replaces: boolean,
): Promise<string> {
  const [row] = await transaction<{ id: string }[]>`
    insert into storage.objects
      (bucket_id, name, owner, owner_id, version, metadata, user_metadata)
    values (
      ${bucket}, ${name}, ${ownerId}, ${ownerId}, ${version},
      ${JSON.stringify(metadata)}::text::jsonb,
      ${userMetadata && JSON.stringify(userMetadata)}::text::jsonb
    )
    ${
    replaces
      ? transaction`on conflict (bucket_id, name) do update set
          version = excluded.version, metadata = excluded.metadata,
          user_metadata = excluded.user_metadata, owner_id = excluded.owner_id,
          updated_at = now()`
      : transaction``
  }
    returning id`;
  return row?.id ?? "";
}

const NO_FILE: FileMetadata = {
  eTag: "",
  size: 0,
  mimetype: "",
  cacheControl: "",
  lastModified: "",
  contentLength: 0,
  httpStatusCode: 200,
};

/** Serializes writes and renames of the object, so that each replaced version is reported once. */
async function lockName(
  transaction: postgres.TransactionSql,
  { bucket, name }: ObjectAddress,
): Promise<void> {
  await transaction`
    select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(${`${bucket}/${name}`}, 0))`;
}

function subjectOf({ claims }: Caller): string | null {
  return typeof claims.sub === "string" ? claims.sub : null;
}

/** An error of Postgres as the platform's error. */
function translate(thrown: unknown): unknown {
  if (!(thrown instanceof postgres.PostgresError)) return thrown;
  switch (thrown.code) {
    case "42501":
      return refusals.accessDenied(
        thrown.message.replace(/( \(USING expression\))? for table "objects"$/, ""),
      );
    case "23505":
      return refusals.exists();
    case "23503":
      return refusals.bucketNotFound();
    default:
      return new StorageError(500, "DatabaseError", "The database refused the statement");
  }
}
