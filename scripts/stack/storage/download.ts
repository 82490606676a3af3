import type { Files } from "./files.ts";
import type { StoredObject } from "./storage-database.ts";
import { refusals } from "./storage-error.ts";

/**
 * Sends a file, or the part that the request asks for.
 *
 * @throws {StorageError} 416 for a range outside of it.
 */
export async function download(
  request: Request,
  object: StoredObject,
  files: Files,
): Promise<Response> {
  const { metadata, version, name } = object;
  const saveAs = new URL(request.url).searchParams.get("download");
  const headers = new Headers({
    "content-type": metadata.mimetype,
    "cache-control": metadata.cacheControl,
    "etag": metadata.eTag,
    "last-modified": new Date(metadata.lastModified).toUTCString(),
    "accept-ranges": "bytes",
    "x-content-type-options": "nosniff",
  });
  if (saveAs !== null) {
    const fileName = encodeURIComponent(saveAs || (name.split("/").at(-1) ?? name));
    headers.set("content-disposition", `attachment; filename="${fileName}"`);
  }
  if (request.headers.get("if-none-match") === metadata.eTag) {
    return new Response(null, { status: 304, headers });
  }
  const range = rangeOf(request.headers.get("range"), metadata.size);
  const { from, to } = range ?? { from: 0, to: metadata.size };
  headers.set("content-length", String(to - from));
  if (range) headers.set("content-range", `bytes ${from}-${to - 1}/${metadata.size}`);
  const isEmpty = request.method === "HEAD" || from === to;
  const body = isEmpty ? null : await files.read(version, from, to);
  return new Response(body, { status: range ? 206 : 200, headers });
}

/** The one range that a header asks for; null for none, or for several, which get all of it. */
function rangeOf(header: string | null, size: number): { from: number; to: number } | null {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return null;
  const from = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  if (from >= to) throw refusals.invalidRange();
  return { from, to };
}
