import { useEffect, useState } from "react";
import { Button } from "./button.js";

const SAID_FOR_MS = 2_500;

/** Copies a text and says so, also to those who cannot see the button change. */
export function CopyButton({
  text,
  label,
  copies,
  look = "secondary",
}: {
  text: string;
  label: string;
  /** What is copied, for a screen reader: "stream key". */
  copies: string;
  look?: "primary" | "secondary";
}) {
  const [said, setSaid] = useState<"" | "Copied" | "Copy failed">("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => setSaid(""), SAID_FOR_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <>
      <Button
        look={look}
        small
        aria-label={`${label} ${copies}`}
        onClick={() => {
          copyText(text).then(
            () => setSaid("Copied"),
            () => setSaid("Copy failed"),
          );
        }}
      >
        {said === "" ? label : said}
      </Button>
      <span className="govuk-visually-hidden" aria-live="polite">
        {said === "Copied" ? `Copied ${copies}` : said}
      </span>
    </>
  );
}

/** The clipboard, or the older command where the page is not on https or localhost and has no clipboard. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "govuk-visually-hidden";
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (!isCopied) throw new Error("the browser did not copy");
}

/** A value in full with its copy button. */
export function CopyField({ value, copies, testId }: { value: string; copies: string; testId: string }) {
  return (
    <div className="cs-copy">
      <span className="cs-copy__value" data-testid={testId}>
        {value}
      </span>
      <CopyButton text={value} label="Copy" copies={copies} />
    </div>
  );
}
