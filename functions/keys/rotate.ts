import { type Keyring, UndecryptableError } from "../_shared/crypto/envelope.ts";
import { fingerprintLabel } from "../_shared/crypto/stored_key.ts";
import type {
  EncryptedColumn,
  EncryptedCount,
  EncryptedValue,
  RotationDatabase,
  Swap,
} from "./rotation_db.ts";
import type { RotateRequest } from "./schema.ts";

/** The progress of a rotation after one request. */
export interface RotationReport {
  /** The id of the active key, with which all values are encrypted. */
  active_key: string;
  /** Values that were encrypted again. */
  rotated: number;
  /** Values that were skipped because they changed during the rotation. */
  passed_over: number;
  /** Values that no key on the ring decrypts, which are left unchanged. */
  undecryptable: EncryptedPlace[];
  /**
   * How many values are still encrypted with each other key, at the beginning and end of a round;
   * null in between, as counting reads every row.
   */
  remaining: EncryptedCount[] | null;
  /** Where the next request continues; null at the end of a round. */
  next: EncryptedPlace | null;
}

/** The position of a value. */
export interface EncryptedPlace extends EncryptedColumn {
  row: string;
}

/** Values that are encrypted while the previous ones are written. */
const PART = 250;

/**
 * Encrypts a batch of values again with the active key: each is decrypted, encrypted, decrypted
 * again to verify, and written unless it has changed in the meantime. An interrupted rotation is
 * simply started again, and finds the remaining values.
 */
export async function rotate(
  { batch, after }: RotateRequest,
  keyring: Keyring,
  database: RotationDatabase,
): Promise<RotationReport> {
  const countOld = async () =>
    (await database.count()).filter(({ key_id }) => key_id !== keyring.activeId);
  const report: RotationReport = {
    active_key: keyring.activeId,
    rotated: 0,
    passed_over: 0,
    undecryptable: [],
    remaining: after ? null : await countOld(),
    next: null,
  };
  let left = batch;
  const columns = await database.columns();
  const first = after ? columns.findIndex((column) => isSame(column, after)) : 0;
  for (const column of columns.slice(Math.max(first, 0))) {
    const from = after && isSame(column, after) ? after.row : null;
    const values = await database.list(keyring.activeId, column, from, left);
    await renewAll(values, column, { keyring, database, report });
    left -= values.length;
    const last = values.at(-1);
    if (left === 0 && last) {
      report.next = { ...column, row: last.row_id };
      break;
    }
  }
  if (report.next === null) report.remaining = await countOld();
  return report;
}

/** Encrypts values again and writes them in parts, each while the next is being encrypted. */
async function renewAll(
  values: readonly EncryptedValue[],
  column: EncryptedColumn,
  { keyring, database, report }: {
    keyring: Keyring;
    database: RotationDatabase;
    report: RotationReport;
  },
): Promise<void> {
  const swap = async (swaps: Swap[]) => {
    const swapped = swaps.length > 0 ? await database.swap(column, swaps) : 0;
    report.rotated += swapped;
    report.passed_over += swaps.length - swapped;
  };
  let swapping = Promise.resolve();
  for (let from = 0; from < values.length; from += PART) {
    const part = values.slice(from, from + PART);
    // In parallel: the runtime encrypts on all processors.
    const renewing = Promise.all(part.map((value) => renew(value, column, keyring)));
    const [renewed] = await Promise.all([renewing, swapping]);
    report.undecryptable.push(
      ...part.filter((_, index) => renewed[index] === null)
        .map(({ row_id }) => ({ ...column, row: row_id })),
    );
    swapping = swap(renewed.filter((swap) => swap !== null));
  }
  await swapping;
}

function isSame(one: EncryptedColumn, other: EncryptedColumn): boolean {
  return one.table === other.table && one.column === other.column;
}

/** A value encrypted with the active key; null if no key decrypts it. */
async function renew(
  { row_id, owner, scope, blob }: EncryptedValue,
  { table }: EncryptedColumn,
  keyring: Keyring,
): Promise<Swap | null> {
  const binding = { table, row: row_id, owner, scope };
  try {
    const plaintext = await keyring.decrypt(blob, binding);
    const renewed = await keyring.encrypt(plaintext, binding);
    if (await keyring.decrypt(renewed, binding) !== plaintext) {
      throw new Error("what was encrypted does not open to what it was");
    }
    const fingerprint = await keyring.fingerprint(plaintext, fingerprintLabel(binding));
    return { row_id, old: blob, blob: renewed, fingerprint };
  } catch (thrown) {
    if (thrown instanceof UndecryptableError) return null;
    throw thrown;
  }
}
