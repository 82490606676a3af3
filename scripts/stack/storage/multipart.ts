/** A part of a form. */
export interface FormPart {
  name: string;
  /** Absent for a field. */
  fileName: string | undefined;
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
}

const LINE_END = "\r\n";

/**
 * Reads a form of `multipart/form-data`. `Request.formData()` loses parts without a name, and Storage's
 * client gives its file none.
 *
 * @returns null for a body that is not such a form.
 */
export function parseMultipart(
  body: Uint8Array<ArrayBuffer>,
  contentType: string,
): FormPart[] | null {
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return null;
  // One character a byte, so that places in the text are places in the bytes.
  const text = new TextDecoder("latin1").decode(body);
  const parts: FormPart[] = [];
  let at = text.indexOf(`--${boundary}`);
  while (at >= 0) {
    const start = at + boundary.length + 2;
    if (text.startsWith("--", start)) return parts;
    const end = text.indexOf(`${LINE_END}--${boundary}`, start);
    const headEnd = text.indexOf(LINE_END + LINE_END, start);
    if (end < 0 || headEnd < 0 || headEnd > end) return null;
    const head = text.slice(start, headEnd);
    parts.push({
      name: /[\s;]name="([^"]*)"/i.exec(head)?.[1] ?? "",
      fileName: /filename="([^"]*)"/i.exec(head)?.[1],
      type: /^content-type:\s*(.+)$/im.exec(head)?.[1]?.trim() ?? "",
      bytes: body.slice(headEnd + 4, Math.max(headEnd + 4, end)),
    });
    at = end + LINE_END.length;
  }
  return null;
}
