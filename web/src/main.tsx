import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { Tooltip } from "radix-ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Toaster } from "sonner";
import { queryClient } from "@/api/queries";
import { LanguageProvider } from "@/i18n/provider";
import { useShownTheme } from "@/shell/theme";
import { ConfirmProvider } from "@/ui";
import { nonce } from "./nonce";
import { router } from "./router";
import "./styles.css";

setNonce(nonce);

function Toasts() {
  return <Toaster theme={useShownTheme()} position="bottom-right" closeButton richColors />;
}

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <LanguageProvider>
        <QueryClientProvider client={queryClient}>
          <Tooltip.Provider delayDuration={400}>
            <ConfirmProvider>
              <RouterProvider router={router} />
              <Toasts />
            </ConfirmProvider>
          </Tooltip.Provider>
        </QueryClientProvider>
      </LanguageProvider>
    </StrictMode>,
  );
}
