import { createRootRoute, createRoute, createRouter, Outlet } from "@tanstack/react-router";
import { BrokenPage, NotFoundPage } from "./pages/entry/not-found-page.js";
import { SetUpPage } from "./pages/entry/set-up-page.js";
import { SignInPage } from "./pages/entry/sign-in-page.js";
import { ReviewPage } from "./pages/review/review-page.js";
import { RoomPage } from "./pages/studio/room-page.js";
import { RoomsPage } from "./pages/studio/rooms-page.js";
import { StudioLayout } from "./pages/studio/studio-layout.js";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage });
const signIn = createRoute({ getParentRoute: () => root, path: "/", component: SignInPage });
const setUp = createRoute({ getParentRoute: () => root, path: "/set-up", component: SetUpPage });
const studio = createRoute({ getParentRoute: () => root, path: "/studio", component: StudioLayout });
const rooms = createRoute({
  getParentRoute: () => studio,
  path: "/",
  component: RoomsPage,
  validateSearch: (search: Record<string, unknown>): { archived?: boolean } =>
    search["archived"] === true ? { archived: true } : {},
});
const room = createRoute({ getParentRoute: () => studio, path: "/rooms/$roomId", component: RoomPage });
const review = createRoute({ getParentRoute: () => root, path: "/r/$roomId", component: ReviewPage });

/** Every page of the app. */
export const router = createRouter({
  routeTree: root.addChildren([signIn, setUp, studio.addChildren([rooms, room]), review]),
  defaultErrorComponent: BrokenPage,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
