import { join, relative } from "node:path";
import { walkFiles } from "./walk-files.ts";

/** Folders whose exports are for other files of the project; each file of `readers` may use them. */
const exporters = ["functions", "scripts", "widget"];
const readers = [...exporters, "tests", "examples"];

/** Generated files, and files that are imported by a computed name. */
const exempt = /\.types\.ts$|\/embed_script\.ts$|\/operations\.ts$|\/lint\/house-rules\.ts$/;

interface SourceFile {
  path: string;
  text: string;
  /** How often each word stands in it. */
  words: Map<string, number>;
}

/**
 * Functions, classes and constants that a file exports and no other file names, and exported types
 * that nothing names at all. A type that only its own file names may be part of a signature.
 */
export async function findUnusedExports(root: string): Promise<string[]> {
  const files = await readSources(root);
  const filesWith = new Map<string, number>();
  for (const { words } of files) {
    for (const word of words.keys()) filesWith.set(word, (filesWith.get(word) ?? 0) + 1);
  }
  return files.filter(({ path }) => isExporter(path)).flatMap(({ path, text, words }) =>
    exportsOf(text)
      .filter(({ name, isType }) =>
        filesWith.get(name) === 1 && !(isType && (words.get(name) ?? 0) > 1)
      )
      .map(({ name }) => `${path} exports "${name}", which no other file uses`)
  );
}

async function readSources(root: string): Promise<SourceFile[]> {
  const paths = (await Promise.all(
    readers.map((folder) => walkFiles(join(root, folder)).catch(() => [])),
  )).flat().filter((path) => /\.tsx?$/.test(path) && !path.includes("node_modules"));
  return await Promise.all(paths.map(async (path) => {
    const text = await Deno.readTextFile(path);
    return { path: relative(root, path), text, words: countWords(text) };
  }));
}

function countWords(text: string): Map<string, number> {
  const words = new Map<string, number>();
  for (const [word] of text.matchAll(/[\w$]+/g)) words.set(word, (words.get(word) ?? 0) + 1);
  return words;
}

function isExporter(path: string): boolean {
  return exporters.includes(path.split("/")[0] ?? "") && !path.endsWith("_test.ts") &&
    !exempt.test(path);
}

function exportsOf(text: string): { name: string; isType: boolean }[] {
  const declarations =
    /^export (?:async )?(function\*?|const|let|class|enum|interface|type) ([\w$]+)/gm;
  return [...text.matchAll(declarations)].map(([, kind = "", name = ""]) => ({
    name,
    isType: kind === "interface" || kind === "type",
  }));
}
