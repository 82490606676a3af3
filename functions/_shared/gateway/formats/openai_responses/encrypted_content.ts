import { z } from "zod";

/*
 * The fields that a vendor needs to continue from its answer, for clients that do not store
 * responses: they are sent as the `encrypted_content` of a reasoning item and returned by the
 * client. /chat/completions sends the same fields in plain form, so they are encoded rather than
 * encrypted, and a forged value gives a client no more than it could write into a message. They are
 * sent only to the vendor that they came from.
 */

const PREFIX = "ab1.";

const carriedSchema = z.object({
  vendor: z.string().max(255),
  message: z.record(z.string(), z.unknown()),
  calls: z.record(z.string(), z.unknown()),
});

/**
 * The fields to send back with an answer: those of its message, and the extra content of its calls
 * by id.
 */
export type Carried = z.infer<typeof carriedSchema>;

/** Encodes the fields for the client. */
export function carry(carried: Carried): string {
  const bytes = new TextEncoder().encode(JSON.stringify(carried));
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return PREFIX + btoa(binary);
}

/**
 * Decodes the value that {@linkcode carry} wrote; null for anything else, such as another server's.
 */
export function carriedIn(text: string | null | undefined): Carried | null {
  if (!text?.startsWith(PREFIX)) return null;
  try {
    const bytes = Uint8Array.from(atob(text.slice(PREFIX.length)), (char) => char.charCodeAt(0));
    return carriedSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data ?? null;
  } catch {
    return null;
  }
}
