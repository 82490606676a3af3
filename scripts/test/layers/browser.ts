import { needPrograms } from "../support/debian-packages.ts";
import { endStacks } from "../support/end-stacks.ts";
import { findProgram } from "../support/find-program.ts";
import type { Layer } from "../layer.ts";
import { needNode22 } from "../support/node-22.ts";
import { NotAvailable } from "../support/not-available.ts";
import { runDenoTests } from "../support/run-deno-tests.ts";

const packaged = "/usr/bin/chromium";

/** Pages as a browser shows them. */
export const browserLayer: Layer = {
  name: "browser",
  covers:
    "headless Chromium: the page of npm run usage, the frontend guide, README, examples, widget",
  async run({ root, workspace, results }) {
    const { signal } = workspace;
    const installed = await findProgram("chromium", "chromium-browser", "google-chrome");
    if (installed === null) {
      await needPrograms({ name: "Chromium", packages: ["chromium"], files: [packaged] }, signal);
    }
    const folder = await workspace.folder("browser");
    // The pages call stacks that the tests start there.
    workspace.defer(() => endStacks(folder));
    const env = {
      CHROMIUM: installed ?? packaged,
      TMPDIR: folder,
    };
    try {
      Object.assign(env, { NODE_22: await needNode22(signal) });
    } catch (error) {
      if (!(error instanceof NotAvailable)) throw error;
      results.notRun.push(`README.md and docs/clients.md in Node 22: ${error.message}`);
    }
    await runDenoTests({ root, paths: ["tests/browser"], env, signal, results });
  },
};
