import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent as lazy,
  Outlet,
} from "@tanstack/react-router";
import { InvitationPage } from "./pages/entry/invitation-page.js";
import { BrokenPage, NotFoundPage } from "./pages/entry/not-found-page.js";
import "./pages/entry/set-up-code.js"; // takes the code out of the address before anything else runs
import { ReviewPage } from "./pages/review/review-page.js";
import { readAuditSearch } from "./pages/security/audit-search.js";

// A reviewer's first load carries the doors and the review room. Everything behind a sign-in comes when it is opened.
const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage });
const signIn = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazy(() => import("./pages/entry/sign-in-page.js"), "SignInPage"),
});
const setUp = createRoute({
  getParentRoute: () => root,
  path: "/set-up",
  component: lazy(() => import("./pages/entry/set-up-page.js"), "SetUpPage"),
});
const invitation = createRoute({ getParentRoute: () => root, path: "/i", component: InvitationPage });
const review = createRoute({ getParentRoute: () => root, path: "/r/$roomId", component: ReviewPage });

const check = createRoute({
  getParentRoute: () => root,
  path: "/check",
  component: lazy(() => import("./pages/check/check-page.js"), "CheckPage"),
});

const studio = createRoute({
  getParentRoute: () => root,
  path: "/studio",
  component: lazy(() => import("./pages/studio/studio-layout.js"), "StudioLayout"),
});
const rooms = createRoute({
  getParentRoute: () => studio,
  path: "/",
  component: lazy(() => import("./pages/studio/rooms-page.js"), "RoomsPage"),
  validateSearch: (search: Record<string, unknown>): { archived?: boolean } =>
    search["archived"] === true ? { archived: true } : {},
});
const room = createRoute({
  getParentRoute: () => studio,
  path: "/rooms/$roomId",
  component: lazy(() => import("./pages/studio/room-page.js"), "RoomPage"),
});
const recordings = createRoute({
  getParentRoute: () => studio,
  path: "/recordings",
  component: lazy(() => import("./pages/recordings/recordings-page.js"), "RecordingsPage"),
  validateSearch: (search: Record<string, unknown>): { room?: string } =>
    typeof search["room"] === "string" ? { room: search["room"] } : {},
});
const recording = createRoute({
  getParentRoute: () => studio,
  path: "/recordings/$recordingId",
  component: lazy(() => import("./pages/recordings/recording-page.js"), "RecordingPage"),
});
const about = createRoute({
  getParentRoute: () => studio,
  path: "/about",
  component: lazy(() => import("./pages/about/about-page.js"), "AboutPage"),
});

const talk = createRoute({
  getParentRoute: () => root,
  path: "/talk",
  component: lazy(() => import("./pages/talk/talk-page.js"), "TalkPage"),
});

const accountLayout = createRoute({
  getParentRoute: () => studio,
  path: "/account",
  component: lazy(() => import("./pages/tokens/account-layout.js"), "AccountLayout"),
});
const account = createRoute({
  getParentRoute: () => accountLayout,
  path: "/",
  component: lazy(() => import("./pages/account/account-page.js"), "AccountPage"),
});
const tokens = createRoute({
  getParentRoute: () => accountLayout,
  path: "/tokens",
  component: lazy(() => import("./pages/tokens/tokens-page.js"), "TokensPage"),
});

const ownerOnly = createRoute({
  getParentRoute: () => studio,
  id: "owner",
  component: lazy(() => import("./pages/studio/owner-only.js"), "OwnerOnly"),
});
const people = createRoute({
  getParentRoute: () => ownerOnly,
  path: "/people",
  component: lazy(() => import("./pages/people/people-page.js"), "PeoplePage"),
});
const settingsLayout = createRoute({
  getParentRoute: () => ownerOnly,
  path: "/settings",
  component: lazy(() => import("./pages/engine/settings-layout.js"), "SettingsLayout"),
});
const engine = createRoute({
  getParentRoute: () => settingsLayout,
  path: "/engine",
  component: lazy(() => import("./pages/engine/engine-page.js"), "EnginePage"),
});
const settings = createRoute({
  getParentRoute: () => settingsLayout,
  path: "/",
  component: lazy(() => import("./pages/settings/settings-page.js"), "SettingsPage"),
});
const securityLayout = createRoute({
  getParentRoute: () => ownerOnly,
  path: "/security",
  component: lazy(() => import("./pages/security/security-layout.js"), "SecurityLayout"),
});
const blocks = createRoute({
  getParentRoute: () => securityLayout,
  path: "/",
  component: lazy(() => import("./pages/security/blocks-page.js"), "BlocksPage"),
});
const sessions = createRoute({
  getParentRoute: () => securityLayout,
  path: "/sessions",
  component: lazy(() => import("./pages/security/sessions-page.js"), "SessionsPage"),
});
const audit = createRoute({
  getParentRoute: () => securityLayout,
  path: "/audit",
  component: lazy(() => import("./pages/security/audit-page.js"), "AuditPage"),
  validateSearch: readAuditSearch,
});

/** Every page of the app. */
export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    setUp,
    invitation,
    review,
    check,
    talk,
    studio.addChildren([
      rooms,
      room,
      recordings,
      recording,
      about,
      accountLayout.addChildren([account, tokens]),
      ownerOnly.addChildren([
        people,
        settingsLayout.addChildren([settings, engine]),
        securityLayout.addChildren([blocks, sessions, audit]),
      ]),
    ]),
  ]),
  defaultErrorComponent: BrokenPage,
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
