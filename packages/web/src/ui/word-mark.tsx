/** Our own mark: four steps of a grey scale and the name. */
export function WordMark() {
  return (
    <svg className="cs-word-mark" viewBox="0 0 178 26" role="img" aria-label="ColourStream">
      <rect x="0" y="4" width="5" height="18" fill="#5a5a5a" />
      <rect x="7" y="4" width="5" height="18" fill="#8c8c8c" />
      <rect x="14" y="4" width="5" height="18" fill="#bebebe" />
      <rect x="21" y="4" width="5" height="18" fill="#f0f0f0" />
      <text x="36" y="20">
        ColourStream
      </text>
    </svg>
  );
}
