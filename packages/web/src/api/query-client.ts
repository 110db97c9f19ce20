import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./call.js";
import { mayRetry, sessionQuery } from "./queries.js";

/** A session that has ended elsewhere shows in whatever is asked next: the studio then asks who is signed in. */
function noticeSignOut(error: Error) {
  if (!(error instanceof ApiProblem) || error.code !== "sign_in_needed") return;
  void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
}

/** What the app has been told by the server. What changes comes by the realtime connection; a page that gets the focus back asks once more. */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeSignOut }),
  mutationCache: new MutationCache({ onError: noticeSignOut }),
  defaultOptions: { queries: { retry: mayRetry, staleTime: 5_000 } },
});
