import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { PROJECT_ROOT } from "../tools/root.js";

const SOURCE = readFileSync(join(PROJECT_ROOT, "node_modules/axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

type Violation = { id: string; nodes: { target: unknown; failureSummary?: string }[] };
type Axe = { run(root: Document, options: unknown): Promise<{ violations: Violation[]; passes: unknown[] }> };

/** What axe finds against WCAG 2.0 to 2.2, levels A and AA, in the page as it stands: a line for each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(`${SOURCE}; undefined`); // by DevTools: the pages' own policy lets no foreign script in
  const { violations, passes } = await page.evaluate(async (values) => {
    const axe = Reflect.get(window, "axe") as Axe;
    const found = await axe.run(document, { runOnly: { type: "tag", values } });
    return { violations: found.violations, passes: found.passes.length };
  }, RULES);
  if (passes < 5) throw new Error("axe looked at nothing");
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary = "" }) => `${id}: ${JSON.stringify(target)} ${failureSummary}`),
  );
}

/** Walks the page by Tab alone; gives what can be used but was not reached, and what was focused without a sign. */
export async function keyboardFaults(page: Page): Promise<string[]> {
  const wanted = await page.evaluate(() => {
    const all = [
      ...document.querySelectorAll<HTMLElement>(
        "a[href], button, input, select, textarea, summary, [tabindex='0']",
      ),
    ];
    const usable = all.filter((element) => {
      const isOff = element.matches(":disabled, [inert] *, [tabindex='-1'], input[type=hidden]");
      // Of a group of radio buttons Tab reaches one: the arrows do the rest.
      const isOtherRadio =
        element instanceof HTMLInputElement && element.type === "radio" && !element.checked;
      return !isOff && !isOtherRadio && element.checkVisibility({ visibilityProperty: true });
    });
    usable.forEach((element, at) => {
      element.dataset["walk"] = String(at);
    });
    (document.activeElement as HTMLElement | null)?.blur();
    window.getSelection()?.removeAllRanges();
    return usable.map((element) => element.outerHTML.slice(0, 160));
  });
  const reached = new Set<number>();
  const signless: string[] = [];
  for (let step = 0; step < wanted.length + 12 && reached.size < wanted.length; step += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement | null;
      if (element === null || element === document.body) return null;
      // A hidden native control is shown by what lies beside or around it.
      const seen = [element, element.nextElementSibling, element.parentElement].filter((one) => one !== null);
      const hasSign = seen.some((one) =>
        ["", "::before", "::after"].some((part) => {
          const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one, part === "" ? null : part);
          return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
        }),
      );
      return { walk: Number(element.dataset["walk"] ?? -1), hasSign, html: element.outerHTML.slice(0, 160) };
    });
    if (at === null) continue;
    if (at.walk >= 0) reached.add(at.walk);
    if (!at.hasSign) signless.push(`no visible focus: ${at.html}`);
  }
  const missed = wanted.filter((_html, at) => !reached.has(at)).map((html) => `not reached by Tab: ${html}`);
  return [...missed, ...new Set(signless)];
}
