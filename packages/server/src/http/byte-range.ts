/** Which bytes of a file are asked for. "all": send it whole. "unsatisfiable": 416. Both ends are inclusive. */
export type ByteRange = { readonly first: number; readonly last: number } | "all" | "unsatisfiable";

/**
 * Reads a Range header (RFC 9110 §14.2) for a file of `size` bytes. What is not one range of bytes is ignored, as the
 * RFC allows (§14.2): the answer is then the whole file.
 */
export function parseByteRange(header: string | undefined, size: number): ByteRange {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replaceAll(" ", "") ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return "all";
  if (from === "") {
    const length = Math.min(Number(to), size);
    return length === 0 ? "unsatisfiable" : { first: size - length, last: size - 1 };
  }
  const first = Number(from);
  if (to !== "" && Number(to) < first) return "all"; // not a range (§14.1.1)
  if (first >= size) return "unsatisfiable";
  return { first, last: to === "" ? size - 1 : Math.min(Number(to), size - 1) };
}

/** Content-Disposition of a download: for old clients in plain letters, for others as it is (RFC 6266, RFC 8187). */
export function attachmentNamed(name: string): string {
  // Not allowed in a file's name on one system or another.
  const safe = name.replace(/[\\/:*?"<>|\p{Cc}]/gu, "-").replace(/^\.+/, "") || "recording";
  const plain =
    safe
      .normalize("NFKD")
      .replace(/[^\x20-\x7e]/g, "")
      .replace(/%/g, "")
      .trim() || "recording";
  const encoded = encodeURIComponent(safe).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}.mp4"; filename*=UTF-8''${encoded}.mp4`;
}
