import { z } from "zod";
import { CommandError } from "../../common/command-error.ts";

const placeSchema = z.object({ table: z.string(), column: z.string(), row: z.string() });

const reportSchema = z.object({
  active_key: z.string(),
  rotated: z.int(),
  passed_over: z.int(),
  undecryptable: z.array(placeSchema),
  remaining: z.array(z.object({
    table: z.string(),
    column: z.string(),
    key_id: z.string(),
    amount: z.int(),
  })).nullable(),
  next: placeSchema.nullable(),
});

type Report = z.infer<typeof reportSchema>;

/** The functions to call for a rotation, and how. */
export interface Rotation {
  functionsUrl: string;
  secretKey: string;
  /** Values in one request. */
  batch: number;
  fetch: typeof globalThis.fetch;
  /** Called after every request with the numbers of rotated and remaining values. */
  onProgress: (rotated: number, remaining: number) => void;
}

/** How a rotation ended. */
export interface RotationEnd {
  activeKey: string;
  rotated: number;
  /** Values that still use other keys; empty after a complete rotation. */
  remaining: NonNullable<Report["remaining"]>;
  /** Values that no key on the ring decrypts. */
  undecryptable: z.infer<typeof placeSchema>[];
}

/** Pauses before a request that failed is made again, in milliseconds. */
const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000];

/**
 * Requests batches until no value is left, or none of the rest can be rotated. Each round goes
 * through all rows once; rows that were being changed are processed in the next.
 *
 * @throws {CommandError} if the function refuses, or cannot be reached after several attempts.
 */
export async function rotateEverything(rotation: Rotation): Promise<RotationEnd> {
  let [rotated, left] = [0, 0];
  while (true) {
    const undecryptable: RotationEnd["undecryptable"] = [];
    let [done, passedOver] = [0, 0];
    let report: Report | undefined;
    do {
      report = await ask(rotation, report?.next ?? null);
      rotated += report.rotated;
      left = report.remaining ? amountOf(report) : left - report.rotated;
      done += report.rotated;
      passedOver += report.passed_over;
      undecryptable.push(...report.undecryptable);
      rotation.onProgress(rotated, left);
    } while (report.next);
    if (left === 0 || done + passedOver === 0) {
      return {
        activeKey: report.active_key,
        rotated,
        remaining: report.remaining ?? [],
        undecryptable,
      };
    }
  }
}

function amountOf({ remaining }: Report): number {
  return remaining?.reduce((sum, { amount }) => sum + amount, 0) ?? 0;
}

async function ask(rotation: Rotation, after: Report["next"]): Promise<Report> {
  const { functionsUrl, secretKey, batch, fetch } = rotation;
  for (let failures = 0;; failures++) {
    const response = await fetch(`${functionsUrl}/keys/rotate`, {
      method: "POST",
      headers: { apikey: secretKey, "content-type": "application/json" },
      body: JSON.stringify({ batch, after }),
    }).catch(() => null);
    if (response?.status === 200) return reportSchema.parse(await response.json());
    const said = await response?.text() ?? "it does not answer";
    const pause = PAUSES_MS[failures];
    // A request that was refused is refused again.
    if ((response && response.status < 500) || pause === undefined) {
      throw new CommandError(`Cannot rotate at "${functionsUrl}": ${reason(said)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

function reason(text: string): string {
  try {
    return z.object({ error: z.object({ message: z.string() }) }).parse(JSON.parse(text)).error
      .message;
  } catch {
    return text.slice(0, 200);
  }
}
