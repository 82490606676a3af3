declare global {
  interface ImportMeta {
    /** Vite fills this in. */
    env: Record<string, string | undefined>;
  }
}

/** Where the backend is; `npm start` prints these values. */
export const { VITE_API_URL = "", VITE_PUBLISHABLE_KEY = "" } = import.meta.env;
