import { join } from "node:path";
import { z } from "zod";

/**
 * Programs for other platforms whose digests the registry that this lock file was written with does not
 * have. npm cannot verify them when it installs them; an entry goes from here once it has a digest.
 */
const WITHOUT_DIGEST: readonly string[] = [
  ...["darwin-arm64", "darwin-x64", "linux-arm64", "win32-x64"].map((platform) =>
    `@squawk-cli/${platform}`
  ),
  ...[
    "darwin-arm64",
    "darwin-x64",
    "linux-arm64",
    "linux-arm64-musl",
    "linux-x64-musl",
    "windows-arm64",
    "windows-x64",
  ].map((platform) => `@supabase/cli-${platform}`),
];

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ integrity: z.string().optional(), link: z.boolean().optional() }),
  ),
});

/** Packages in package-lock.json without a SHA-512, and exceptions that are none any more. */
export async function findUnverifiedPackages(
  root: string,
  exceptions: readonly string[] = WITHOUT_DIGEST,
): Promise<string[]> {
  const text = await Deno.readTextFile(join(root, "package-lock.json"));
  const missing = Object.entries(lockSchema.parse(JSON.parse(text)).packages)
    .filter(([path, { integrity, link }]) =>
      path !== "" && link !== true && !integrity?.startsWith("sha512-")
    )
    .map(([path]) => path.replace(/^.*node_modules\//, ""));
  return [
    ...missing.filter((name) => !exceptions.includes(name))
      .map((name) => `package-lock.json has no SHA-512 of ${name}`),
    ...exceptions.filter((name) => !missing.includes(name))
      .map((name) => `${name} is excepted, and is not without a digest in package-lock.json`),
  ];
}
