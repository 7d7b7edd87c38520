import { useMay } from "@/api/me";
import { InvitationForm } from "./invitation-form";
import { InvitationTable } from "./invitation-table";
import { MemberTable } from "./member-table";

export function MembersSection() {
  const may = useMay("member:write");
  return (
    <div className="flex flex-col gap-4">
      {may ? <InvitationForm /> : null}
      <MemberTable />
      {may ? <InvitationTable /> : null}
    </div>
  );
}
