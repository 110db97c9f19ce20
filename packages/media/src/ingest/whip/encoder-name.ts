const MAX_NAME = 100;

/** Browsers, the more particular first: Edge and Opera also call themselves Chrome, and Chrome Safari. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\/(\d+)/, "Edge"],
  [/\bOPR\/(\d+)/, "Opera"],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, "Firefox"],
  [/\b(?:Chrome|Chromium|HeadlessChrome|CriOS)\/(\d+)/, "Chrome"],
  [/\bVersion\/(\d+)[\d.]* .*Safari\//, "Safari"],
];

/** What the studio calls a publisher by its User-Agent (RFC 9110 §10.1.5); null when that says nothing. */
export function encoderName(agent: string): string | null {
  if (agent.startsWith("Mozilla/")) {
    for (const [pattern, name] of BROWSERS) {
      const version = pattern.exec(agent)?.[1];
      if (version !== undefined) return `${name} ${version}`;
    }
  }
  const printable = agent.replace(/[^\x20-\x7e]/g, "").trim();
  return printable === "" ? null : printable.slice(0, MAX_NAME);
}
