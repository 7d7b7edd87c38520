import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Subscription } from "../billing-queries";
import { draw, subscriptionOf } from "../test-tools";
import { RemedyButtons } from "./remedy-buttons";

const PAY = "Pay what is open";
const GO_ON = "Let the plan go on";
const END = "End it now";

describe("RemedyButtons", () => {
  it.each<[string, Subscription["actions"], string[]]>([
    ["active", ["change", "cancel", "add_payment_method"], []],
    ["past_due", ["pay", "add_payment_method", "cancel", "end_now"], [PAY, END]],
    ["unpaid", ["pay", "add_payment_method", "end_now"], [PAY, END]],
    ["incomplete", ["pay", "end_now"], [PAY, END]],
    ["paused", ["add_payment_method", "resume", "end_now"], [GO_ON, END]],
    ["canceled", ["checkout"], []],
  ])("offers for %s what the server does", async (status, actions, names) => {
    await draw(<RemedyButtons subscription={subscriptionOf({ status, actions })} />);
    expect(screen.queryAllByRole("button").map((one) => one.textContent)).toEqual(names);
  });
});
