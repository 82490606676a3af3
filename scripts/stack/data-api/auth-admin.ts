import { errors, jwtVerify } from "jose";
import postgres from "postgres";
import { z } from "zod";

/** Who may administer accounts, and where they are. */
export interface AuthAdminOptions {
  /** Connection string of `supabase_auth_admin`. */
  url: string;
  secretKey: string;
  jwtSecret: string;
}

/** The part of the Auth API that administers accounts: `auth.admin` of supabase-js. */
export interface AuthAdmin {
  /** Answers what is below `/auth/v1/admin/` and `/auth/v1/invite`; null for any other path. */
  fetch(request: Request): Promise<Response | null>;
  close(): Promise<void>;
}

/** What clients send of a person. What is not here is refused with 501. */
const attributesSchema = z.strictObject({
  id: z.uuid().optional(),
  email: z.email().max(255).transform((email) => email.toLowerCase()).optional(),
  phone: z.string().min(1).max(50).optional(),
  password: z.string().min(6).max(72).optional(),
  email_confirm: z.boolean().optional(),
  phone_confirm: z.boolean().optional(),
  user_metadata: z.record(z.string(), z.json()).optional(),
  app_metadata: z.record(z.string(), z.json()).optional(),
  role: z.string().max(255).optional(),
});
type Attributes = z.infer<typeof attributesSchema>;

const pageSchema = z.object({
  page: z.coerce.number().int().min(1).catch(1),
  per_page: z.coerce.number().int().min(1).max(1000).catch(50),
});

/**
 * The hosted platform's admin API for accounts, which the local Auth server lacks: create, list, read,
 * update and delete. It writes as `supabase_auth_admin`, so that triggers on accounts run as there.
 */
export function createAuthAdmin({ url, secretKey, jwtSecret }: AuthAdminOptions): AuthAdmin {
  const sql = postgres(url, { max: 2, onnotice: () => {} });

  async function answer(request: Request, path: string): Promise<Response> {
    const caller = await callerOf(request, secretKey, jwtSecret);
    if (caller !== "admin") return caller;
    const id = /^\/admin\/users\/([^/]+)$/.exec(path)?.[1];
    if (id !== undefined && !z.uuid().safeParse(id).success) {
      return failure(404, "validation_failed", "The id of a user is a UUID.");
    }
    const route = `${request.method} ${id === undefined ? path : "/admin/users/:id"}`;
    if (route === "POST /admin/users") return await create(request);
    if (route === "GET /admin/users") return await list(request);
    if (id !== undefined) {
      if (request.method === "GET") return await read(id);
      if (request.method === "PUT") return await update(id, request);
      if (request.method === "DELETE") return await remove(id, request);
    }
    return notHere(`${request.method} /auth/v1${path}`);
  }

  async function create(request: Request): Promise<Response> {
    const attributes = await readAttributes(request);
    if (attributes instanceof Response) return attributes;
    if (attributes.email === undefined && attributes.phone === undefined) {
      return failure(422, "validation_failed", "Cannot create a user without an email or a phone.");
    }
    const id = attributes.id ?? crypto.randomUUID();
    return await sql.begin(async (transaction) => {
      await insertUser(transaction, id, attributes);
      return Response.json(await readUser(transaction, id));
    });
  }

  async function list(request: Request): Promise<Response> {
    const query = Object.fromEntries(new URL(request.url).searchParams);
    const { page, per_page } = pageSchema.parse(query);
    const ids = await sql<{ id: string; total: number }[]>`
      select id, count(*) over ()::integer as total from auth.users where deleted_at is null
      order by created_at desc, id limit ${per_page} offset ${(page - 1) * per_page}`;
    const users = [];
    for (const { id } of ids) users.push(await readUser(sql, id));
    const total = ids[0]?.total ?? 0;
    const last = Math.max(1, Math.ceil(total / per_page));
    const link = (to: number, rel: string) =>
      `</admin/users?page=${to}&per_page=${per_page}>; rel="${rel}"`;
    const links = [...page < last ? [link(page + 1, "next")] : [], link(last, "last")];
    const headers = { "x-total-count": String(total), link: links.join(", ") };
    return Response.json({ users, aud: "authenticated" }, { headers });
  }

  async function read(id: string): Promise<Response> {
    const user = await readUser(sql, id);
    return user === null ? noUser() : Response.json(user);
  }

  async function update(id: string, request: Request): Promise<Response> {
    const attributes = await readAttributes(request);
    if (attributes instanceof Response) return attributes;
    return await sql.begin(async (transaction) => {
      const isThere = await updateUser(transaction, id, attributes);
      return isThere ? Response.json(await readUser(transaction, id)) : noUser();
    });
  }

  async function remove(id: string, request: Request): Promise<Response> {
    const body: unknown = await request.json().catch(() => ({}));
    if (z.object({ should_soft_delete: z.literal(true) }).safeParse(body).success) {
      return notHere("A soft delete");
    }
    // A trigger may keep the row for a while, as it may on the platform.
    const { count } = await sql`select from auth.users where id = ${id}`;
    await sql`delete from auth.users where id = ${id}`;
    return count === 0 ? noUser() : Response.json({});
  }

  return {
    async fetch(request) {
      const path = new URL(request.url).pathname.replace(/^\/auth\/v1/, "");
      if (!/^\/(admin\/|invite$)/.test(path) || request.method === "OPTIONS") return null;
      return await answer(request, path).catch(databaseFailure);
    },
    close: () => sql.end(),
  };
}

