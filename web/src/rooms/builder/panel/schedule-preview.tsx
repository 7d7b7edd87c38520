import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { api, body } from "@/api/client";
import { useScheduleWords } from "@/rooms/triggers/schedule-words";
import { StartTimes } from "@/rooms/triggers/start-times";
import { documentOf, useBuilder } from "../state/store";

const SHORTEST_MS = 30_000;
const LONGEST_MS = 86_400_000;

/** When the first of the starts that are shown lies behind; false where there is none. */
function passedIn(first: string | undefined, now: number): number | false {
  return first === undefined ? false : Math.min(Math.max(Date.parse(first) - now, SHORTEST_MS), LONGEST_MS);
}

/** What a schedule's parameters mean, as one types: in plain words, and as the next five starts. */
export function SchedulePreview({ type, params }: { type: string; params: Record<string, unknown> }) {
  const wanted = useDeferredValue(params);
  const timezone = useBuilder((builder) => documentOf(builder).settings?.timezone) ?? "UTC";
  const words = useScheduleWords(wanted);
  const preview = useQuery({
    queryKey: ["schedule-preview", type, wanted, timezone],
    queryFn: () => body(api.POST("/api/v1/schedules/preview", { body: { type, params: wanted as { [key: string]: unknown }, timezone } })),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => passedIn(query.state.data?.next[0], Date.now()),
    retry: false,
  });
  // What is wrong with them is said beside the fields.
  if (preview.error || !preview.data) return null;
  return (
    <div aria-live="polite" className="flex flex-col gap-2 rounded-lg border p-3">
      {words ? <p className="text-sm font-medium">{words}</p> : null}
      <StartTimes times={preview.data.next} timezone={preview.data.timezone} />
    </div>
  );
}
