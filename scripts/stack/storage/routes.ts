import { z } from "zod";
import type { Caller } from "../realtime/callers.ts";
import { addressOf, checkName, decode, type ObjectAddress } from "./address.ts";
import { download } from "./download.ts";
import { folderOf, listFolder, listSchema } from "./list.ts";
import type { UrlSigner } from "./signed-urls.ts";
import { refusals, StorageError } from "./storage-error.ts";
import { assertType, maxBytesOf, upload, type UploadDeps } from "./upload.ts";

/** What routes work with. */
export interface StorageServer extends UploadDeps {
  signer: UrlSigner;
  /** @throws {StorageError} 403 */
  callerOf(request: Request): Promise<Caller>;
}

/** Answers a request; what it refuses is thrown as a `StorageError`. */
export type Route = (server: StorageServer) => Promise<Response>;

type Handler = (request: Request, rest: string, server: StorageServer) => Promise<Response>;

/** Seconds for which an upload that was signed may begin. */
const UPLOAD_SECONDS = 2 * 60 * 60;

/** Routes by method and path; one that ends in a slash is what the path begins with. The first decides. */
const ROUTES: readonly (readonly [methods: string, prefix: string, Handler])[] = [
  ["GET", "bucket/", getBucket],
  ["GET", "bucket", listBuckets],
  ["POST", "object/list/", list],
  ["POST", "object/sign/", sign],
  ["GET HEAD", "object/sign/", downloadSigned],
  ["POST", "object/upload/sign/", signUpload],
  ["PUT", "object/upload/sign/", uploadSigned],
  ["POST", "object/move", move],
  ["POST", "object/copy", copy],
  ["GET HEAD", "object/info/", info],
  ["GET HEAD", "object/public/", downloadPublic],
  ["GET HEAD", "object/authenticated/", downloadAsCaller],
  ["GET HEAD", "object/", downloadAsCaller],
  ["POST", "object/", (request, rest, server) => uploadAsCaller(request, rest, false, server)],
  ["PUT", "object/", (request, rest, server) => uploadAsCaller(request, rest, true, server)],
  ["DELETE", "object/", remove],
];

