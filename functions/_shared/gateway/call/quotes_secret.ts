/**
 * Consecutive letters and digits that count as a part of a secret. The prefix that a vendor's keys
 * share is mostly shorter: `sk-proj-` has six.
 */
const RUN = 8;

/** A character as HTML, JSON, JavaScript, URLs and quoted-printable texts escape it. */
const ESCAPE =
  /(?:\\u\{?0*|\\x|%u00|&#x0*|[%=])([0-9a-f]{2})\}?;?|&#0*([0-9]{2,3});?|\\([0-7]{3})|&[a-z]+;/gi;

/** How often a text may be escaped: `%2573` is `%73`, which is `s`. */
const MAX_ESCAPED = 3;

/**
 * Whether a text contains a secret or a part of it: in plain text or reversed, in base64,
 * hexadecimal, decimal codes or escapes, in any case and with any punctuation in between.
 *
 * @param sent The caller's input, quotes of which are ignored: otherwise a caller could have
 * guesses quoted, and learn from the result which are right, letter by letter.
 */
export function quotesSecret(text: string, secret: string, sent: unknown): boolean {
  if (secret === "") return false;
  if (text.includes(secret)) return true;
  const forms = formsOf(secret).map(bare);
  const runs = unescapedOf(text).map(bare).flatMap(runsOf)
    .filter((run) => forms.some((form) => form.includes(run)));
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
 * A text without wrapping, grouping and punctuation. Gaps are kept, as the characters around one
 * need not belong together.
 */
function bare(text: string): string {
  return text.normalize("NFKC").toLowerCase().replaceAll(/\.{2,}|…/g, "|").replaceAll(
    /[^a-z0-9|]/g,
    "",
  );
}

function formsOf(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  // Base64 differs by the position in a group of three bytes at which the secret begins.
  const base64 = [0, 1, 2].map((place) =>
    new Uint8Array([...new Uint8Array(place), ...bytes]).toBase64().slice(place === 0 ? 0 : 4)
  );
  const reversed = Array.from(secret).toReversed().join("");
  return [
    secret,
    reversed,
    encodeURIComponent(secret.toWellFormed()),
    bytes.toHex(),
    bytes.join(),
    ...base64,
  ];
}

/** The forms in which JSON may be quoted: escaped, without its escapes, and with those decoded. */
function readingsOf(json: string): string[] {
  const read = json.replaceAll(/\\(u[0-9a-f]{4}|.)/gi, "");
  return [...unescapedOf(json), ...unescapedOf(read)];
}

/** A text, and the same with its escapes decoded, once for each level of escaping. */
function unescapedOf(text: string, depth = MAX_ESCAPED): string[] {
  const read = text.replaceAll(ESCAPE, (escape, hex?: string, decimal?: string, octal?: string) => {
    const digits = hex ?? decimal ?? octal;
    if (digits === undefined) return escape === "&amp;" ? "&" : "";
    return String.fromCharCode(parseInt(digits, hex ? 16 : decimal ? 10 : 8));
  });
  return [text, ...depth > 0 && read !== text ? unescapedOf(read, depth - 1) : []];
}
