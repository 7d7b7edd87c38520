import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { Tooltip } from "radix-ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "@/api/queries";
import { LanguageProvider } from "@/i18n/provider";
import { ConfirmProvider } from "@/ui";
import { Toasts } from "@/ui/toast";
import { nonce } from "./nonce";
import { router } from "./router";
import "./styles.css";

setNonce(nonce);

const PLANS = { to: "/settings/$section", params: { section: "billing" }, search: { tab: "plans" } } as const;

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <LanguageProvider>
        <QueryClientProvider client={queryClient}>
          <Tooltip.Provider delayDuration={400}>
            <ConfirmProvider>
              <RouterProvider router={router} />
              <Toasts plansHref={router.buildLocation(PLANS).href} onPlans={() => void router.navigate(PLANS)} />
            </ConfirmProvider>
          </Tooltip.Provider>
        </QueryClientProvider>
      </LanguageProvider>
    </StrictMode>,
  );
}
