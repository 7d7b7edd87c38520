import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { Tooltip } from "radix-ui";
import { describe, expect, it } from "vitest";
import { IntlProvider } from "use-intl";
import en from "@/i18n/en";
import { isOlder, type WorkflowNode } from "../state/document";
import { MissingType } from "./missing-type";

const NODE: WorkflowNode = { id: "hello", type: "greet", version: 1, params: { times: 2 } };

function draw(node: WorkflowNode, version?: number) {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  queries.setQueryData(["node-types"], { items: version === undefined ? [] : [{ type: "greet", version }] });
  return render(
    <IntlProvider locale="en" messages={en} timeZone="UTC">
      <QueryClientProvider client={queries}>
        <Tooltip.Provider>
          <MissingType node={node} />
        </Tooltip.Provider>
      </QueryClientProvider>
    </IntlProvider>,
  );
}

describe("MissingType", () => {
  it("says of a node that could not be upgraded of which version it is, and keeps what it has", () => {
    draw(NODE, 2);
    expect(screen.getByText("This node was made with an older version of its type")).toBeVisible();
    expect(screen.getByText(/version 1 of the node type greet, and version 2 is installed/)).toBeVisible();
    expect(screen.queryByText(/fails only where it reaches/)).toBeNull();
    expect(screen.getByRole("region", { name: "Its configuration, kept as it is" })).toHaveTextContent('"times": 2');
  });
  it("says what to install where the node is newer, or its type is not here", () => {
    draw({ ...NODE, version: 3 }, 2);
    expect(screen.getByText(/needs version 3 of the node type greet, and version 2 is installed/)).toBeVisible();
    draw(NODE);
    expect(screen.getByText(/Install the plugin that brings the node type greet/)).toBeVisible();
  });
});

describe("isOlder", () => {
  it("is what names an earlier version than the newest; what names none is of the newest", () => {
    expect([1, 2, 3, null, undefined].map((version) => isOlder({ version }, { version: 2 }))).toEqual([true, false, false, false, false]);
  });
});
