import "@fontsource-variable/inter/wght.css";
import "./styles.scss";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { mayRetry } from "./api/queries.js";
import { router } from "./router.js";

const client = new QueryClient({
  // What changes comes by the realtime connection; a page that gets the focus back asks once more.
  defaultOptions: { queries: { retry: mayRetry, staleTime: 5_000 } },
});

const place = document.getElementById("app");
if (place === null) throw new Error("index.html has no #app");
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
