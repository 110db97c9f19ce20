/** What the panel beside the picture shows. */
export type PanelTab = "people" | "chat" | "signal";

/**
 * How the room is laid out. `picture`: it has the whole window, everything else floats over it and steps back. `tiles`:
 * the filmstrip and the controls have places of their own. `panel`: as that, with the panel beside the picture.
 */
export type Layout = "picture" | "tiles" | "panel";

/** What is open in the room, and where. */
export type RoomView = {
  readonly layout: Layout;
  /** The panel's tab, open or not. */
  readonly tab: PanelTab;
  /** The panel is open over the picture: only in the layout `picture`. */
  readonly isOver: boolean;
  /** Where closing the docked panel leads back to. */
  readonly before: "picture" | "tiles";
};

/** The room as it is met for the first time. */
export const FIRST_VIEW: RoomView = { layout: "picture", tab: "people", isOver: false, before: "picture" };

/** The tab that is to be seen; null: the panel is closed. */
export function openTab(view: RoomView): PanelTab | null {
  return view.layout === "panel" || view.isOver ? view.tab : null;
}

/** Opens the panel at a tab. `docks`: the window has room for it beside or below the picture. */
export function withPanel(view: RoomView, tab: PanelTab, docks: boolean): RoomView {
  if (view.layout === "panel") return { ...view, tab };
  if (!docks && view.layout === "picture") return { ...view, tab, isOver: true };
  return { layout: "panel", tab, isOver: false, before: view.layout };
}

/** Closes the panel: what was docked for it is as it was before. */
export function withoutPanel(view: RoomView): RoomView {
  return { ...view, layout: view.layout === "panel" ? view.before : view.layout, isOver: false };
}

/** The next layout. A panel over the picture goes beside it first. */
export function nextLayout(view: RoomView): RoomView {
  switch (view.layout) {
    case "picture":
      return view.isOver
        ? { ...view, layout: "panel", isOver: false, before: "picture" }
        : { ...view, layout: "tiles" };
    case "tiles":
      return { ...view, layout: "panel", before: "tiles" };
    case "panel":
      return { ...view, layout: "picture", before: "picture" };
  }
}

/** A view as text, to be kept. */
export function viewAsText({ layout, tab, isOver, before }: RoomView): string {
  return [layout, tab, isOver ? "over" : "", before].join(" ");
}

/** A view from text that was kept; null from anything else. */
export function viewFromText(text: string): RoomView | null {
  const [layout, tab, over, before] = text.split(" ");
  if (layout !== "picture" && layout !== "tiles" && layout !== "panel") return null;
  if (tab !== "people" && tab !== "chat" && tab !== "signal") return null;
  if (before !== "picture" && before !== "tiles") return null;
  return { layout, tab, isOver: over === "over" && layout === "picture", before };
}
