import { allowBrowsers } from "../data-api/allow-browsers.ts";
import { preflight } from "../preflight.ts";
import { type Caller, type CallerKeys, createCallers, TokenRefused } from "../realtime/callers.ts";
import { openFiles } from "./files.ts";
import { matchRoute, type StorageServer } from "./routes.ts";
import { createUrlSigner } from "./signed-urls.ts";
import { openStorageDatabase } from "./storage-database.ts";
import { refusals, StorageError } from "./storage-error.ts";

/** What Storage is given. */
export interface StorageOptions extends CallerKeys {
  /** Connection string of `authenticator`, as whom requests run. */
  url: string;
  /** Connection string of the superuser. */
  ownerUrl: string;
  /** Where the files are. */
  folder: string;
}

/** Storage: `/storage/v1` for files in buckets, with the policies of `storage.objects`. */
export interface Storage {
  fetch(request: Request): Promise<Response>;
  stop(): Promise<void>;
}

/**
 * Starts what stands in for the platform's Storage: objects of buckets, signed URLs, lists. Buckets are
 * made by migrations. Resumable uploads, images and S3 are refused with 501.
 */
export async function startStorage(options: StorageOptions): Promise<Storage> {
  const database = openStorageDatabase(options.url, options.ownerUrl);
  const callers = createCallers(options);
  const server: StorageServer = {
    database,
    files: await openFiles(options.folder),
    signer: createUrlSigner(options.jwtSecret),
    callerOf: (request) => callerOf(request, callers.ofKey),
  };
  return {
    async fetch(request) {
      if (request.method === "OPTIONS") return preflight(request);
      try {
        return allowBrowsers(await matchRoute(request)(server));
      } catch (thrown) {
        if (thrown instanceof StorageError) return allowBrowsers(thrown.response());
        throw thrown;
      } finally {
        // An unread body would keep the connection open.
        if (!request.bodyUsed) await request.body?.cancel().catch(() => {});
      }
    },
    stop: () => database.close(),
  };
}

/** The caller: by a user's token, else by the project's key. */
async function callerOf(
  request: Request,
  ofKey: (key: string) => Promise<Caller>,
): Promise<Caller> {
  const bearer = request.headers.get("authorization")?.replace(/^Bearer /i, "");
  // A key of the project may be in both places; anything else must be a token.
  const isToken = bearer !== undefined && bearer !== "" && !bearer.startsWith("sb_");
  const key = isToken ? bearer : request.headers.get("apikey") ?? bearer;
  if (!key) throw refusals.invalidRequest("headers must have required property 'authorization'");
  try {
    return await ofKey(key);
  } catch (error) {
    if (error instanceof TokenRefused) throw refusals.accessDenied(error.message);
    throw error;
  }
}
