import { AsyncLocalStorage } from "node:async_hooks";
import type { EmailDriver } from "@supabase/lite";

/**
 * The default target of links: a page under development on this machine. Other ports
 * of `localhost` and `127.0.0.1` are allowed as targets too.
 */
export const siteUrl = "http://localhost:3000";

/** What the e-mails of the stack need to know. */
export interface LocalMailOptions {
  /** Base URL under which the Auth API is reached. */
  apiUrl: string;
  /** Prints an e-mail for the person at the terminal. */
  report: (text: string) => void;
}

/** E-mails that are printed in place of being delivered. */
export interface LocalMail {
  driver: EmailDriver;
  /** Answers a request of the Auth API, whose e-mails lead to the page that it names. */
  during<Result>(request: Request, answer: () => Promise<Result>): Promise<Result>;
}

/**
 * Builds them. The library builds links on the URL of the site, where no Auth API answers, and leaves out
 * the page that the client asks for with `redirect_to`; here links have both. The Auth API decides
 * whether the page is allowed when the link is followed.
 */
export function createLocalMail({ apiUrl, report }: LocalMailOptions): LocalMail {
  const requests = new AsyncLocalStorage<Request>();
  const completeLink = (link: string): string => {
    const { search } = new URL(link);
    const completed = new URL(`${apiUrl}/auth/v1/verify${search}`);
    const request = requests.getStore();
    const page = request && new URL(request.url).searchParams.get("redirect_to");
    if (page) completed.searchParams.set("redirect_to", page);
    return completed.href;
  };
  return {
    driver: {
      send({ to, subject, text = "" }) {
        const body = text.replaceAll(/https?:\S+\/auth\/v1\/verify\?\S+/g, completeLink);
        report(`\nE-mail to ${to}, printed instead of sent: ${subject}\n\n${body.trim()}\n`);
        return Promise.resolve();
      },
    },
    during: (request, answer) => requests.run(request, answer),
  };
}
