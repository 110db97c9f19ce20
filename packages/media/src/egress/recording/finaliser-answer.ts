/** What the finaliser says on its standard output, as one line of JSON. Any exit code but 0: it could not work. */
export type FinaliserAnswer =
  | {
      readonly is: "finalised";
      readonly durationMs: number;
      readonly bytes: number;
      readonly video: { readonly codec: string; readonly width: number; readonly height: number } | null;
    }
  /** The disk has no room for a second copy, which it takes for a while. */
  | { readonly is: "no-space" }
  /** Not one whole fragment was there. */
  | { readonly is: "nothing" };
