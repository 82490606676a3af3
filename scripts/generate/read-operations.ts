import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ErrorFormat } from "../../functions/_shared/http/error_format.ts";
import { openaiErrors } from "../../functions/_shared/http/openai_errors.ts";
import type { Operation, Operations } from "../../functions/_shared/http/operation.ts";

/** A function and the operations that it answers, by name. */
export interface FunctionOperations {
  name: string;
  operations: readonly [name: string, operation: Operation][];
  errorFormat: ErrorFormat;
}

/**
 * The operations of every edge function, as the functions themselves route them.
 *
 * @throws {Error} When a function has no `operations.ts`: it would be missing in the reference.
 */
export async function readOperations(root: string): Promise<FunctionOperations[]> {
  const folder = join(root, "functions");
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory && !name.startsWith("_")) names.push(name);
  }
  return await Promise.all(
    names.sort().map(async (name) => {
      const path = join(folder, name, "operations.ts");
      const module: { operations?: Operations; errorFormat?: ErrorFormat } = await import(
        pathToFileURL(path).href
      );
      if (!module.operations) {
        throw new Error(`Cannot document "${path}": it exports no operations`);
      }
      const { operations, errorFormat = openaiErrors } = module;
      return { name, operations: Object.entries(operations), errorFormat };
    }),
  );
}
