import { expect, test } from "vitest";
import {
  FIRST_VIEW,
  nextLayout,
  openTab,
  viewAsText,
  viewFromText,
  withoutPanel,
  withPanel,
} from "./view.js";

test("L goes from the picture alone to tiles, to the panel, and back", () => {
  const tiles = nextLayout(FIRST_VIEW);
  const panel = nextLayout(tiles);
  expect([FIRST_VIEW, tiles, panel, nextLayout(panel)].map(({ layout }) => layout)).toEqual([
    "picture",
    "tiles",
    "panel",
    "picture",
  ]);
  expect([tiles, panel, nextLayout(panel)].map(openTab)).toEqual([null, "people", null]);
});

test("a panel that was docked to be opened leaves the layout as it was before", () => {
  const opened = withPanel(FIRST_VIEW, "chat", true);
  expect([opened.layout, openTab(opened)]).toEqual(["panel", "chat"]);
  expect(withoutPanel(withPanel(opened, "signal", true))).toMatchObject({ layout: "picture", isOver: false });
  expect(withoutPanel(withPanel(nextLayout(FIRST_VIEW), "chat", false)).layout).toBe("tiles");
});

test("where there is no room it opens over the picture, and L puts it beside", () => {
  const over = withPanel(FIRST_VIEW, "people", false);
  expect([over.layout, openTab(over)]).toEqual(["picture", "people"]);
  expect(openTab(withoutPanel(over))).toBeNull();
  expect(nextLayout(over)).toMatchObject({ layout: "panel", isOver: false, before: "picture" });
});

test("a view is kept as text, and other text is no view", () => {
  for (const view of [FIRST_VIEW, withPanel(FIRST_VIEW, "chat", false), nextLayout(nextLayout(FIRST_VIEW))]) {
    expect(viewFromText(viewAsText(view))).toEqual(view);
  }
  for (const text of ["", "picture", "picture mail  picture", "panel chat over panel", "1 2 3 4"]) {
    expect(viewFromText(text)).toBeNull();
  }
  expect(viewFromText("panel chat over tiles")).toMatchObject({ isOver: false });
});
