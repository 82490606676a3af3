import { refusals } from "./storage-error.ts";

/** A file of a bucket. */
export interface ObjectAddress {
  bucket: string;
  name: string;
}

/** What names may consist of, as the platform has it. */
const SAFE = /^[\w/!\-.*'() &$@=;:+,?]+$/;

/**
 * Reads the bucket and the name from what follows a route in a path.
 *
 * @throws {StorageError} 400 for an invalid name.
 */
export function addressOf(rest: string): ObjectAddress {
  const decoded = decode(rest);
  const slash = decoded.indexOf("/");
  if (slash < 1) throw refusals.invalidRequest("The path names no object of a bucket");
  return { bucket: decoded.slice(0, slash), name: checkName(decoded.slice(slash + 1)) };
}

/** @throws {StorageError} 400 for an invalid name, such as one that leaves its bucket. */
export function checkName(name: string): string {
  const parts = name.split("/");
  const isPath = parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (!isPath || name.length > 1024 || !SAFE.test(name)) throw refusals.invalidKey(name);
  return name;
}

/** Reads a part of a path. @throws {StorageError} 400 for one that is not percent-encoded UTF-8. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refusals.invalidKey(text);
  }
}
