import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { CommandError } from "../../common/command-error.ts";

const month = z.object({
  /** Such as "2025-12", in UTC. */
  month: z.string().regex(/^\d{4}-\d{2}$/),
  /**
   * The end of the archived range: the month's end, or earlier if only a part of it was old enough.
   */
  until: z.string(),
  file: z.string().regex(/^[\w.-]+$/),
  columns: z.array(z.string().regex(/^[a-z_]+$/)),
  rows: z.number().int(),
  /** Sum of total_cost in US dollars, exact. */
  totalCost: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
});

const manifest = z.object({
  format: z.literal("agentbase-interactions-1"),
  months: z.array(month),
});

/** A month in an archive. */
export type ArchivedMonth = z.infer<typeof month>;

/** What an archive consists of. */
export type Manifest = z.infer<typeof manifest>;

const fileName = "manifest.json";

/**
 * Reads the manifest of an archive, which is empty if there is no archive yet.
 *
 * @throws {CommandError} if the file is not a manifest.
 */
export async function readManifest(folder: string): Promise<Manifest> {
  try {
    return manifest.parse(JSON.parse(await Deno.readTextFile(join(folder, fileName))));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return { format: "agentbase-interactions-1", months: [] };
    }
    throw new CommandError(
      `Cannot read "${
        join(folder, fileName)
      }": it is not the manifest of an archive. Choose another folder.`,
    );
  }
}

/** Writes the manifest, whole or not at all. */
export async function writeManifest(folder: string, value: Manifest): Promise<void> {
  const path = join(folder, fileName);
  await Deno.writeTextFile(`${path}.part`, `${JSON.stringify(value, null, 2)}\n`);
  await Deno.rename(`${path}.part`, path);
}

/**
 * Verifies that the file of a month is unchanged.
 *
 * @throws {CommandError} when it is missing or has changed.
 */
export async function checkMonth(folder: string, { file, sha256 }: ArchivedMonth): Promise<void> {
  const path = join(folder, file);
  const found = await hashOf(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  });
  if (found === sha256) return;
  throw new CommandError(
    `Cannot use "${path}": ${
      found === null ? "it is missing" : "it has changed since it was written"
    }. Restore the file from a copy.`,
  );
}

/** SHA-256 of a file, in hex, without holding it in memory. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}
