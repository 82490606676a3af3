import { createHash } from "node:crypto";
import { join } from "node:path";
import { refusals } from "./storage-error.ts";

/** A file that was written. */
export interface WrittenFile {
  version: string;
  /** Bytes. */
  size: number;
  /** A hash of its bytes, in quotes. */
  eTag: string;
}

/** The bytes of the objects. Each version is one file, named by an id that no client chooses. */
export interface Files {
  /** @throws {StorageError} 413; no file is left then. */
  write(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<WrittenFile>;
  /**
   * Reads a part.
   *
   * @param from First byte.
   * @param to The byte after the last.
   */
  read(version: string, from: number, to: number): Promise<ReadableStream<Uint8Array>>;
  copy(version: string): Promise<string>;
  /** Removes a version; one that is absent is no error. */
  remove(version: string): Promise<void>;
}

/** Opens the folder in which the files are. */
export async function openFiles(folder: string): Promise<Files> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const pathOf = (version: string) => join(folder, version);
  const remove = (version: string) => Deno.remove(pathOf(version)).catch(ignoreMissing);
  return {
    async write(body, maxBytes) {
      const version = crypto.randomUUID();
      const hash = createHash("md5");
      let size = 0;
      const counted = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          size += chunk.length;
          if (size > maxBytes) throw refusals.tooLarge();
          hash.update(chunk);
          controller.enqueue(chunk);
        },
      });
      const source = body ?? new Blob([]).stream();
      try {
        await Deno.writeFile(pathOf(version), source.pipeThrough(counted), { mode: 0o600 });
      } catch (thrown) {
        await remove(version);
        throw thrown;
      }
      return { version, size, eTag: `"${hash.digest("hex")}"` };
    },
    async read(version, from, to) {
      const file = await Deno.open(pathOf(version), { read: true });
      await file.seek(from, Deno.SeekMode.Start);
      let left = to - from;
      return file.readable.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller) {
            const part = chunk.subarray(0, left);
            left -= part.length;
            if (part.length > 0) controller.enqueue(part);
            if (left === 0) controller.terminate();
          },
        }),
      );
    },
    async copy(version) {
      const copied = crypto.randomUUID();
      await Deno.copyFile(pathOf(version), pathOf(copied));
      return copied;
    },
    remove,
  };
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
