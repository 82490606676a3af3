import { needPrograms } from "../support/debian-packages.ts";
import { NotHere } from "../support/not-here.ts";
import type { Layer } from "../layer.ts";
import { runDenoTests } from "../support/run-deno-tests.ts";

const chromium = "/usr/bin/chromium";

/** Pages as a browser shows them. */
export const browserLayer: Layer = {
  name: "browser",
  covers: "the page of npm run usage in headless Chromium, on a phone and a desk, light and dark",
  async run({ root, workspace, tally }) {
    const { signal } = workspace;
    try {
      await needPrograms({ name: "Chromium", packages: ["chromium"], files: [chromium] }, signal);
    } catch (error) {
      if (!(error instanceof NotHere)) throw error;
      tally.notRun.push(error.message);
      return;
    }
    const env = { CHROMIUM: chromium, TMPDIR: await workspace.folder("browser") };
    await runDenoTests({ root, paths: ["tests/browser"], env, signal, tally });
  },
};
