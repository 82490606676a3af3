import { ApiError } from "../core/errors.ts";
import { assertStorable, readBytes } from "./read_json.ts";
import { Upload } from "./upload.ts";

/** Most parts of a form: hundreds of thousands would fill the memory of a worker. */
const MAX_PARTS = 200;

/**
 * Reads the fields of a form, `multipart/form-data`: a text, an {@linkcode Upload}, or a list of
 * them if a name occurs several times or ends in `[]`.
 *
 * @param maxBytes Bytes that the body may have, counted as they arrive.
 * @param arrived Called with the number of bytes that have arrived; may throw.
 * @throws {ApiError} 413 for a larger body; 400 for one that is not a form.
 */
export async function readForm(
  request: Request,
  maxBytes: number,
  arrived: (bytes: number) => void = () => {},
): Promise<object> {
  const type = request.headers.get("content-type") ?? "";
  const quoted = /^multipart\/form-data\s*;.*?boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(type);
  const boundary = quoted?.[1] ?? quoted?.[2];
  if (!boundary) throw invalidForm("its content type is not multipart/form-data with a boundary");
  const form = await readBytes(request, maxBytes, async (bytes) => {
    const { count, isClosed } = delimitersIn(bytes, boundary);
    if (!isClosed) throw invalidForm("it is incomplete");
    if (count > MAX_PARTS) throw invalidForm(`it has more than ${MAX_PARTS} fields`);
    return await new Response(bytes, { headers: { "content-type": type } }).formData()
      .catch(() => {
        throw invalidForm("it is malformed");
      });
  }, arrived);
  const entries: [string, unknown][] = [];
  for (const name of new Set(form.keys())) {
    const values = await Promise.all(
      form.getAll(name).map((value) => typeof value === "string" ? value : Upload.from(value)),
    );
    entries.push([name, values.length > 1 || name.endsWith("[]") ? values : values[0]]);
  }
  const fields = Object.fromEntries(entries);
  assertStorable(fields, []);
  return fields;
}

/**
 * Counts the delimiters, each at the beginning of a line, and checks whether the last one ends the
 * form.
 */
function delimitersIn(bytes: Uint8Array, boundary: string): { count: number; isClosed: boolean } {
  const delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
  // Called for every carriage return; a body may consist of nothing else.
  const isAt = (at: number, from = 0) => {
    for (let index = from; index < delimiter.length; index++) {
      if (bytes[at + index - from] !== delimiter[index]) return false;
    }
    return true;
  };
  let count = isAt(0, 2) ? 1 : 0;
  let end = delimiter.length - 2;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 0x0d || !isAt(at)) continue;
    count++;
    end = at + delimiter.length;
  }
  return { count, isClosed: bytes[end] === 0x2d && bytes[end + 1] === 0x2d };
}

function invalidForm(why: string): ApiError {
  return new ApiError(
    "invalid_form",
    `Cannot read the request body: ${why}. Send multipart/form-data.`,
  );
}
