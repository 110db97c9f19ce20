import { Fragment, type ReactNode } from "react";

/** A row: one cell for each heading, and what stands under it over the full width, such as a question about it. */
export type TableRow = {
  readonly key: string;
  readonly cells: readonly ReactNode[];
  readonly below?: ReactNode;
  readonly testId?: string;
};

/**
 * The design system's table. On a narrow screen each row becomes a card whose values have their heading beside them, so
 * nothing scrolls sideways. An empty heading marks the column of buttons.
 */
export function Table({
  caption,
  isCaptionHidden = false,
  head,
  rows,
  testId,
}: {
  caption: string;
  /** When a heading above the table says the same. */
  isCaptionHidden?: boolean;
  head: readonly string[];
  rows: readonly TableRow[];
  testId?: string;
}) {
  return (
    <table className="govuk-table cs-table" data-testid={testId}>
      <caption
        className={isCaptionHidden ? "govuk-visually-hidden" : "govuk-table__caption govuk-table__caption--m"}
      >
        {caption}
      </caption>
      <thead className="govuk-table__head">
        <tr className="govuk-table__row">
          {head.map((title) => (
            <th scope="col" className="govuk-table__header" key={title}>
              {title === "" ? <span className="govuk-visually-hidden">Actions</span> : title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="govuk-table__body">
        {rows.map((row) => (
          <Fragment key={row.key}>
            <tr
              className={`govuk-table__row${row.below == null ? "" : " cs-table__row--open"}`}
              data-testid={row.testId}
            >
              {row.cells.map((cell, index) => (
                <td
                  className={`govuk-table__cell${head[index] === "" ? " cs-table__actions" : ""}${isEmpty(cell) ? " cs-table__empty" : ""}`}
                  key={head[index]}
                >
                  {head[index] !== "" && <span className="cs-table__label">{head[index]}</span>}
                  <div className="cs-table__value">{cell}</div>
                </td>
              ))}
            </tr>
            {row.below != null && (
              <tr className="govuk-table__row cs-table__below">
                <td className="govuk-table__cell" colSpan={head.length}>
                  {row.below}
                </td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

/** A card leaves out what has no value. */
function isEmpty(cell: ReactNode): boolean {
  return cell === null || cell === undefined || cell === "";
}
