import { join } from "node:path";
import { z } from "zod";

const page = "docs/decisions/dependencies.md";

const versions = z.record(z.string(), z.string()).default({});
const manifestSchema = z.object({
  dependencies: versions,
  devDependencies: versions,
  optionalDependencies: versions,
});

/** An exact version, also of a package under another name: `npm:openai@6.49.0`. */
const EXACT = /^(?:npm:@?[\w./-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/;

/** Packages of package.json without an exact version, or without a line on the page of dependencies. */
export async function findUnpinnedPackages(root: string): Promise<string[]> {
  const text = await Deno.readTextFile(join(root, "package.json"));
  const manifest = manifestSchema.parse(JSON.parse(text));
  const named = await Deno.readTextFile(join(root, page));
  const packages = Object.values(manifest).flatMap((section) => Object.entries(section));
  return packages.flatMap(([name, version]) => {
    const family = `\`${name.replace(/\/.*/, "/*")}\``;
    return [
      ...EXACT.test(version) ? [] : [`package.json has ${name} ${version}: pin an exact version`],
      ...named.includes(`\`${name}\``) || named.includes(family)
        ? []
        : [`${page} has no line for ${name}`],
    ];
  });
}
