/** A column as Postgres describes it before the first change of its table. */
export interface RelationColumn {
  name: string;
  typeId: number;
  /** Whether the replica identity contains it. */
  isIdentity: boolean;
}

/** A table as Postgres describes it. */
export interface Relation {
  id: number;
  schema: string;
  table: string;
  columns: RelationColumn[];
}

/** Values by column, in the text form of Postgres; a value that is not in the log is not there. */
export type Row = Map<string, string | null>;

/** A committed change of a row. */
export interface RowChange {
  type: "INSERT" | "UPDATE" | "DELETE";
  relation: Relation;
  /** The new row; null of a deletion. */
  row: Row | null;
  /** What the replica identity has of the old row; null where the log has none. */
  old: Row | null;
  /** The transaction; 32 bits. */
  transaction: number;
  /** ISO 8601, in UTC, with milliseconds. */
  committedAt: string;
}

/** Milliseconds from 1970 to 2000, where Postgres' time begins. */
const epoch = Date.UTC(2000, 0, 1);

/**
 * Reads messages of the plugin `pgoutput`, protocol version 1, one after the other.
 *
 * A reader keeps the descriptions of tables, so there is one reader for each stream.
 */
export class PgoutputReader {
  readonly #relations = new Map<number, Relation>();
  #committedAt = "";
  #transaction = 0;

  /** Reads one message. @returns null when it is no change of a row. */
  read(message: Uint8Array): RowChange | null {
    const cursor = new Cursor(message);
    switch (cursor.letter()) {
      case "B":
        cursor.skip(8);
        this.#committedAt = new Date(epoch + Number(cursor.int64() / 1000n)).toISOString();
        this.#transaction = cursor.int32();
        return null;
      case "R":
        this.#remember(cursor);
        return null;
      case "I":
        return this.#change("INSERT", cursor);
      case "U":
        return this.#change("UPDATE", cursor);
      case "D":
        return this.#change("DELETE", cursor);
      default:
        return null;
    }
  }

  #remember(cursor: Cursor): void {
    const id = cursor.int32();
    const schema = cursor.string();
    const table = cursor.string();
    cursor.skip(1);
    const columns = Array.from({ length: cursor.int16() }, () => {
      const isIdentity = (cursor.byte() & 1) === 1;
      const column = { name: cursor.string(), typeId: cursor.int32(), isIdentity };
      cursor.skip(4);
      return column;
    });
    this.#relations.set(id, { id, schema, table, columns });
  }

  #change(type: RowChange["type"], cursor: Cursor): RowChange {
    const relation = this.#relations.get(cursor.int32());
    if (relation === undefined) throw new Error("pgoutput: a change of a table that is unknown");
    let old: Row | null = null;
    let row: Row | null = null;
    while (!cursor.isAtEnd()) {
      const kind = cursor.letter();
      const values = readTuple(cursor, relation, kind === "K");
      if (kind === "N") row = values;
      else old = values;
    }
    // A large value that was not changed is in the log as part of the full old row only.
    if (row !== null && old !== null) {
      for (const [name, value] of old) if (!row.has(name)) row.set(name, value);
    }
    return {
      type,
      relation,
      row,
      old,
      transaction: this.#transaction,
      committedAt: this.#committedAt,
    };
  }
}

function readTuple(cursor: Cursor, { columns }: Relation, isIdentityOnly: boolean): Row {
  const row: Row = new Map();
  const count = cursor.int16();
  for (const { name, isIdentity } of columns.slice(0, count)) {
    const kind = cursor.letter();
    const value = kind === "t" ? cursor.text(cursor.int32()) : null;
    if (kind !== "u" && (isIdentity || !isIdentityOnly)) row.set(name, value);
  }
  return row;
}

/** Reads the fields of a message in order; numbers are big-endian. */
class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  isAtEnd(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  skip(bytes: number): void {
    this.#offset += bytes;
  }

  byte(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  letter(): string {
    return String.fromCharCode(this.byte());
  }

  int16(): number {
    return this.#view.getInt16(this.#advance(2));
  }

  int32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#advance(8));
  }

  text(length: number): string {
    const start = this.#advance(length);
    return new TextDecoder().decode(this.#bytes.subarray(start, start + length));
  }

  /** Up to the next zero byte. */
  string(): string {
    const end = this.#bytes.indexOf(0, this.#offset);
    const value = this.text(end - this.#offset);
    this.skip(1);
    return value;
  }

  #advance(bytes: number): number {
    const start = this.#offset;
    this.#offset += bytes;
    return start;
  }
}