/** The route of a request. */
export function matchRoute(request: Request): Route {
  const path = new URL(request.url).pathname.replace(/^\/storage\/v1\//, "");
  const found = ROUTES.find(([methods, prefix]) =>
    methods.split(" ").includes(request.method) &&
    (prefix.endsWith("/") ? path.startsWith(prefix) : path === prefix)
  );
  if (!found || path.startsWith("object/list-v2")) {
    throw refusals.notLocal(`${request.method} /storage/v1/${path.split("/", 2).join("/")}`);
  }
  const [, prefix, handler] = found;
  return (server) => handler(request, path.slice(prefix.length), server);
}

async function readJson<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const parsed = schema.safeParse(await request.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refusals.invalidRequest(`body/${issue?.path.join("/") ?? ""} ${issue?.message ?? ""}`);
}

async function listBuckets(request: Request, _rest: string, server: StorageServer) {
  return Response.json(await server.database.buckets(await server.callerOf(request)));
}

async function getBucket(request: Request, rest: string, server: StorageServer) {
  const name = decode(rest);
  const buckets = await server.database.buckets(await server.callerOf(request));
  const bucket = buckets.find(({ id }) => id === name);
  if (!bucket) throw refusals.bucketNotFound();
  return Response.json(bucket);
}

async function uploadAsCaller(
  request: Request,
  rest: string,
  isUpdate: boolean,
  server: StorageServer,
) {
  const caller = await server.callerOf(request);
  const address = addressOf(rest);
  if (isUpdate) await server.database.find(caller, address);
  const replaces = isUpdate || request.headers.get("x-upsert") === "true";
  return await upload(request, caller, address, replaces, server);
}

async function downloadAsCaller(request: Request, rest: string, server: StorageServer) {
  const object = await server.database.find(await server.callerOf(request), addressOf(rest));
  return await download(request, object, server.files);
}

async function downloadPublic(request: Request, rest: string, server: StorageServer) {
  const address = addressOf(rest);
  if (!(await server.database.bucket(address.bucket)).public) throw refusals.bucketNotFound();
  return await download(request, await server.database.find(null, address), server.files);
}

async function downloadSigned(request: Request, rest: string, server: StorageServer) {
  const address = addressOf(rest);
  const token = new URL(request.url).searchParams.get("token");
  await server.signer.verify(token, urlOf(address), "download");
  return await download(request, await server.database.find(null, address), server.files);
}

const signSchema = z.looseObject({ expiresIn: z.int().min(1) });
const signManySchema = signSchema.extend({ paths: z.array(z.string()).min(1).max(500) });

async function sign(request: Request, rest: string, server: StorageServer) {
  const caller = await server.callerOf(request);
  const signed = async (address: ObjectAddress, seconds: number) => {
    await server.database.find(caller, address);
    const url = urlOf(address);
    const token = await server.signer.sign({ url, purpose: "download" }, seconds);
    // Not encoded, as on the platform: the clients encode it.
    return `/object/sign/${url}?token=${token}`;
  };
  if (rest.includes("/")) {
    const { expiresIn } = await readJson(request, signSchema);
    return Response.json({ signedURL: await signed(addressOf(rest), expiresIn) });
  }
  const bucket = decode(rest);
  const { expiresIn, paths } = await readJson(request, signManySchema);
  const answers = paths.map(async (path) => {
    const signedURL = await signed({ bucket, name: path }, expiresIn).catch((thrown) => {
      if (thrown instanceof StorageError && thrown.status < 500) return null;
      throw thrown;
    });
    const error = signedURL
      ? null
      : "Either the object does not exist or you do not have access to it";
    return { path, signedURL, error };
  });
  return Response.json(await Promise.all(answers));
}

async function signUpload(request: Request, rest: string, server: StorageServer) {
  const caller = await server.callerOf(request);
  const address = addressOf(rest);
  await server.database.bucket(address.bucket);
  const upsert = request.headers.get("x-upsert") === "true";
  await server.database.tryToWrite(caller, address, upsert);
  const url = urlOf(address);
  const owner = typeof caller.claims.sub === "string" ? caller.claims.sub : null;
  const token = await server.signer.sign({ url, purpose: "upload", owner, upsert }, UPLOAD_SECONDS);
  return Response.json({ url: `/object/upload/sign/${encodePath(url)}?token=${token}`, token });
}

async function uploadSigned(request: Request, rest: string, server: StorageServer) {
  const address = addressOf(rest);
  const token = new URL(request.url).searchParams.get("token");
  const { owner, upsert } = await server.signer.verify(token, urlOf(address), "upload");
  // The signer was allowed to; the token is the permission.
  const role = "service_role";
  const signer: Caller = { role, claims: { role, sub: owner ?? undefined }, expiresAt: Infinity };
  return await upload(request, signer, address, upsert ?? false, server);
}

async function list(request: Request, rest: string, server: StorageServer) {
  const caller = await server.callerOf(request);
  const options = await readJson(request, listSchema);
  const objects = await server.database.list(caller, decode(rest), folderOf(options));
  return Response.json(listFolder(objects, options));
}

const moveSchema = z.looseObject({
  bucketId: z.string(),
  sourceKey: z.string(),
  destinationKey: z.string().transform(checkName),
  destinationBucket: z.string().nullish(),
});

async function move(request: Request, _rest: string, server: StorageServer) {
  const caller = await server.callerOf(request);
  const { bucketId, sourceKey, destinationKey, destinationBucket } = await readJson(
    request,
    moveSchema,
  );
  if (destinationBucket && destinationBucket !== bucketId) {
    throw refusals.notLocal("Moving an object to another bucket");
  }
  await server.database.move(caller, { bucket: bucketId, name: sourceKey }, destinationKey);
  return Response.json({ message: "Successfully moved" });
}

async function copy(request: Request, _rest: string, server: StorageServer) {
  const caller = await server.callerOf(request);
  const { bucketId, sourceKey, destinationKey, destinationBucket } = await readJson(
    request,
    moveSchema,
  );
  const source = await server.database.find(caller, { bucket: bucketId, name: sourceKey });
  const target = { bucket: destinationBucket ?? bucketId, name: destinationKey };
  const bucket = await server.database.bucket(target.bucket);
  assertType(bucket, source.metadata.mimetype);
  if (source.metadata.size > maxBytesOf(bucket)) throw refusals.tooLarge();
  const version = await server.files.copy(source.version);
  try {
    const object = {
      ...target,
      version,
      metadata: source.metadata,
      userMetadata: source.user_metadata,
    };
    const { id } = await server.database.write(caller, object, false);
    return Response.json({ Key: urlOf(target), Id: id });
  } catch (thrown) {
    await server.files.remove(version);
    throw thrown;
  }
}

async function info(request: Request, rest: string, server: StorageServer) {
  const address = addressOf(rest.replace(/^authenticated\//, ""));
  const object = await server.database.find(await server.callerOf(request), address);
  const { id, name, version, bucket_id, metadata, user_metadata, created_at } = object;
  return Response.json({
    id,
    name,
    version,
    bucket_id,
    size: metadata.size,
    content_type: metadata.mimetype,
    cache_control: metadata.cacheControl,
    etag: metadata.eTag,
    metadata: user_metadata ?? {},
    last_modified: metadata.lastModified,
    created_at,
  });
}

const removeSchema = z.looseObject({ prefixes: z.array(z.string()).min(1).max(1000) });

async function remove(request: Request, rest: string, server: StorageServer) {
  const caller = await server.callerOf(request);
  const one = rest.includes("/") ? addressOf(rest) : null;
  const bucket = one?.bucket ?? decode(rest);
  await server.database.bucket(bucket);
  const names = one ? [one.name] : (await readJson(request, removeSchema)).prefixes;
  const removed = await server.database.remove(caller, bucket, names);
  for (const { version } of removed) await server.files.remove(version);
  if (one && removed.length === 0) throw refusals.notFound();
  return Response.json(one ? { message: "Successfully deleted" } : removed);
}

function urlOf({ bucket, name }: ObjectAddress): string {
  return `${bucket}/${name}`;
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
