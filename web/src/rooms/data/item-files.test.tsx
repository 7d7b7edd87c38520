import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { draw } from "@/rooms/billing/test-tools";
import { ItemFiles, type ItemFile } from "./item-files";

const PLAN: ItemFile = { name: "plan.pdf", media_type: "application/pdf", size: 3_355_443, key: "sha256:1" };
const MORE: ItemFile[] = [1, 2, 3].map((n) => ({ ...PLAN, name: `${n}.pdf`, key: `sha256:${n}` }));

describe("files beside an item", () => {
  it("are named with their size, each with a way to keep it", async () => {
    await draw(<ItemFiles files={[PLAN]} hrefOf={(file) => `/files/${file.key}`} />);
    const link = screen.getByRole("link", { name: "Download plan.pdf, 3.2 MB" });
    expect(link).toHaveAttribute("href", "/files/sha256:1");
    expect(link).toHaveAttribute("download", "plan.pdf");
    expect(link).toHaveTextContent("3.2 MB");
  });
  it("are only named where nobody gives them out", async () => {
    await draw(<ItemFiles files={[PLAN]} />);
    expect(screen.getByText("plan.pdf")).toBeInTheDocument();
    expect(screen.queryByRole("link")).toBeNull();
  });
  it("say how many more there are", async () => {
    await draw(<ItemFiles files={MORE} hrefOf={(file) => file.key} most={2} />);
    expect(screen.getAllByRole("link")).toHaveLength(2);
    expect(screen.getByText("1 more")).toBeInTheDocument();
  });
});
