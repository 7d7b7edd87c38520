import { QueryClient } from "@tanstack/react-query";
import { Problem } from "./problem";

const TRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays one; only what did not arrive is worth asking again.
      retry: (count, error) => count < TRIES && (!(error instanceof Problem) || error.status === 0 || error.status >= 502),
    },
  },
});
