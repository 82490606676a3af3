import { join } from "node:path";
import { z } from "zod";
import { writePrivateFile } from "./write-private-file.ts";

const environmentSchema = z.object({
  API_URL: z.url(),
  DB_URL: z.string(),
  PUBLISHABLE_KEY: z.string(),
  SECRET_KEY: z.string(),
  JWT_SECRET: z.string(),
  FUNCTIONS_URL: z.url(),
  // Where the machine has a redis-server.
  REDIS_URL: z.url().optional(),
  UPSTASH_REDIS_REST_URL: z.url().optional(),
  UPSTASH_REDIS_REST_TOKEN: z.string().optional(),
  // Names of the variables with vendors' credentials, divided by commas; not what is in them.
  VENDOR_CREDENTIALS: z.string().optional(),
});

/** What a program needs to use a running stack; the names are those of `supabase status -o env`. */
export type StackEnvironment = z.infer<typeof environmentSchema>;

/** The file that exists while a stack answers: NAME=value lines. */
export function environmentPath(folder: string): string {
  return join(folder, "env");
}

/** Writes the file; only its owner may read it. */
export async function writeEnvironment(
  folder: string,
  environment: StackEnvironment,
): Promise<void> {
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
  await writePrivateFile(environmentPath(folder), lines.join(""));
}

/** Reads the file; null when there is none, or none that is whole. */
export async function readEnvironment(folder: string): Promise<StackEnvironment | null> {
  const text = await Deno.readTextFile(environmentPath(folder)).catch(() => "");
  const pairs = text.split("\n").filter((line) => line.includes("=")).map((line) => {
    const split = line.indexOf("=");
    return [line.slice(0, split), line.slice(split + 1)];
  });
  return environmentSchema.safeParse(Object.fromEntries(pairs)).data ?? null;
}