/** Whether the caller comes with the secret key, or a token of the role service_role. */
async function callerOf(
  request: Request,
  secretKey: string,
  jwtSecret: string,
): Promise<"admin" | Response> {
  const bearer = request.headers.get("authorization")?.replace(/^Bearer /i, "");
  const credential = bearer ?? request.headers.get("apikey");
  if (!credential) return failure(401, "no_authorization", "This endpoint requires a secret key.");
  if (credential === secretKey) return "admin";
  const key = new TextEncoder().encode(jwtSecret);
  try {
    const { payload } = await jwtVerify(credential, key, { algorithms: ["HS256"] });
    if (payload.role === "service_role") return "admin";
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
  }
  return failure(403, "not_admin", "User not allowed. Use the secret key.");
}

async function readAttributes(request: Request): Promise<Attributes | Response> {
  const parsed = attributesSchema.safeParse(await request.json().catch(() => null));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === "unrecognized_keys") return notHere(`"${issue.keys[0]}" of a user`);
  const field = issue?.path.join(".") || "body";
  return failure(422, "validation_failed", `"${field}": ${issue?.message ?? "not valid"}`);
}

async function insertUser(
  sql: postgres.TransactionSql,
  id: string,
  attributes: Attributes,
): Promise<void> {
  const { email = null, phone = null, password = null } = attributes;
  const provider = email === null ? "phone" : "email";
  const metadata = attributes.user_metadata ?? {};
  const identity = { sub: id, email, phone, email_verified: attributes.email_confirm ?? false };
  const app = { provider, providers: [provider], ...attributes.app_metadata };
  await sql`
    insert into auth.users (
      id, email, phone, encrypted_password, role, raw_user_meta_data, raw_app_meta_data, email_confirmed_at,
      phone_confirmed_at
    )
    values (
      ${id}, ${email}, ${phone}, extensions.crypt(${password}::text, extensions.gen_salt('bf')),
      ${attributes.role ?? "authenticated"}, ${sql.json(metadata)}, ${sql.json(app)},
      case when ${attributes.email_confirm ?? false} then now() end,
      case when ${attributes.phone_confirm ?? false} then now() end
    )`;
  await sql`
    insert into auth.identities (id, provider, provider_id, user_id, identity_data)
    values (${crypto.randomUUID()}, ${provider}, ${id}, ${id}, ${sql.json(identity)})`;
}

