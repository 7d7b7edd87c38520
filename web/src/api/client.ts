import createClient, { type Middleware } from "openapi-fetch";
import type { paths } from "./schema";
import { Problem, UNREACHED } from "./problem";

const CSRF_COOKIE = "treadle_csrf";
const CSRF_HEADER = "X-CSRF-Token";
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** Called when the server says that nobody is signed in any more. */
let signedOut: () => void = () => {};
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

export function csrfToken(): string {
  const pair = document.cookie.split("; ").find((one) => one.startsWith(`${CSRF_COOKIE}=`));
  return pair ? decodeURIComponent(pair.slice(CSRF_COOKIE.length + 1)) : "";
}

const guard: Middleware = {
  onRequest({ request }) {
    if (!SAFE.has(request.method)) request.headers.set(CSRF_HEADER, csrfToken());
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) return response;
    throw await problemOf(response);
  },
  onError({ error }) {
    if (error instanceof Problem) return error;
    if (error instanceof DOMException && error.name === "AbortError") return error;
    return new Problem(UNREACHED, {
      title: "Treadle cannot be reached",
      detail: "Check that the server runs and that you are online, then try again.",
    });
  },
};

export async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text();
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    body = { title: `The server answered ${response.status}`, detail: text.slice(0, 300) };
  }
  if (response.status === 401) signedOut();
  return new Problem(response.status, body);
}

/** The API, typed by its OpenAPI document; every call that does not succeed throws a `Problem`. */
export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: "same-origin" });
api.use(guard);

/** The body of an answer that succeeded. */
export async function body<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}
