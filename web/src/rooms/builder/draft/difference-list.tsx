import { useTranslations } from "use-intl";
import { Badge, type Tone } from "@/ui";
import { isNothing, type Difference, type Differences } from "./differences";

export const TONES: Record<Difference["kind"], Tone> = { added: "success", removed: "danger", changed: "warning" };

/** What differs between two documents, node by node and member by member. */
export function DifferenceList({ found }: { found: Differences }) {
  const t = useTranslations("builder");
  return (
    <>
      {isNothing(found) ? <p className="text-ink-soft">{t("noDifference")}</p> : null}
      {found.connectionsAdded + found.connectionsRemoved > 0 ? (
        <p className="text-ink-soft">{t("connectionsChanged", { added: found.connectionsAdded, removed: found.connectionsRemoved })}</p>
      ) : null}
      <Members members={found.workflow} />
      <ul className="flex max-h-80 flex-col gap-2 overflow-y-auto">
        {found.nodes.map((one) => (
          <li key={one.nodeId} className="rounded-lg border p-2">
            <span className="flex items-center gap-2">
              <Badge tone={TONES[one.kind]}>{t(one.kind)}</Badge>
              <span className="font-medium">{one.title}</span>
            </span>
            <Members members={one.members} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Members({ members }: { members: Difference["members"] }) {
  return members.map((member) => (
    <div key={member.name} className="mt-1.5 grid gap-1 font-mono text-xs">
      <span className="font-sans text-ink-soft">{member.name}</span>
      <del className="max-h-24 overflow-auto rounded bg-danger-soft px-1.5 py-0.5 whitespace-pre-wrap text-danger-text no-underline">{textOf(member.before)}</del>
      <ins className="max-h-24 overflow-auto rounded bg-success-soft px-1.5 py-0.5 whitespace-pre-wrap text-success-text no-underline">{textOf(member.after)}</ins>
    </div>
  ));
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "–";
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}
