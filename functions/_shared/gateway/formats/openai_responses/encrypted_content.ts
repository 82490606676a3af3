import { z } from "zod";

/*
 * What a vendor needs back with its own answer, as a client carries it that has nothing stored: the
 * `encrypted_content` of a reasoning item. It says nothing that the client is not sent in plain form by
 * /chat/completions, so it is encoded, not encrypted, and a forged one is no more than what a client may
 * write into a message. Only the vendor that it came from is given it.
 */

const PREFIX = "ab1.";

const carriedSchema = z.object({
  vendor: z.string().max(255),
  message: z.record(z.string(), z.unknown()),
  calls: z.record(z.string(), z.unknown()),
});

/** What an answer must be given back with: its own fields, and the extra content of its calls by id. */
export type Carried = z.infer<typeof carriedSchema>;

/** Writes what a client carries. */
export function carry(carried: Carried): string {
  const bytes = new TextEncoder().encode(JSON.stringify(carried));
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return PREFIX + btoa(binary);
}

/** Reads what {@linkcode carry} wrote; null for anything else, such as another server's. */
export function carriedIn(text: string | null | undefined): Carried | null {
  if (!text?.startsWith(PREFIX)) return null;
  try {
    const bytes = Uint8Array.from(atob(text.slice(PREFIX.length)), (char) => char.charCodeAt(0));
    return carriedSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data ?? null;
  } catch {
    return null;
  }
}
