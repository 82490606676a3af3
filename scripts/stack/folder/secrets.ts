import { join } from "node:path";
import { generateApiKey } from "@supabase/lite";
import { z } from "zod";
import { CommandError } from "../../common/command-error.ts";
import { writePrivateFile } from "./write-private-file.ts";

const secretsSchema = z.object({
  publishableKey: z.string().startsWith("sb_publishable_"),
  secretKey: z.string().startsWith("sb_secret_"),
  /** The secret key that only calls of the scheduler carry. */
  cronKey: z.string().startsWith("sb_secret_"),
  jwtSecret: z.string().min(32),
  databasePassword: z.string().min(16),
  /** The value of KEY_ENCRYPTION_KEYS. */
  keyEncryptionKeys: z.string().startsWith("{"),
});

/** The keys that a stack generates at its first start. */
export type Secrets = z.infer<typeof secretsSchema>;

/**
 * The keys of the stack in this folder, made when there are none.
 *
 * @throws {CommandError} if the file is damaged.
 */
export async function ensureSecrets(folder: string, resetHint: string): Promise<Secrets> {
  const path = join(folder, "secrets.json");
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  });
  if (text !== null) {
    const kept = secretsSchema.safeParse(parseJson(text));
    if (kept.success) return kept.data;
    throw new CommandError(`Cannot read the keys in "${path}": the file is damaged. ${resetHint}`);
  }
  const secrets: Secrets = {
    publishableKey: (await generateApiKey("publishable")).key,
    secretKey: (await generateApiKey("secret")).key,
    cronKey: (await generateApiKey("secret")).key,
    jwtSecret: randomText(),
    databasePassword: randomText(),
    keyEncryptionKeys: JSON.stringify({
      active: "local",
      keys: { local: randomBytes().toBase64() },
    }),
  };
  await writePrivateFile(path, JSON.stringify(secrets, null, 2) + "\n");
  return secrets;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** 32 random bytes, safe in a URL. */
function randomText(): string {
  return randomBytes().toBase64({ alphabet: "base64url", omitPadding: true });
}

function randomBytes(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32));
}
