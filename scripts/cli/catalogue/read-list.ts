import { findProvider, waitForUpdate } from "@pydantic/genai-prices";
import { z } from "zod";
import { CommandError } from "../../common/command-error.ts";
import type { ListFormat, PriceList } from "./price-list.ts";
import { formats } from "./sources/formats.ts";

/** The version of `@pydantic/genai-prices` that is installed, and the day of its release. */
export const installedPrices = { version: "0.1.8", releasedOn: "2026-09-23" } as const;

/** Most bytes of a published list; the largest has one and a half megabytes. */
const mostBytes = 32 * 1024 * 1024;

/** Where a list is read from. */
export interface Where {
  /** Name of its format. */
  from: string;
  /** A local file, else the published list. */
  file: string | null;
  /** The day on which the file was true, else the day on which it was last changed. */
  asOf: string | null;
  fetch: typeof fetch;
}

/**
 * Reads a list, published or local.
 *
 * @throws {CommandError} if it cannot be read, or has another format.
 */
export async function readList({ from, file, asOf, fetch }: Where): Promise<PriceList> {
  const format = formats.find(({ name }) => name === from);
  if (format === undefined) throw new CommandError(`Cannot read "${from}": no such list.`);
  const { published, day } = file !== null
    ? await readFile(file, asOf)
    : format.url === null
    ? await readPackage()
    : { published: await download(format, format.url, fetch), day: today() };
  try {
    const vendors = format.read(published);
    return { source: format.name, as_of: day, services: vendors };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const [issue] = error.issues;
    throw new CommandError(
      `Cannot read the list ${format.name}: ${issue?.path.join(".") ?? ""}: ${issue?.message}. ` +
        "Nothing was applied. Its format may have changed; use an earlier version with --file.",
    );
  }
}

async function readFile(file: string, asOf: string | null) {
  try {
    const text = await Deno.readTextFile(file);
    const { mtime } = await Deno.stat(file);
    return {
      published: parseJson(text, file),
      day: asOf ?? (mtime ?? new Date()).toISOString().slice(0, 10),
    };
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`Cannot read "${file}": ${reason}`);
  }
}

async function readPackage() {
  // Without a call of updatePrices() these are the prices inside the package.
  const providers = await waitForUpdate();
  if (providers === null || findProvider({ providerId: "openai" }) === undefined) {
    throw new CommandError("Cannot read @pydantic/genai-prices: it has no prices.");
  }
  return { published: providers, day: installedPrices.releasedOn };
}

async function download(format: ListFormat, url: string, fetchUrl: typeof fetch): Promise<unknown> {
  const failed = (reason: string) =>
    new CommandError(
      `Cannot fetch ${url}: ${reason}. Try again, or download it and name the file with --file.`,
    );
  let text: string;
  try {
    const response = await fetchUrl(url, { signal: AbortSignal.timeout(30_000) });
    if (!response.ok) {
      await response.body?.cancel();
      throw failed(`the server answered ${response.status}`);
    }
    text = await readText(response, failed);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw failed(error instanceof Error ? error.message : String(error));
  }
  return parseJson(text, format.name);
}

async function readText(response: Response, failed: (reason: string) => Error): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw failed(`it has more than ${mostBytes / 1024 / 1024} MB`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`Cannot read "${name}": it is not JSON. ${reason}`);
  }
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