/** Writes what is given, merges metadata as the platform does, and says whether there is such a user. */
async function updateUser(
  sql: postgres.TransactionSql,
  id: string,
  attributes: Attributes,
): Promise<boolean> {
  const { email = null, phone = null, password = null, role = null } = attributes;
  const { count } = await sql`
    update auth.users
    set email = coalesce(${email}, email), phone = coalesce(${phone}, phone), role = coalesce(${role}, role),
        encrypted_password = coalesce(
          extensions.crypt(${password}::text, extensions.gen_salt('bf')), encrypted_password
        ),
        raw_user_meta_data = coalesce(raw_user_meta_data, '{}')
          || ${sql.json(attributes.user_metadata ?? {})}::jsonb,
        raw_app_meta_data = coalesce(raw_app_meta_data, '{}')
          || ${sql.json(attributes.app_metadata ?? {})}::jsonb,
        email_confirmed_at = case when ${attributes.email_confirm ?? false}
          then coalesce(email_confirmed_at, now()) else email_confirmed_at end,
        phone_confirmed_at = case when ${attributes.phone_confirm ?? false}
          then coalesce(phone_confirmed_at, now()) else phone_confirmed_at end,
        updated_at = now()
    where id = ${id}`;
  if (email !== null) {
    await sql`
      update auth.identities set identity_data = identity_data || jsonb_build_object('email', ${email}::text)
      where user_id = ${id} and provider = 'email'`;
  }
  return count > 0;
}

/** A user as the Auth API shows one; null where there is none. */
async function readUser(sql: postgres.Sql | postgres.TransactionSql, id: string): Promise<unknown> {
  const [row] = await sql<{ user: unknown }[]>`
    select jsonb_strip_nulls(jsonb_build_object(
      'id', users.id, 'aud', users.aud, 'role', users.role, 'email', coalesce(users.email, ''),
      'phone', coalesce(users.phone, ''), 'email_confirmed_at', users.email_confirmed_at,
      'phone_confirmed_at', users.phone_confirmed_at, 'confirmed_at', users.confirmed_at,
      'last_sign_in_at', users.last_sign_in_at, 'is_anonymous', users.is_anonymous,
      'created_at', users.created_at, 'updated_at', users.updated_at
    )) || jsonb_build_object(
      'app_metadata', users.raw_app_meta_data, 'user_metadata', users.raw_user_meta_data,
      'identities', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'identity_id', identities.id, 'id', identities.provider_id, 'user_id', identities.user_id,
          'identity_data', identities.identity_data, 'provider', identities.provider,
          'created_at', identities.created_at, 'updated_at', identities.updated_at
        )), '[]') from auth.identities where identities.user_id = users.id
      )
    ) as user
    from auth.users where users.id = ${id} and users.deleted_at is null`;
  return row?.user ?? null;
}

/** What the Auth server answers when the database refuses, with the reason, which it leaves out. */
function databaseFailure(error: unknown): Response {
  if (!(error instanceof postgres.PostgresError)) throw error;
  if (error.constraint_name === "users_email_partial_key") {
    return failure(
      422,
      "email_exists",
      "A user with this email address has already been registered",
    );
  }
  if (error.constraint_name === "users_phone_key") {
    return failure(
      422,
      "phone_exists",
      "A user with this phone number has already been registered",
    );
  }
  return failure(500, "unexpected_failure", `Database error: ${error.message}`);
}

function noUser(): Response {
  return failure(404, "user_not_found", "User not found");
}

function notHere(what: string): Response {
  return failure(
    501,
    "not_implemented",
    `${what} is not part of the local stack. It works on the hosted platform.`,
  );
}

/** An error in the form that auth-js reads. */
function failure(status: number, error_code: string, msg: string): Response {
  return Response.json({ code: status, error_code, msg }, { status });
}
