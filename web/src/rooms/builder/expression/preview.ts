import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, body } from "@/api/client";

const REST_MS = 300;

export interface ExpressionContext {
  item: unknown;
  items: unknown[];
  nodes: Record<string, unknown>;
  /** Where `item` was seen, so that other nodes show the items that it came from. */
  place?: { execution_id: string; node_id: string; run_index: number; index: number };
}

export interface Preview {
  value?: unknown;
  error?: { message: string; column: number | null };
}

function useRested<T>(value: T): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), REST_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}

/** What an expression or a text with expressions comes to, with the data that are known. */
export function usePreview(text: string, context: ExpressionContext | null, isTemplate: boolean): Preview | null {
  const rested = useRested(text);
  const wanted = context !== null && rested.trim() !== "" && (!isTemplate || rested.includes("{{"));
  const preview = useQuery({
    queryKey: ["expression", rested, context],
    enabled: wanted,
    staleTime: Infinity,
    gcTime: 60_000,
    queryFn: async () => {
      const { place, ...seen } = context ?? {};
      const answer = await body(
        api.POST("/api/v1/expressions/preview", { body: { expression: rested, context: seen as { [key: string]: unknown }, ...(place ? { place } : {}) } }),
      );
      return answer as Preview;
    },
  });
  return wanted ? (preview.data ?? null) : null;
}
