/** One function as the Supabase CLI uploads it. */
export interface Deployment {
  slug: string;
  entrypoint: string;
  importMapPath: string;
  /** Contents of the files, by their paths from the root of the project. */
  files: Map<string, string>;
}

/** The platform's Management API, as far as `supabase functions deploy --use-api` needs it. */
export interface ManagementApi {
  url: string;
  /** What was uploaded, in the order of arrival. */
  deployments: Deployment[];
  stop(): Promise<void>;
}

/** Starts it on loopback. */
export function startManagementApi(): ManagementApi {
  const deployments: Deployment[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      if (request.method === "PUT") return Response.json({ functions: [] });
      if (!pathname.endsWith("/functions/deploy")) return Response.json([]);
      const slug = searchParams.get("slug") ?? "";
      deployments.push({ slug, ...await readUpload(request) });
      return Response.json(functionOf(slug), { status: 201 });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    deployments,
    stop: () => server.shutdown(),
  };
}

async function readUpload(request: Request): Promise<Omit<Deployment, "slug">> {
  const form = await request.formData();
  const metadata = JSON.parse(String(form.get("metadata")));
  const files = new Map<string, string>();
  for (const file of form.getAll("file")) {
    if (file instanceof File) files.set(file.name, await file.text());
  }
  const { entrypoint_path: entrypoint, import_map_path: importMapPath } = metadata;
  return { entrypoint, importMapPath, files };
}

function functionOf(slug: string) {
  return {
    id: slug,
    slug,
    name: slug,
    status: "ACTIVE",
    version: 1,
    verify_jwt: false,
    created_at: 1,
    updated_at: 1,
  };
}
