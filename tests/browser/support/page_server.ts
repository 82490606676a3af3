import { stripTypeScriptTypes } from "node:module";
import { pathInProject } from "../../../scripts/common/path-in-project.ts";

/** Where pages find their packages: the files that npm installed, as they are. */
const imports = {
  "openai": "/node_modules/openai/index.mjs",
  "@supabase/supabase-js": "/supabase.js",
};

const packages = `<script type="importmap">${JSON.stringify({ imports })}</script>
<script src="/node_modules/@supabase/supabase-js/dist/umd/supabase.js"></script>
<script type="module"`;

/** Serves a page on an origin of its own: its files, TypeScript among them, and its packages. */
export function servePage(files: Record<string, string>) {
  const served: Record<string, string> = {
    "/supabase.js": "export const { createClient } = supabase;",
    ...files,
  };
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const isPackage = pathname.startsWith("/node_modules/");
    const text = isPackage
      ? await Deno.readTextFile(pathInProject(pathname.slice(1)))
      : served[pathname];
    if (text === undefined) return new Response(null, { status: 204 });
    const isScript = pathname !== "/";
    const body = pathname.endsWith(".ts") ? stripTypeScriptTypes(text) : text;
    return new Response(isScript ? body : body.replace('<script type="module"', packages), {
      headers: { "content-type": isScript ? "text/javascript" : "text/html; charset=utf-8" },
    });
  });
}
