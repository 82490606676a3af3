import { z } from "zod";
import type { Caller } from "../realtime/callers.ts";
import type { ObjectAddress } from "./address.ts";
import type { Files } from "./files.ts";
import { parseMultipart } from "./multipart.ts";
import type { Bucket, StorageDatabase } from "./storage-database.ts";
import { refusals } from "./storage-error.ts";

/** Bytes of a file where its bucket has no limit, as a new project of the platform has it. */
const MAX_FILE = 50 * 1024 * 1024;

/** Bytes of a form besides its file. */
const FORM_EXTRA = 64 * 1024;

/** What an upload brings. */
interface Incoming {
  body: ReadableStream<Uint8Array> | null;
  type: string;
  cacheControl: string;
  userMetadata: Record<string, unknown> | null;
}

/** What an upload needs. */
export interface UploadDeps {
  database: StorageDatabase;
  files: Files;
}

/**
 * Stores the body of a request: the file first, then its row as the caller, and what it replaces goes.
 *
 * @param replaces Whether an object of the name may be there.
 * @throws {StorageError} 403, 404, 409, 413, 415
 */
export async function upload(
  request: Request,
  caller: Caller,
  address: ObjectAddress,
  replaces: boolean,
  { database, files }: UploadDeps,
): Promise<Response> {
  const bucket = await database.bucket(address.bucket);
  await database.tryToWrite(caller, address, replaces);
  const maxBytes = maxBytesOf(bucket);
  const { body, type, cacheControl, userMetadata } = await readUpload(request, maxBytes);
  assertType(bucket, type);
  const { version, size, eTag } = await files.write(body, maxBytes);
  const metadata = {
    eTag,
    size,
    mimetype: type,
    cacheControl,
    lastModified: new Date().toISOString(),
    contentLength: size,
    httpStatusCode: 200,
  };
  const object = { ...address, version, metadata, userMetadata };
  const { id, replaced } = await database.write(caller, object, replaces).catch(async (thrown) => {
    await files.remove(version);
    throw thrown;
  });
  if (replaced) await files.remove(replaced);
  return Response.json({ Key: `${address.bucket}/${address.name}`, Id: id });
}

/** Bytes that a file of a bucket may have. */
export function maxBytesOf({ file_size_limit }: Bucket): number {
  return file_size_limit ?? MAX_FILE;
}

/** @throws {StorageError} 415 for a content type that a bucket does not take. */
export function assertType({ allowed_mime_types: allowed }: Bucket, type: string): void {
  const fits = (pattern: string) =>
    pattern === type || (pattern.endsWith("/*") && type.startsWith(pattern.slice(0, -1)));
  if (allowed !== null && allowed.length > 0 && !allowed.some(fits)) {
    throw refusals.mimeType(type);
  }
}

async function readUpload(request: Request, maxBytes: number): Promise<Incoming> {
  const type = request.headers.get("content-type") ?? "application/octet-stream";
  const isForm = type.startsWith("multipart/form-data");
  const most = maxBytes + (isForm ? FORM_EXTRA : 0);
  if (Number(request.headers.get("content-length") ?? 0) > most) throw refusals.tooLarge();
  if (isForm) return await readFormUpload(request, type, most);
  return {
    body: request.body,
    type,
    cacheControl: request.headers.get("cache-control") ?? "no-cache",
    userMetadata: userMetadataOf(fromBase64(request.headers.get("x-metadata"))),
  };
}

async function readFormUpload(request: Request, type: string, most: number): Promise<Incoming> {
  let read = 0;
  const limited = request.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        read += chunk.length;
        if (read > most) throw refusals.tooLarge();
        controller.enqueue(chunk);
      },
    }),
  );
  const bytes = await new Response(limited).bytes().catch((thrown) => {
    throw read > most ? refusals.tooLarge() : thrown;
  });
  const parts = parseMultipart(bytes, type);
  const file = parts?.find(({ fileName }) => fileName !== undefined);
  if (!parts || !file) throw refusals.invalidRequest("No file provided");
  const fieldOf = (wanted: string) => {
    const part = parts.find(({ name, fileName }) => name === wanted && fileName === undefined);
    return part ? new TextDecoder().decode(part.bytes) : null;
  };
  const seconds = fieldOf("cacheControl");
  return {
    body: new Blob([file.bytes]).stream(),
    type: checkHeader(file.type || "application/octet-stream"),
    cacheControl: seconds === null ? "no-cache" : checkHeader(`max-age=${seconds}`),
    userMetadata: userMetadataOf(fieldOf("metadata")),
  };
}

/** Text of a form that a download has as a header. @throws {StorageError} 400 for one that cannot be. */
function checkHeader(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) {
    throw refusals.invalidRequest(
      "The content type and cacheControl may have printable ASCII characters only",
    );
  }
  return text;
}

function userMetadataOf(text: string | null): Record<string, unknown> | null {
  if (text === null) return null;
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    throw refusals.invalidRequest("The metadata is not a JSON object");
  }
}

function fromBase64(text: string | null): string | null {
  if (text === null) return null;
  try {
    return new TextDecoder().decode(Uint8Array.fromBase64(text));
  } catch {
    throw refusals.invalidRequest("The metadata is not in base64");
  }
}
