import "@fontsource-variable/inter/wght.css";
import "./styles.scss";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiProblem } from "./api/call.js";
import { mayRetry, sessionQuery } from "./api/queries.js";
import { router } from "./router.js";

/** A session that has ended elsewhere shows in whatever is asked next: the studio then asks who is signed in. */
function noticeSignOut(error: Error) {
  if (!(error instanceof ApiProblem) || error.code !== "sign_in_needed") return;
  void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
}

const client = new QueryClient({
  queryCache: new QueryCache({ onError: noticeSignOut }),
  mutationCache: new MutationCache({ onError: noticeSignOut }),
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
