/**
 * Letters and digits in a row that give a secret away. The beginning that a vendor's keys share is
 * mostly shorter: `sk-proj-` has six of them.
 */
const RUN = 8;

/**
 * Whether a text tells a secret or a part of it: as it is, in base64, in hexadecimal or in a URL,
 * whatever the case and whatever stands in between.
 *
 * @param sent What the caller sent. What a text repeats of it is ignored: otherwise a caller
 * could have guesses quoted and learn from the outcome which are right, letter by letter.
 */
export function quotesSecret(text: string, secret: string, sent: unknown): boolean {
  if (secret === "") return false;
  if (text.includes(secret)) return true;
  const forms = formsOf(secret).map(bare);
  const runs = runsOf(bare(text)).filter((run) => forms.some((form) => form.includes(run)));
  if (runs.length === 0) return false;
  const known = readingsOf(JSON.stringify(sent) ?? "").map(bare);
  return !runs.every((run) => known.some((reading) => reading.includes(run)));
}

function runsOf(text: string): string[] {
  return Array.from(
    { length: Math.max(0, text.length - RUN + 1) },
    (_, at) => text.slice(at, at + RUN),
  );
}

/**
 * What is left when a text is wrapped, grouped or written with other punctuation. A gap remains one:
 * what stands around it may never have stood together.
 */
function bare(text: string): string {
  return text.toLowerCase().replaceAll(/\.{2,}|…/g, "|").replaceAll(/[^a-z0-9|]/g, "");
}

function formsOf(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  // Base64 looks different for each place in a group of three at which the secret may begin.
  const base64 = [0, 1, 2].map((place) =>
    new Uint8Array([...new Uint8Array(place), ...bytes]).toBase64().slice(place === 0 ? 0 : 4)
  );
  return [secret, encodeURIComponent(secret.toWellFormed()), bytes.toHex(), ...base64];
}

/** How JSON may be repeated: with its escapes, without what they stand for, its addresses decoded. */
function readingsOf(json: string): string[] {
  const read = json.replaceAll(/\\(u[0-9a-f]{4}|.)/gi, "");
  const decoded = read.replaceAll(
    /%([0-9a-f]{2})/gi,
    (_escape, hex: string) => String.fromCharCode(parseInt(hex, 16)),
  );
  return [json, read, decoded];
}
