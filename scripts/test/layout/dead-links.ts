import { dirname, join } from "node:path/posix";
import { projectFiles } from "./project-files.ts";

/** Links of Markdown pages to files and headings of the project that do not exist. */
export async function findDeadLinks(root: string): Promise<string[]> {
  const problems: string[] = [];
  for (const page of (await projectFiles(root)).filter((file) => file.endsWith(".md"))) {
    const text = await Deno.readTextFile(join(root, page));
    const prose = text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, "").replaceAll(/`[^`\n]*`/g, "");
    for (const [, link = ""] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : join(dirname(page), path);
      if (!await leadsSomewhere(join(root, target), anchor)) {
        problems.push(`${page} links to "${link}", which does not exist`);
      }
    }
  }
  return problems;
}

async function leadsSomewhere(file: string, anchor: string | undefined): Promise<boolean> {
  if (await Deno.stat(file).catch(() => null) === null) return false;
  if (anchor === undefined) return true;
  const headings = (await Deno.readTextFile(file)).matchAll(/^#+ (.+)$/gm);
  return [...headings].some(([, heading = ""]) => anchorOf(heading) === anchor);
}

/** The anchor that a forge gives a heading. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(" ", "-");
}
