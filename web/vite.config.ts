import react from "@vitejs/plugin-react";
import tailwindcss from "@tailwindcss/vite";
import { compression, defineAlgorithm } from "vite-plugin-compression2";
import { defineConfig } from "vitest/config";

const gateway = process.env.TREADLE_GATEWAY ?? "http://127.0.0.1:8700";
// Host stays as the browser sent it: the gateway refuses to write for a page of another site.
const proxied = Object.fromEntries(
  ["/api", "/hooks", "/callbacks", "/healthz", "/readyz"].map((path) => [
    path,
    { target: gateway, changeOrigin: false, ws: true },
  ]),
);

export default defineConfig({
  plugins: [
    react(),
    tailwindcss(),
    // The gateway sends these as they are, so that it never compresses anything itself.
    compression({ algorithms: [defineAlgorithm("gzip", { level: 9 }), defineAlgorithm("brotliCompress")] }),
  ],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  // Nothing inlined as data: the Content-Security-Policy allows fonts and styles from here only.
  build: { target: "es2023", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { host: "127.0.0.1", proxy: proxied },
  // Only for what hangs: they run beside other tests, and a loaded machine is no failure.
  test: { testTimeout: 60_000, environment: "jsdom", setupFiles: ["./src/test-setup.ts"], globals: false },
});
