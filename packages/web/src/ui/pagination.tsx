import { Button } from "./button.js";

/** Back and forth through a long list; nothing at all when there is one page. */
export function Pagination({
  hasPrevious,
  hasNext,
  onPrevious,
  onNext,
}: {
  hasPrevious: boolean;
  hasNext: boolean;
  onPrevious: () => void;
  onNext: () => void;
}) {
  if (!hasPrevious && !hasNext) return null;
  return (
    <nav className="cs-pages" aria-label="Pages">
      <Button look="secondary" small disabled={!hasPrevious} onClick={onPrevious} data-testid="previous-page">
        <span aria-hidden="true">← </span>Previous<span className="govuk-visually-hidden"> page</span>
      </Button>
      <Button look="secondary" small disabled={!hasNext} onClick={onNext} data-testid="next-page">
        Next<span className="govuk-visually-hidden"> page</span>
        <span aria-hidden="true"> →</span>
      </Button>
    </nav>
  );
}
