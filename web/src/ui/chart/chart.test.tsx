import { render, screen, within } from "@testing-library/react";
import { IntlProvider } from "use-intl";
import { describe, expect, it } from "vitest";
import en from "@/i18n/en";
import { Chart, type ChartRow } from "./chart";

function draw(rows: readonly ChartRow[]) {
  render(
    <IntlProvider locale="en" messages={en} timeZone="UTC">
      <Chart
        title="Trials"
        labelName="Month"
        series={[
          { key: "paid", name: "Paid", color: "var(--success)", kind: "bar" },
          { key: "part", name: "Part", color: "var(--info)", kind: "line" },
        ]}
        rows={rows}
        format={(value) => `${value} each`}
        empty="Nothing at all."
      />
    </IntlProvider>,
  );
}

describe("a chart", () => {
  it("says the same as a table", () => {
    draw([
      { label: "March", values: { paid: 3, part: null } },
      { label: "April", values: { paid: 0, part: 2 } },
    ]);
    const table = within(screen.getByRole("table", { hidden: true }));
    expect(table.getAllByRole("row", { hidden: true }).map((row) => row.textContent)).toEqual(["MonthPaidPart", "March3 each–", "April0 each2 each"]);
    expect(screen.getByRole("figure", { name: "Chart: Trials" })).toBeInTheDocument();
  });

  it("says where there is nothing to draw", () => {
    draw([{ label: "March", values: { paid: 0 } }]);
    expect(screen.getByText("Nothing at all.")).toBeInTheDocument();
    expect(screen.queryByRole("figure")).toBeNull();
  });
});
